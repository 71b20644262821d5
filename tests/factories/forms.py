"""Licences to be printed: short, long, of one surname, of an address of two lines."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from lme_operator.core.run import Run
from lme_operator.domain.licences.authorship import BY_CODE, BY_KEY
from lme_operator.domain.licences.document import OperatorIdentity, render_document
from lme_operator.domain.licences.document_reading import read_document
from lme_operator.domain.licences.form import Copy, Printed
from lme_operator.domain.licences.order import Diagnosis, Issuer, LicenceOrder, Person, Rest, RestPlace
from lme_operator.domain.licences.state import State, StateCode
from lme_operator.domain.professionals.context import PracticeContext
from tests.factories.orders import ADDRESS, MONDAY, licence_order

SIGNED = datetime(2026, 4, 20, 14, 2, 7, 123456, tzinfo=UTC)
CODE = "7K3M-Q2XR-9BTD"
ISSUER = Issuer(
    Run(15000001), "Ana Isabel", "Ñandú", "D'Arrigo", "Medicina interna", 1, "12345-6", "ana@example.cl",
    "+56912345678", ADDRESS,
)  # fmt: skip
_WORDS = "reposo relativo, analgésicos según dolor, kinesioterapia motora y control a los siete días en este centro; "
CONFIDENTIAL = Diagnosis(
    main="Síndrome facetario lumbar con irradiación a la extremidad inferior izquierda",
    cie10="M54.4",
    other="Trastorno de adaptación con ánimo ansioso",
    other_cie10="F43.2",
    clinical_notes=("Cuadro de tres semanas: " + _WORDS * 6)[:511].strip(),
    supporting_exams=("Resonancia magnética de columna: " + _WORDS * 6)[:511].strip(),
)
"""The texts of A.6 at their greatest length."""


def _short() -> LicenceOrder:
    return licence_order()


def _one_surname() -> LicenceOrder:
    worker = Person(Run(9000001), "Nguyen", "Thi", None, date(1990, 12, 1), "M")
    return licence_order(worker=worker, employer=None, days=1)


def _two_lines() -> LicenceOrder:
    street = "Camino Interior Fundo Los Ñirres de Huillinco, parcela 14, sector La Quebrada del Ají"
    address = replace(ADDRESS, street=street, number="S/N", flat=None, commune="10203", city="Chonchi rural")
    rest = Rest("total", (), (RestPlace("otro_domicilio", address, None),), ("+56652671234",))
    return licence_order(rest=rest)


def _long() -> LicenceOrder:
    worker = Person(
        Run(21345678), "María de los Ángeles Trinidad Esperanza", "Fernández-Ñanculef de la Carrera",
        "Irarrázaval Goñi-Müller", date(1985, 3, 14), "F",
    )  # fmt: skip
    street = "Avenida Libertador General Bernardo O'Higgins, edificio Ñuñoa Poniente, torre norte"
    far = replace(ADDRESS, street=street, number="12345", flat="1204-B")
    places = (RestPlace("domicilio", far, None), RestPlace("hospital", ADDRESS, "Bajo el cuidado de su madre"))
    return licence_order(
        worker=worker,
        child=Person(Run(27000001), "Agustín", "Pérez", "Fernández-Ñanculef", date(2025, 11, 2), "M"),
        days=184,
        rest=Rest("parcial", ("manana", "noche"), places, ("+56912345678", "+56222345678")),
        disability_procedure=True,
        accident_at=datetime(2026, 4, 19, 12, 30, tzinfo=UTC),
        on_the_way=True,
        conceived_on=date(2026, 1, 5),
        diagnosis=CONFIDENTIAL,
    )


ORDERS = {"corta": _short, "larga": _long, "un-apellido": _one_surname, "dos-lineas": _two_lines}


def printed(case: str = "corta", copy: Copy = Copy.WORKER, **changes: Any) -> Printed:
    """A licence of one of `ORDERS`, by a professional of an institution where it is long."""
    institution = Run(61608000) if case == "larga" else None
    issuer = replace(ISSUER, maternal_surname=None, college_registry=None) if case == "un-apellido" else ISSUER
    document = render_document(
        ORDERS[case](),
        issuer=issuer,
        folio="1181597-9",
        operator=OperatorIdentity(Run(76000002), 99),
        context=PracticeContext(institution),
        issued_at=MONDAY,
    )
    facts: dict[str, Any] = {
        "document": read_document(document),
        "copy": copy,
        "code": CODE,
        "address": f"https://operador.example/verificar/{CODE}",
        "signed_at": SIGNED,
        "serial": "63A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3",
        "state": State(StateCode.GRANTED, "Otorgada"),
        "authorship": BY_CODE if case == "un-apellido" else BY_KEY,
        "operator": "Operador LME de pruebas",
        "testing": True,
    }
    return Printed(**{**facts, **changes})
