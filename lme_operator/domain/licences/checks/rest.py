"""Section A.4: total or partial rest, its shifts, places, countries and communes."""

from lme_operator.core.decision import Finding
from lme_operator.domain.licences.checks.case import Case, finding
from lme_operator.domain.licences.codes import OUTSIDE_CHILE, is_commune, is_country
from lme_operator.domain.licences.order import Address, RestPlace

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
    return findings + _address(place.address, f"{pointer}/direccion")


def _address(address: Address, pointer: str) -> list[Finding]:
    """Blame the country, or else the commune that does not go with it."""
    commune, country = address.commune, address.country
    if not is_country(country):
        return [
            finding(
                "pais_inexistente",
                f"{pointer}/pais",
                f"El país {country} no existe en ISO 3166.",
                "Use sus dos letras: CL, AR, PE.",
            )
        ]
    if country != "CL" and commune != OUTSIDE_CHILE:
        return [
            finding(
                "comuna_no_corresponde",
                f"{pointer}/comuna",
                "Una dirección fuera de Chile no lleva una comuna chilena.",
                f"Use {OUTSIDE_CHILE}, o corrija el país.",
            )
        ]
    if country == "CL" and not is_commune(commune):
        return [
            finding(
                "comuna_inexistente",
                f"{pointer}/comuna",
                f"La comuna {commune} no existe en el código único territorial.",
                f"Elija la comuna de la lista; fuera de Chile use {OUTSIDE_CHILE} y el país que sea.",
            )
        ]
    return []
