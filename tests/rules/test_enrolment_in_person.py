"""Each requirement of an enrolment in person missing in turn: its own reason, and only that."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lme_operator.core.canonical import format_instant, to_base64url
from lme_operator.domain.credentials import thumbprint_of
from lme_operator.domain.enrolment.in_person.civil import compare
from lme_operator.domain.enrolment.in_person.pieces import Piece, Task
from lme_operator.domain.enrolment.in_person.rules import Gathered, Limits, adjudicate, adjudicate_task
from tests.factories.authenticator import SoftwareAuthenticator

AT = datetime(2026, 4, 20, 15, 0, tzinfo=UTC)
OPENED = AT - timedelta(days=2)
OFFICER = "persona:16000001-8"
SESSION, OTHER_SESSION = UUID(int=1), UUID(int=2)
LIMITS = Limits(document_days=7, address_days=90, supervised_minutes=60, terms="condiciones-1")
ADDRESS = {"calle": "Los Aromos", "numero": "123", "comuna": "13101"}
PAPER = {"id": str(UUID(int=9)), "digesto": "digesto", "tipo": "application/pdf"}
PICTURES = [{**PAPER, "digesto": "documento"}, {**PAPER, "digesto": "persona"}]
OWN_EYES = {
    "medio": "funcionario",
    "resultado": "coincide",
    "declaracion": "La vi.",
    "biometria": {"resultado": "sin_datos"},
}
REGISTERED = {
    "nombres": "ANTONIA PAZ",
    "apellido_paterno": "NANCUPIL",
    "apellido_materno": "Riquelme",
    "fecha_nacimiento": "1980-05-01",
    "profesion": 1,
}
CONTENTS: Mapping[Task, dict[str, Any]] = {
    Task.DATA: {
        "nombres": "Antonia Paz",
        "apellido_paterno": "Ñancupil",
        "apellido_materno": "Riquelme",
        "fecha_nacimiento": "1980-05-01",
        "profesion": 1,
        "correo": "antonia@example.cl",
        "telefono": "+56912345678",
        "direccion": ADDRESS,
    },
    Task.DOCUMENT: {"clase": "cedula", "numero": "A123456789", "estado": "vigente", "vence_en": "2030-01-01"},
    Task.RNPI: {"resultado": "vigente", "instante": format_instant(AT), "registro": REGISTERED, "observaciones": None},
    Task.ADDRESS: {"fecha": "2026-03-01", "coincide": True, "direccion": ADDRESS, "archivo": PAPER},
    Task.MAIL: {"direccion": "antonia@example.cl", "compartido": False},
    Task.TELEPHONE: {"direccion": "+56912345678", "compartido": False},
    Task.IDENTITY: {"medio": "biometria", "resultado": "coincide", "archivos": PICTURES},
    Task.FACTOR: {"tipo": "totp"},
    Task.TERMS: {"digesto": "condiciones-1"},
}


def piece(task: Task, **changes: Any) -> Piece:
    return Piece(
        id=UUID(int=100 + list(Task).index(task)),
        task=task,
        by=OFFICER,
        session_id=SESSION,
        at=AT,
        entry_id=UUID(int=200),
        content={**CONTENTS[task], **changes},
    )


def gathered(*, without: tuple[Task, ...] = (), at: datetime = AT, **contents: Any) -> Gathered:
    pieces = {task: piece(task, **contents.get(task.value, {})) for task in CONTENTS if task not in without}
    return Gathered(opened_at=OPENED, at=at, pieces=pieces, limits=LIMITS)


def codes(case: Gathered) -> list[str]:
    return [finding.code for finding in adjudicate(case).findings]


@pytest.mark.norm("N-2.1a", "N-2.1b", "N-2.1c", "N-2.1d", "N-2.2a")
def test_a_complete_case_lacks_nothing() -> None:
    assert codes(gathered()) == []


@pytest.mark.norm("N-2.1a", "N-2.1b", "N-2.1c", "N-2.1d", "N-2.2a")
@pytest.mark.parametrize(
    ("task", "code"),
    [
        (Task.DOCUMENT, "falta_documento"),
        (Task.RNPI, "falta_rnpi"),
        (Task.ADDRESS, "falta_domicilio"),
        (Task.MAIL, "falta_correo"),
        (Task.TELEPHONE, "falta_telefono"),
        (Task.IDENTITY, "falta_identidad"),
        (Task.FACTOR, "falta_factor"),
        (Task.TERMS, "faltan_condiciones"),
    ],
)
def test_each_task_missing_has_its_own_reason(task: Task, code: str) -> None:
    assert codes(gathered(without=(task,))) == [code]
    assert [finding.code for finding in adjudicate_task(gathered(without=(task,)), task).findings] == [code]


def test_without_data_nothing_that_rests_on_them_holds() -> None:
    assert codes(gathered(without=(Task.DATA,))) == [
        "faltan_datos", "domicilio_no_coincide", "correo_distinto", "telefono_distinto",
    ]  # fmt: skip


YESTERDAY = format_instant(AT - timedelta(days=1))
LATER = format_instant(AT + timedelta(minutes=1))
AUTHORISED = {"numero": "1", "fecha": "2026-04-01", "archivo": PAPER}
CHANGES: list[tuple[str, dict[str, dict[str, Any]]]] = [
    ("documento_no_vigente", {"documento": {"estado": "no_vigente"}}),
    ("documento_no_vigente", {"documento": {"estado": None}}),
    ("documento_no_coincide", {"documento": {"estado": "no_coincide"}}),
    ("documento_sin_respuesta", {"documento": {"estado": "sin_respuesta"}}),
    ("documento_vencido", {"documento": {"vence_en": "2026-04-19"}}),
    ("documento_vencido", {"documento": {"vence_en": "no es fecha"}}),
    ("falta_autorizacion", {"documento": {"clase": "rut_provisorio"}}),
    ("falta_autorizacion", {"documento": {"clase": "rut_provisorio", "autorizacion": {**AUTHORISED, "archivo": None}}}),
    ("rnpi_no_inscrito", {"rnpi": {"resultado": "no_inscrito", "registro": None}}),
    ("rnpi_titulo_no_habilita", {"rnpi": {"resultado": "otro_titulo", "registro": None}}),
    ("rnpi_sin_respuesta", {"rnpi": {"resultado": "imposible", "causa": "ajena", "registro": None}}),
    ("rnpi_inconsistente", {"rnpi": {"resultado": "inconsistente", "registro": None}}),
    ("falta_rnpi", {"rnpi": {"resultado": "otra cosa", "registro": None}}),
    ("rnpi_de_otro_dia", {"rnpi": {"instante": YESTERDAY}}),
    ("rnpi_de_otro_dia", {"rnpi": {"instante": LATER}}),
    ("rnpi_con_observaciones", {"rnpi": {"observaciones": "Sanción en trámite"}}),
    ("datos_civiles_no_coinciden", {"datos": {"apellido_paterno": "Nancupan"}}),
    ("datos_civiles_no_coinciden", {"datos": {"apellido_materno": None}}),
    ("datos_civiles_no_coinciden", {"datos": {"fecha_nacimiento": "1980-05-02"}}),
    ("datos_civiles_no_coinciden", {"datos": {"profesion": 2}}),
    ("falta_domicilio", {"domicilio": {"archivo": None}}),
    ("domicilio_fuera_de_plazo", {"domicilio": {"fecha": "2026-01-19"}}),
    ("domicilio_fuera_de_plazo", {"domicilio": {"fecha": "2026-04-21"}}),
    ("domicilio_no_coincide", {"domicilio": {"coincide": False}}),
    ("domicilio_no_coincide", {"domicilio": {"direccion": {**ADDRESS, "numero": "124"}}}),
    ("correo_distinto", {"correo": {"direccion": "otra@example.cl"}}),
    ("telefono_distinto", {"telefono": {"direccion": "+56900000000"}}),
    ("contacto_compartido", {"correo": {"compartido": True}}),
    ("contacto_compartido", {"telefono": {"compartido": True}}),
    ("identidad_no_coincide", {"identidad": {"resultado": "no_coincide"}}),
    ("identidad_sin_determinar", {"identidad": {"resultado": "sin_datos"}}),
    ("identidad_sin_determinar", {"identidad": {"resultado": "sin_respuesta"}}),
    ("identidad_sin_determinar", {"identidad": {"medio": "funcionario", "resultado": "no_se_puede_determinar"}}),
    ("falta_identidad", {"identidad": {**OWN_EYES, "declaracion": ""}}),
    ("falta_identidad", {"identidad": {**OWN_EYES, "biometria": None}}),
    ("falta_identidad", {"identidad": {**OWN_EYES, "biometria": {"resultado": "no_coincide"}}}),
    ("falta_identidad", {"identidad": {"medio": "otro"}}),
    ("falta_identidad", {"identidad": {"archivos": PICTURES[:1]}}),
    ("falta_identidad", {"identidad": {"archivos": [PICTURES[0], PICTURES[0]]}}),
    ("falta_identidad", {"identidad": {"archivos": None}}),
    ("faltan_condiciones", {"condiciones": {"digesto": "condiciones-0"}}),
]


@pytest.mark.norm("N-2.1a", "N-2.1b", "N-2.1c", "N-2.1d", "N-2.2a", "N-2.2b")
@pytest.mark.parametrize(("code", "contents"), CHANGES)
def test_each_piece_that_does_not_hold_has_its_own_reason(code: str, contents: dict[str, dict[str, Any]]) -> None:
    changed: dict[str, Any] = dict(contents)
    assert codes(gathered(**changed)) == [code]


@pytest.mark.norm("N-2.1a")
def test_a_provisional_run_with_prior_authorisation_serves_if_two_officers_see_it() -> None:
    case = gathered(documento={"clase": "rut_provisorio", "autorizacion": AUTHORISED, "vence_en": None})
    assert codes(case) == ["autorizacion_de_una_sola_persona"]
    other = replace(case.pieces[Task.DOCUMENT], by="persona:16000002-6")
    assert codes(replace(case, pieces={**case.pieces, Task.DOCUMENT: other})) == []
    late = replace(other, content={**other.content, "autorizacion": {**AUTHORISED, "fecha": "2026-04-19"}})
    assert codes(replace(case, pieces={**case.pieces, Task.DOCUMENT: late})) == ["autorizacion_posterior"]


@pytest.mark.norm("N-2.2b")
def test_an_officers_own_eyes_serve_where_the_provider_could_not_tell() -> None:
    assert codes(gathered(identidad=OWN_EYES)) == []


@pytest.mark.norm("N-2.1d")
def test_a_decision_covers_the_contact_that_it_names_and_no_other() -> None:
    case = gathered(correo={"compartido": True})

    def decided(**content: str) -> Gathered:
        made = Piece(UUID(int=50), Task.SHARED_CONTACT, OFFICER, SESSION, AT, UUID(int=51), content)
        return replace(case, pieces={**case.pieces, Task.SHARED_CONTACT: made})

    assert codes(decided(correo="antonia@example.cl", motivo="Es su consulta")) == []
    assert codes(decided(correo="otra@example.cl", motivo="Es su consulta")) == ["contacto_compartido"]
    assert codes(decided(telefono="+56912345678", motivo="Es su consulta")) == ["contacto_compartido"]


def with_factor(**changes: Any) -> Gathered:
    case = gathered()
    return replace(case, pieces={**case.pieces, Task.FACTOR: replace(piece(Task.FACTOR), **changes)}, at=AT)


@pytest.mark.norm("N-2.2a")
@pytest.mark.parametrize(
    "changes",
    [
        {"session_id": OTHER_SESSION},
        {"by": "persona:16000002-6"},
        {"at": AT - timedelta(seconds=1)},
        {"at": AT + timedelta(minutes=61)},
    ],
)
def test_the_factor_of_another_session_or_moment_proves_nothing(changes: dict[str, Any]) -> None:
    assert codes(with_factor(**changes)) == ["factor_de_otra_sesion"]


def _key(purpose: str) -> dict[str, Any]:
    cose = SoftwareAuthenticator().make_key(b"nadie").cose
    return {"proposito": purpose, "huella": thumbprint_of(cose), "llave_publica": to_base64url(cose)}


@pytest.mark.norm("N-2.2a")
def test_keys_are_a_factor_when_there_is_one_to_enter_and_one_to_sign() -> None:
    enter, sign = _key("entrada"), _key("firma")
    for content in (
        {"tipo": "llave", "llaves": [enter, sign]},
        {"tipo": "totp", "llaves": [enter, sign]},
        {"tipo": "llave_propia", "huella": enter["huella"]},
    ):
        assert codes(with_factor(content=content)) == []
    for keys in ([], [enter], [sign, sign], [enter, enter, sign], "llaves", [None], [enter, {**sign, "huella": "x"}]):
        assert codes(with_factor(content={"tipo": "llave", "llaves": keys})) == ["falta_factor"]
    for content in ({}, {"tipo": "otro"}, {"tipo": "totp", "llaves": [{**enter, "llave_publica": "AA"}]}):
        assert codes(with_factor(content=content)) == ["falta_factor"]


@pytest.mark.norm("N-2.1a")
def test_an_answer_of_the_civil_register_ages() -> None:
    week_later = AT + timedelta(days=8)
    found = codes(gathered(at=week_later))
    assert found == ["documento_consultado_hace_mucho", "rnpi_de_otro_dia"]


@pytest.mark.norm("N-2.2a")
@pytest.mark.parametrize(
    ("declared", "registered", "equal"),
    [
        ("María José", "MARIA JOSE", True),
        ("Ñancupil", "NANCUPIL", True),
        ("O'Higgins", "O Higgins", True),
        ("Pérez-Cotapos", "PEREZ COTAPOS", True),
        ("  Ana   Luz ", "Ana Luz", True),
        (None, "", True),
        (None, "Soto", False),
        ("Soto", None, False),
        ("Ana", "Anna", False),
        ("Jose", "Jorge", False),
    ],
)
def test_names_are_compared_as_registers_write_them(declared: Any, registered: Any, equal: bool) -> None:
    (names, *_) = compare({"nombres": declared}, {"nombres": registered})
    assert names.equal is equal


@pytest.mark.parametrize("damage", [lambda v: {**v, "digesto": "x"}, lambda v: {**v, "tarea": "otra"}, lambda _v: 3])
def test_a_piece_that_was_altered_is_not_read(damage: Callable[[Any], Any]) -> None:
    written = piece(Task.DATA).render()
    assert Piece.parse(written) == piece(Task.DATA)
    with pytest.raises(ValueError, match=r"piece|not a valid Task|instante"):
        Piece.parse(damage(written))
