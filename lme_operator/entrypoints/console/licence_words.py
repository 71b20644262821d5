"""How licences are said to professionals: the names of the form, and what the log says of a folio."""

from collections.abc import Mapping

KINDS: Mapping[int, str] = {
    1: "Enfermedad o accidente común",
    2: "Prórroga de medicina preventiva",
    3: "Licencia maternal pre y postnatal",
    4: "Enfermedad grave de hijo o hija menor de un año",
    5: "Accidente del trabajo o del trayecto",
    6: "Enfermedad profesional",
    7: "Patología del embarazo",
}
"""The seven types of the form (A.3)."""

PLACES: Mapping[str, str] = {
    "domicilio": "Su domicilio",
    "hospital": "Hospital",
    "otro_domicilio": "Otro domicilio",
}
RESTS: Mapping[str, str] = {"total": "Total", "parcial": "Parcial"}
SHIFTS: Mapping[str, str] = {"manana": "Mañana", "tarde": "Tarde", "noche": "Noche"}
SEXES: Mapping[str, str] = {"F": "Femenino", "M": "Masculino"}
MODES: Mapping[str, str] = {"presencial": "Presencial", "telemedicina": "Telemedicina"}
YES_NO = (("si", "Sí", ""), ("no", "No", ""))
STATES: Mapping[str, str] = {"otorgada": "Otorgada"}


def days_words(days: int) -> str:
    """`5 días`."""
    return "1 día" if days == 1 else f"{days} días"


NOVELTIES: Mapping[str, str] = {
    "licencia_preparada": "Preparada para revisarla",
    "licencia_emitida": "Firmada por el profesional y sellada por el operador",
    "licencia_recontrolada": "Revisada de nuevo con la respuesta del RNPI",
}


def novelty(code: str) -> str:
    """A novelty of a folio in words."""
    return NOVELTIES.get(code) or code.replace("_", " ").capitalize()
