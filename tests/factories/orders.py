"""Licence orders of synthetic people, valid unless the test says otherwise."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from lme_operator.core.run import Run
from lme_operator.domain.licences.order import (
    Address,
    Attention,
    Diagnosis,
    Employer,
    LicenceOrder,
    PatientCertification,
    Person,
    Rest,
    RestPlace,
)

MONDAY = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)

ADDRESS = Address(street="Los Aromos", number="123", flat="4B", commune="13101", city="Santiago", country="CL")


def licence_order(**changes: Any) -> LicenceOrder:
    """A type 1 order of five days from 2026-04-20, with `changes` to its top fields."""
    order = LicenceOrder(
        worker=Person(Run(11111111), "María José", "Muñoz", "O'Higgins", date(1985, 3, 14), "F"),
        child=None,
        employer=Employer(Run(76123456), "Comercial Ñuble Limitada"),
        kind=1,
        rest_starts_on=date(2026, 4, 20),
        days=5,
        rest=Rest("total", (), (RestPlace("domicilio", ADDRESS, None),), ("+56912345678",)),
        recoverable=True,
        disability_procedure=False,
        accident_at=None,
        on_the_way=None,
        conceived_on=None,
        diagnosis=Diagnosis("Lumbago agudo", "M54.5", None, None, "Dolor lumbar de tres días", None),
        attention=Attention("presencial", "13101", "Consulta particular", None, None),
        certification=PatientCertification("cedula_presencial", "A12345678"),
    )
    return replace(order, **changes)
