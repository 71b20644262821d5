"""How licences are said to professionals: the names of the form, and what the log says of a folio."""

from collections.abc import Mapping

from lme_operator.domain.licences.state import StateCode

PLACES: Mapping[str, str] = {
    "domicilio": "Su domicilio",
    "hospital": "Hospital",
    "otro_domicilio": "Otro domicilio",
}
RESTS: Mapping[str, str] = {"total": "Total", "parcial": "Parcial"}
SHIFTS: Mapping[str, str] = {"manana": "Mañana", "tarde": "Tarde", "noche": "Noche"}
MODES: Mapping[str, str] = {"presencial": "Presencial", "telemedicina": "Telemedicina"}
YES_NO = (("si", "Sí", ""), ("no", "No", ""))
MOST_DIAGNOSES = 12
"""How many are offered at once: more are no help, other words are."""


KINDS_OF_STATE: Mapping[StateCode, str] = {
    StateCode.GRANTED: "done",
    StateCode.GRANTED_BY_EXCEPTION: "done",
    StateCode.CONFIRMED: "done",
    StateCode.UNDER_REVIEW: "info",
}
"""The look of a banner that tells a state."""


def days_words(days: int) -> str:
    """`5 días`."""
    return "1 día" if days == 1 else f"{days} días"


NOVELTIES: Mapping[str, str] = {
    "licencia_preparada": "Preparada para revisarla",
    "licencia_emitida": "Firmada y sellada",
    "licencia_recontrolada": "Revisada de nuevo con la respuesta del RNPI",
}


def novelty(code: str) -> str:
    """A novelty of a folio in words."""
    return NOVELTIES.get(code) or code.replace("_", " ").capitalize()
