"""Section A.4: total or partial rest, its shifts, places and communes."""

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding
from lme_operator.domain.licences.codes import OUTSIDE_CHILE, is_commune
from lme_operator.domain.licences.order import RestPlace

_MOST_SHIFTS = 2
"""As many as the official document holds."""


def check(case: Case) -> tuple[Finding, ...]:
    """Refuse shifts that do not match the kind of rest, repeated places, and communes that do not exist."""
    rest, findings = case.order.rest, []
    if rest.kind == "parcial" and not rest.shifts:
        findings.append(
            finding(
                "falta_jornada",
                "/reposo/jornadas",
                "El reposo parcial necesita la jornada.",
                "Indique mañana, tarde o noche.",
            )
        )
    if rest.kind == "total" and rest.shifts:
        findings.append(
            finding(
                "jornada_no_corresponde",
                "/reposo/jornadas",
                "El reposo total no lleva jornada.",
                "Quite la jornada o cambie a reposo parcial.",
            )
        )
    if len(set(rest.shifts)) != len(rest.shifts):
        findings.append(
            finding(
                "jornada_repetida",
                "/reposo/jornadas",
                "Hay una jornada repetida.",
                "Indique cada jornada una sola vez.",
            )
        )
    if len(rest.shifts) > _MOST_SHIFTS:
        findings.append(
            finding(
                "demasiadas_jornadas",
                "/reposo/jornadas",
                "La licencia admite a lo más dos jornadas.",
                "Indique una o dos; si son las tres, el reposo es total.",
            )
        )
    if len({place.kind for place in rest.places}) != len(rest.places):
        findings.append(
            finding(
                "lugar_repetido", "/reposo/lugares", "Hay un lugar de reposo repetido.", "Indique lugares distintos."
            )
        )
    for index, place in enumerate(rest.places):
        findings.extend(_place(place, f"/reposo/lugares/{index}"))
    return tuple(findings)


def _place(place: RestPlace, pointer: str) -> list[Finding]:
    findings = []
    if place.kind == "otro_domicilio" and not place.justification:
        findings.append(
            finding(
                "falta_justificacion",
                f"{pointer}/justificacion",
                "El reposo en otro domicilio necesita una justificación.",
                "Escriba el motivo.",
            )
        )
    commune, abroad = place.address.commune, place.address.country != "CL"
    if (commune != OUTSIDE_CHILE) if abroad else not is_commune(commune):
        findings.append(
            finding(
                "comuna_inexistente",
                f"{pointer}/direccion/comuna",
                f"La comuna {commune} no existe en el código único territorial.",
                "Elija la comuna de la lista; fuera de Chile use 99999.",
            )
        )
    return findings
