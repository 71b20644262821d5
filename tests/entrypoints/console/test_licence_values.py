"""From what is typed to the order, and from an own earlier licence to what would be typed: nothing changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.domain.issuance import Earlier
from lme_operator.domain.licences import LicenceOrder, ReadDocument, read_document
from lme_operator.domain.licences.calendar import rest_calendar
from lme_operator.domain.licences.document import render_document
from lme_operator.domain.licences.order import Attention, Diagnosis, Rest, RestPlace
from lme_operator.entrypoints.console.doctor.calendar import draw
from lme_operator.entrypoints.console.doctor.document import overlaps_of, shown_document, warnings_of
from lme_operator.entrypoints.console.doctor.order import continued, for_other_employer, read_order, values_of
from tests.domain.licences.test_document_reading import ISSUER, OPERATOR
from tests.factories.orders import ADDRESS, MONDAY, licence_order
from tests.factories.people import INDIVIDUAL

CARD = {"numero_documento": ("A12345678",)}
TYPED_HERE = replace(ADDRESS, city=None)
"""An address as the screens ask for it."""
OTHER_PLACE = RestPlace(
    "otro_domicilio", replace(TYPED_HERE, street="Camino viejo s/n", number=None), "Cuida a su madre"
)


def earlier(order: LicenceOrder, folio: str = "1000001-7") -> ReadDocument:
    """The order as it was issued."""
    return read_document(
        render_document(order, issuer=ISSUER, folio=folio, operator=OPERATOR, context=INDIVIDUAL, issued_at=MONDAY)
    )


def order(**changes: Any) -> LicenceOrder:
    """An order that the screens can hold."""
    rest = Rest("total", (), (RestPlace("domicilio", TYPED_HERE, None),), ("+56912345678",))
    return licence_order(**{"rest": rest, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"employer": None, "recoverable": False, "disability_procedure": True},
        {"rest": Rest("parcial", ("manana", "noche"), (OTHER_PLACE,), ("+56221234567",))},
        {"attention": Attention("presencial", "13101", "Consulta", None, None)},
        {
            "diagnosis": Diagnosis(
                "Lumbago", "M54.5", "Otra cosa", "J11.1", "Antecedentes\nen dos líneas", "Radiografía"
            )
        },
        {"diagnosis": Diagnosis("Fractura, brazo: derecho", "S52", "Sin código", None, None, None)},
    ],
)
def test_earlier_licence_typed_again_is_the_same_order(changes: Mapping[str, Any]) -> None:
    original = order(**changes)
    values = values_of(earlier(original))
    assert "numero_documento" not in values
    read = read_order({**values, **CARD})
    assert read.findings == ()
    assert read.order == original


def test_prorroga_begins_the_day_after_and_its_days_are_unsaid() -> None:
    values = continued(earlier(order()))
    assert (values["fecha_inicio"], values["dias"], values["prorroga_de"]) == (("25-04-2026",), (), ("1000001-7",))
    assert [one.pointer for one in read_order({**values, **CARD}).findings] == ["/dias"]


def test_other_employer_is_the_same_leave_with_another_employer() -> None:
    values = for_other_employer(earlier(order()))
    read = read_order({**values, **CARD}).order
    assert read == order(employer=None)


@pytest.mark.parametrize(
    ("typed", "street", "number"),
    [
        ("Los Aromos 123", "Los Aromos", "123"),
        ("Los Aromos, N° 123-B", "Los Aromos", "123-B"),
        ("Avenida 18 de Septiembre", "Avenida 18 de Septiembre", None),
        ("Camino viejo s/n", "Camino viejo s/n", None),
        ("123", "123", None),
    ],
)
def test_street_and_number_are_told_apart(typed: str, street: str, number: str | None) -> None:
    values = {**values_of(earlier(order())), **CARD, "calle": (typed,)}
    read = read_order(values).order
    assert read is not None
    assert (read.rest.places[0].address.street, read.rest.places[0].address.number) == (street, number)


def test_what_deserves_a_second_look_is_told() -> None:
    first = Earlier(uuid4(), "1000001-7", MONDAY, earlier(order()))
    assert overlaps_of(order(employer=None), [first]) == (), "the same rest, for another employer"
    assert "ya existe" in overlaps_of(order(), [first])[0]
    assert "1000001-7" in overlaps_of(order(rest_starts_on=date(2026, 4, 24)), [first])[0]
    assert overlaps_of(order(rest_starts_on=date(2026, 4, 25)), [first]) == ()
    assert warnings_of(order(), date(2026, 4, 20)) == ()
    assert len(warnings_of(order(), date(2026, 4, 22))) == 1
    assert len(warnings_of(order(), date(2026, 4, 25))) == 2


def test_document_is_shown_in_the_order_of_its_form() -> None:
    sections = shown_document(earlier(order()), change="/aqui")
    assert [section.code for section in sections] == ["A.1", "A.1", "A.3", "A.4", "A.5", "A.6", ""]
    assert [section.code for section in sections if section.confidential] == ["A.6"]
    assert {section.code for section in sections if section.change is None} == {"A.5"}
    assert [section.change for section in sections[:2]] == ["/aqui/paciente", "/aqui/reposo"]
    boxes = {box.label: box.value for box in sections[1].boxes}
    assert boxes["Días"] == "5 (cinco)"
    assert boxes["Término del reposo"] == "24-04-2026"


def test_days_are_drawn_a_week_a_row_and_a_long_rest_is_cut_in_the_middle() -> None:
    short = draw(rest_calendar(date(2026, 4, 27), 5, earlier=[(date(2026, 4, 20), date(2026, 4, 27))]))
    marks = {cell.number: cell.marks for cell in short.cells}
    assert len(short.cells) == 14
    assert marks[27] == {"rest", "overlap"}
    assert marks[1] == {"rest", "holiday"}
    assert marks[2] == {"weekend"}
    assert "return" in marks[4]
    assert "feriado el 01-05-2026" in short.weeks[0][1]
    assert short.headline == "Reposo del lunes 27-04-2026 al viernes 01-05-2026 (5 días)."
    long = draw(rest_calendar(date(2026, 1, 1), 365))
    assert long.hidden_weeks == len(long.weeks) - 8
    assert len(long.cells) == 8 * 7
    assert max(cell.y for cell in long.cells) < long.height
