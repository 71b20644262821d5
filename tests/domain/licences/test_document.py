"""The official document: what is written, in which form, and what is read back."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from lme_operator.core.run import Run
from lme_operator.domain.licences.document import (
    DocumentNotValid,
    OperatorIdentity,
    Payer,
    age_on,
    describe_document,
    render_document,
)
from lme_operator.domain.licences.document_schema import demand_valid
from lme_operator.domain.licences.order import Attention, Employer, Issuer, Person, Rest, RestPlace
from lme_operator.domain.professionals.context import PracticeContext
from lme_operator.domain.signing import LME, read_exact, write_exact
from tests.factories.orders import ADDRESS, licence_order

AT = datetime(2026, 4, 20, 14, 0, 7, 123456, tzinfo=UTC)
OPERATOR = OperatorIdentity(Run(76000000), 9)
ISSUER = Issuer(
    run=Run(12345678),
    given_names="Íñigo",
    paternal_surname="Núñez",
    maternal_surname=None,
    speciality="Medicina general",
    kind=1,
    college_registry="12345-6",
    email="inigo.nunez@example.cl",
    telephone="+56221234567",
    address=ADDRESS,
)


def render(
    *, at: datetime = AT, issuer: Issuer = ISSUER, context: PracticeContext | None = None, **changes: Any
) -> bytes:
    extra = {name: changes.pop(name) for name in ("payer", "public_institution") if name in changes}
    return render_document(
        licence_order(**changes),
        issuer=issuer,
        folio=str(Run(1181597)),
        operator=OPERATOR,
        context=context or PracticeContext(),
        issued_at=at,
        **extra,
    )


def text(document: bytes, path: str) -> str | None:
    steps = "/".join(f"{{{LME}}}{step}" for step in path.split("/"))
    return etree.fromstring(document).findtext(steps)


@pytest.mark.norm("N-2.4b")
def test_document_is_exact_and_valid() -> None:
    document = render()
    assert write_exact(read_exact(document)) == document
    demand_valid(read_exact(document))
    assert render() == document


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ZONA_0/ZONA_01/id_licencia", "1181597-9"),
        ("ZONA_0/ZONA_01/codigo_tipo_formulario", "3"),
        ("ZONA_0/ZONA_01/estado/estado_licencia", "1"),
        ("ZONA_0/ZONA_01/estado/fecha_estado", "2026-04-20T10:00:07-04:00"),
        ("ZONA_0/ZONA_01/prestador/tipo_prestador", "3"),
        ("ZONA_0/ZONA_01/prestador/rut_prestador", "12345678-5"),
        ("ZONA_0/ZONA_01/empleador_adscrito", "2"),
        ("ZONA_0/ZONA_01/codigo_entidad", "1"),
        ("ZONA_A/ZONA_A1/trabajador/apellido_materno", "O'Higgins"),
        ("ZONA_A/ZONA_A1/trabajador/edad", "41"),
        ("ZONA_A/ZONA_A1/fecha_inicio_reposo", "2026-04-20T00:00:00-04:00"),
        ("ZONA_A/ZONA_A1/tra_ndias", "5"),
        ("ZONA_A/ZONA_A1/tra_ndias_palabras", "cinco"),
        ("ZONA_A/ZONA_A3/codigo_tipo_licencia", "1"),
        ("ZONA_A/ZONA_A3/codigo_recuperabilidad", "1"),
        ("ZONA_A/ZONA_A3/codigo_inicio_tram_inv", "2"),
        ("ZONA_A/ZONA_A4/lugar_reposo/direccion_reposo/comuna", "13101"),
        ("ZONA_A/ZONA_A5/profesional/apellido_materno", None),
        ("ZONA_A/ZONA_A5/prof_email", "inigo.nunez@example.cl"),
        ("ZONA_A/ZONA_A6/diagnostico_principal", "Lumbago agudo"),
        ("ZONA_A/ZONA_AC/coddiagnostico_principal", "M54.5"),
    ],
)
def test_fields(path: str, expected: str | None) -> None:
    assert text(render(), path) == expected


def test_what_the_form_has_no_field_for_is_in_the_descriptions_that_are_signed() -> None:
    root = etree.fromstring(render(attention=Attention("telemedicina", "13101", None, "ref-1", "Plataforma «X»")))
    said = [node.text for node in root.iterfind(f".//{{{LME}}}ZONA_AF/{{{LME}}}firma/{{{LME}}}descripcion")]
    assert said == [
        'Profesional que otorga la licencia. {"atencion":{"comuna":"13101","modalidad":"telemedicina",'
        '"plataforma":"Plataforma «X»","referencia":"ref-1"},"empleador":{"nombre":"Comercial Ñuble Limitada"}}',
        'Certificación del trabajador. {"modo":"cedula_presencial","numero_documento":"A12345678"}',
    ]


def test_telephones_with_and_without_area() -> None:
    order = licence_order()
    root = etree.fromstring(render(rest=replace(order.rest, telephones=("+56912345678", "+56322123456"))))
    written = [(dict(node.attrib), node[0].text) for node in root.iterfind(f".//{{{LME}}}telefono_reposo")]
    assert written == [
        ({"codigo_pais": "56"}, "912345678"),
        ({"codigo_area": "32", "codigo_pais": "56"}, "2123456"),
    ]


def test_partial_rest_in_two_places() -> None:
    rest = Rest(
        "parcial",
        ("manana", "noche"),
        (RestPlace("hospital", ADDRESS, None), RestPlace("otro_domicilio", ADDRESS, "Lo cuida su madre")),
        ("+56912345678",),
    )
    root = etree.fromstring(render(rest=rest))
    assert [node.text for node in root.iterfind(f".//{{{LME}}}codigo_jornada_reposo")] == ["A", "C"]
    assert [node.text for node in root.iterfind(f".//{{{LME}}}codigo_lugar_reposo")] == ["2", "3"]
    assert describe_document(render(rest=rest)).partial


def test_every_optional_part() -> None:
    child = Person(Run(24965885), "Ana", "Muñoz", None, date(2025, 12, 1), "F")
    order = licence_order()
    document = render(
        child=child,
        kind=4,
        accident_at=datetime(2026, 4, 19, 3, 30, tzinfo=UTC),
        on_the_way=True,
        conceived_on=date(2025, 3, 1),
        diagnosis=replace(order.diagnosis, other="Otro", other_cie10="J00", supporting_exams="Radiografía"),
        payer=Payer(entity=67, employer_subscribed=True),
    )
    assert text(document, "ZONA_A/ZONA_A2/hijo/edad") == "0"
    assert text(document, "ZONA_A/ZONA_A3/fecha_accidente") == "2026-04-18T23:30:00-04:00"
    assert text(document, "ZONA_A/ZONA_A3/codigo_trayecto") == "1"
    assert text(document, "ZONA_A/ZONA_A3/fecha_concepcion") == "2025-03-01"
    assert text(document, "ZONA_0/ZONA_01/codigo_entidad") == "67"
    assert text(document, "ZONA_0/ZONA_01/empleador_adscrito") == "1"


def test_institution_as_provider() -> None:
    context = PracticeContext(Run(61603000))
    private, public = render(context=context), render(context=context, public_institution=True)
    assert text(private, "ZONA_0/ZONA_01/prestador/tipo_prestador") == "2"
    assert text(public, "ZONA_0/ZONA_01/prestador/tipo_prestador") == "1"
    assert describe_document(public).context == context


def test_day_that_begins_at_one_oclock() -> None:
    """On 2026-09-06 clocks go from 24:00 of the eve to 01:00: the day has no midnight."""
    document = render(rest_starts_on=date(2026, 9, 6), at=datetime(2026, 9, 1, 14, 0, tzinfo=UTC))
    assert text(document, "ZONA_A/ZONA_A1/fecha_inicio_reposo") == "2026-09-06T01:00:00-03:00"
    assert describe_document(document).rest_starts_on == date(2026, 9, 6)


def test_facts_read_back() -> None:
    facts = describe_document(render())
    assert (facts.folio, facts.operator, facts.context) == ("1181597-9", OPERATOR, PracticeContext())
    assert (facts.issuer, facts.issuer_name, facts.profession) == (Run(12345678), "Íñigo Núñez", 1)
    assert (facts.worker, facts.worker_name) == (Run(11111111), "María José Muñoz O'Higgins")
    assert (facts.rest_starts_on, facts.rest_ends_on, facts.days) == (date(2026, 4, 20), date(2026, 4, 24), 5)
    assert (facts.kind, facts.partial, facts.employer) == (1, False, Run(76123456))
    assert facts.issued_at == AT.replace(microsecond=0)
    assert facts.attention["modalidad"] == "presencial"
    assert facts.certification == {"modo": "cedula_presencial", "numero_documento": "A12345678"}


def test_no_employer() -> None:
    assert describe_document(render(employer=None)).employer is None
    assert describe_document(render(employer=Employer(Run(76123456), None))).employer == Run(76123456)


def test_email_that_the_form_does_not_admit_is_left_out() -> None:
    assert text(render(issuer=replace(ISSUER, email="a+b@example.cl")), "ZONA_A/ZONA_A5/prof_email") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"days": 0},
        {"kind": 8},
        {"rest": replace(licence_order().rest, telephones=())},
        {"rest": replace(licence_order().rest, telephones=("912345678",))},
        {"rest": replace(licence_order().rest, kind="nocturno")},
        {"rest": replace(licence_order().rest, kind="parcial", shifts=("manana", "tarde", "noche"))},
        {"diagnosis": replace(licence_order().diagnosis, main="dolor\x00")},
        {"diagnosis": replace(licence_order().diagnosis, main="")},
        {"worker": replace(licence_order().worker, sex="X")},
    ],
)
def test_order_that_no_document_can_hold_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DocumentNotValid):
        render(**changes)


def test_refusal_names_the_element_and_not_its_content() -> None:
    with pytest.raises(DocumentNotValid, match=r"^sexo$"):
        render(worker=replace(licence_order().worker, sex="X"))


@pytest.mark.parametrize("document", [b"", b"<LME/>", b"<?xml version='1.0' encoding='UTF-8'?>\n<LME/>"])
def test_what_is_not_a_document_is_not_described(document: bytes) -> None:
    with pytest.raises(DocumentNotValid):
        describe_document(document)


def test_unknown_or_moved_elements_are_refused() -> None:
    document = render()
    for old, new in (
        (b"<ZONA_A3>", b"<ZONA_A3><otro>1</otro>"),
        (b"<tra_ndias>5</tra_ndias>", b""),
        (b"<rut>11111111-1</rut>", b"<rut>11.111.111-1</rut>"),
        (b"-04:00</fecha_emision>", b"</fecha_emision>"),
    ):
        assert old in document
        with pytest.raises(DocumentNotValid):
            describe_document(document.replace(old, new))


def test_texts_are_composed() -> None:
    worker = replace(licence_order().worker, paternal_surname="Mun\u0303oz")
    assert text(render(worker=worker), "ZONA_A/ZONA_A1/trabajador/apellido_paterno") == "Mu\u00f1oz"


@pytest.mark.parametrize(
    ("day", "born_on", "age"),
    [
        (date(2026, 2, 28), date(2000, 2, 29), 25),
        (date(2026, 3, 1), date(2000, 2, 29), 26),
        (date(2026, 4, 20), date(2026, 4, 20), 0),
        (date(2026, 4, 19), date(1985, 4, 20), 40),
    ],
)
def test_age(day: date, born_on: date, age: int) -> None:
    assert age_on(day, born_on=born_on) == age


_TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=60
)


@settings(max_examples=80, deadline=None)
@given(given_names=_TEXT, paternal=_TEXT, maternal=st.none() | _TEXT, street=_TEXT, employer=_TEXT)
def test_any_text_is_written_and_read(
    given_names: str, paternal: str, maternal: str | None, street: str, employer: str
) -> None:
    worker = Person(Run(11111111), given_names, paternal, maternal, date(1985, 3, 14), "M")
    issuer = replace(ISSUER, address=replace(ADDRESS, street=street))
    document = render(worker=worker, issuer=issuer, employer=Employer(Run(76123456), employer))
    assert write_exact(read_exact(document)) == document
    assert describe_document(document).worker == Run(11111111)
