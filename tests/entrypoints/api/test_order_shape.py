"""The order as sent: every fault named in Spanish with its pointer; nothing of pydantic's English passes."""

import copy
import re
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core._pydantic_core import list_all_errors

from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run, check_digit
from lme_operator.entrypoints.api.professional.order import EXAMPLE, OrderModel
from lme_operator.entrypoints.http.input import validate
from lme_operator.entrypoints.http.spanish import findings_of

_ENGLISH = re.compile(
    r"\b(should|input|value|valid|field|string|must|expected|unable|the|error|required|least|most|characters?)\b", re.I
)


def order(**changes: Any) -> dict[str, Any]:
    """The example with the fields at dotted paths changed; `...` removes one."""
    document = copy.deepcopy(EXAMPLE)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place: Any = document
        for part in parents:
            place = place[int(part) if part.isdigit() else part]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return document


def faults(document: object) -> dict[str | None, str]:
    with pytest.raises(Refusal) as caught:
        validate(OrderModel, document)
    assert caught.value.kind.code == "datos_invalidos"
    for finding in caught.value.findings:
        assert finding.cause.endswith(".")
        assert finding.remedy.endswith(".")
        assert not _ENGLISH.search(f"{finding.cause} {finding.remedy}"), finding
    return {finding.pointer: finding.code for finding in caught.value.findings}


def accepted(document: object) -> Any:
    model = validate(OrderModel, document)
    assert isinstance(model, OrderModel)
    return model.value()


@pytest.mark.parametrize(
    "text",
    [
        "12.345.678-5", "12345678-k", "7654321-k", "12345678", "123456785", "12345678 - 5", "012345678-5",
        " 12345678-5", "12345678-5 ", "12345678-5\n", "12345678-", "-5", "0-0", "123456789-2", "١٢٣-٥", "12345678–5",
        "", "12345678−5", "11.111.111-1", "12345678-55", "x" * 10_000,
    ],
)  # fmt: skip
def test_run_in_any_other_spelling_is_refused(text: str) -> None:
    assert faults(order(trabajador__run=text)) == {"/trabajador/run": "run_forma_invalida"}


def test_run_with_a_wrong_digit_is_refused_for_every_digit() -> None:
    right = check_digit(12345678)
    for digit in set("0123456789K") - {right}:
        assert faults(order(trabajador__run=f"12345678-{digit}")) == {"/trabajador/run": "run_digito_invalido"}


@pytest.mark.parametrize("value", [12345678, 12345678.5, True, None, ["12345678-5"], {"run": "12345678-5"}])
def test_run_that_is_no_text_is_refused(value: object) -> None:
    assert faults(order(trabajador__run=value)) == {"/trabajador/run": "run_forma_invalida"}


@pytest.mark.parametrize("number", [1, 9, 99999999, 1009, 20961605])
def test_run_of_any_length_is_accepted(number: int) -> None:
    assert accepted(order(trabajador__run=str(Run(number)))).worker.run == Run(number)


@pytest.mark.parametrize(
    "name",
    [
        "Ñ", "O'Higgins", "O’Ryan", "D'Aigle", "Muñoz-Peña", "de la Fuente", "Ángel", "Wünsche", "Li", "Ma. Teresa",
        "María José del Carmen", "Ñ" * 60, "Nguyễn", "Đorđević",
    ],
)  # fmt: skip
def test_names_that_people_have_are_accepted(name: str) -> None:
    document = order(trabajador__nombres=name, trabajador__apellido_paterno=name, trabajador__apellido_materno=name)
    assert accepted(document).worker.given_names == name


def test_one_surname_is_enough() -> None:
    assert accepted(order(trabajador__apellido_materno=...)).worker.maternal_surname is None
    assert accepted(order(trabajador__apellido_materno=None)).worker.maternal_surname is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "texto_muy_corto"),
        (" ", "texto_vacio"),
        ("a" * 61, "texto_muy_largo"),
        ("a" * 10_000, "texto_muy_largo"),
        (" Ana", "espacios_sobrantes"),
        ("Ana  María", "nombre_invalido"),
        ("Ana1", "nombre_invalido"),
        ("<script>", "nombre_invalido"),
        ("Ana\u202eaíraM", "caracter_invisible"),
        ("Ana\u200b", "caracter_invisible"),
        ("Ana\r\nX", "caracter_invisible"),
        ("Ana\x1b[31m", "caracter_invisible"),
        ("Ana\nMaría", "nombre_invalido"),
        (7, "texto_esperado"),
        (None, "texto_esperado"),
    ],
)
def test_names_that_nobody_has_are_refused(name: object, code: str) -> None:
    assert faults(order(trabajador__nombres=name)) == {"/trabajador/nombres": code}


def test_lengths_are_counted_as_people_do() -> None:
    for name, remedy in (("", "Escriba al menos un carácter."), ("a" * 61, "Escriba como máximo 60 caracteres.")):
        with pytest.raises(Refusal) as caught:
            validate(OrderModel, order(trabajador__nombres=name))
        assert [finding.remedy for finding in caught.value.findings] == [remedy]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2026-02-30", "fecha_inexistente"),
        ("2027-02-29", "fecha_inexistente"),
        ("2026-13-01", "fecha_inexistente"),
        ("2026-00-10", "fecha_inexistente"),
        ("2026-04-31", "fecha_inexistente"),
        ("0001-01-01", "anio_fuera_de_rango"),
        ("9999-12-31", "anio_fuera_de_rango"),
        ("20-04-2026", "fecha_invalida"),
        ("2026-4-20", "fecha_invalida"),
        ("20260420", "fecha_invalida"),
        ("2026-W17-1", "fecha_invalida"),
        ("2026-04-20T00:00:00Z", "fecha_invalida"),
        ("２０２６-04-20", "fecha_invalida"),
        ("", "fecha_invalida"),
        (20260420, "fecha_invalida"),
        (0, "fecha_invalida"),
        (None, "fecha_invalida"),
    ],
)
def test_days_that_do_not_exist_or_are_written_otherwise_are_refused(day: object, code: str) -> None:
    assert faults(order(fecha_inicio_reposo=day)) == {"/fecha_inicio_reposo": code}


def test_day_of_a_leap_year_is_accepted() -> None:
    assert accepted(order(fecha_inicio_reposo="2028-02-29")).rest_starts_on.isoformat() == "2028-02-29"


@pytest.mark.parametrize(
    "instant",
    ["2026-04-20T10:00:00", "2026-04-20 10:00:00Z", "2026-04-20T25:00:00Z", "2026-04-20T10:00:60Z", 1776693600],
)
def test_instants_without_offset_or_impossible_are_refused(instant: object) -> None:
    assert set(faults(order(fecha_hora_accidente=instant))) == {"/fecha_hora_accidente"}


@pytest.mark.parametrize(("value", "days"), [(5, 5), (5.0, 5), (0, 0), (366, 366)])
def test_whole_numbers_are_accepted_however_written(value: object, days: int) -> None:
    assert accepted(order(dias=value)).days == days


@pytest.mark.parametrize("value", ["5", True, False, 5.5, None, [5], {}])
def test_numbers_that_are_not_whole_numbers_are_refused(value: object) -> None:
    assert faults(order(dias=value)) == {"/dias": "entero_esperado"}


@pytest.mark.parametrize("value", ["true", 1, 0, "sí", None])
def test_booleans_written_otherwise_are_refused(value: object) -> None:
    assert faults(order(recuperabilidad=value)) == {"/recuperabilidad": "logico_esperado"}


@pytest.mark.parametrize(
    "number", ["912345678", "+56 9 1234 5678", "+0123456789", "+569", "tel:+56912345678", 56912345678]
)
def test_telephones_written_otherwise_are_refused(number: object) -> None:
    assert set(faults(order(reposo__telefonos__0__numero=number))) == {"/reposo/telefonos/0/numero"}


def test_every_fault_is_named_at_once() -> None:
    document = order(
        trabajador__run="1-1", dias="x", tipo=8, sobra=1, reposo__lugares__0__direccion__comuna="Santiago", atencion=...
    )
    assert faults(document) == {
        "/trabajador/run": "run_digito_invalido",
        "/dias": "entero_esperado",
        "/tipo": "numero_muy_alto",
        "/sobra": "campo_desconocido",
        "/reposo/lugares/0/direccion/comuna": "comuna_invalida",
        "/atencion": "campo_faltante",
    }


@pytest.mark.parametrize("document", [None, [], "x", 1, True])
def test_what_is_no_object_is_refused(document: object) -> None:
    assert faults(document) == {"": "objeto_esperado"}


@pytest.mark.parametrize("kind", list_all_errors(), ids=lambda kind: str(kind["type"]))
def test_no_kind_of_error_of_pydantic_leaks_its_english(kind: Any) -> None:
    context = kind.get("example_context") or {}
    detail: InitErrorDetails = {"type": kind["type"], "loc": ("x",), "input": "SECRETO", "ctx": context}
    try:
        error = ValidationError.from_exception_data("x", [detail])
    except (TypeError, KeyError, ValueError):
        pytest.skip("pydantic cannot build this kind from its own example")
    (finding,) = findings_of(error, {})
    text = f"{finding.cause} {finding.remedy}"
    assert not _ENGLISH.search(text)
    assert "SECRETO" not in text
    assert "{" not in text
    assert re.fullmatch(r"[a-z_]+", finding.code)


def test_a_validator_that_raises_by_accident_leaks_nothing() -> None:
    detail: InitErrorDetails = {"type": PydanticCustomError("propio", "english words"), "loc": (), "input": 1}
    (finding,) = findings_of(ValidationError.from_exception_data("x", [detail]), {})
    assert (finding.code, finding.pointer) == ("valor_invalido", "")
