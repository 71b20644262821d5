"""The authorities whose people may be named: SUSESO and the regional COMPIN, under the codes of their machines."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamedAuthority:
    """An authority: `organisation`, and `compin`, the region's two digits, empty if it has none."""

    organisation: str
    compin: str
    name: str

    @property
    def code(self) -> str:
        """`superintendencia`, or `compin:13`, as its machines' keys say it too."""
        return f"{self.organisation}:{self.compin}" if self.compin else self.organisation


_REGIONS = {
    "15": "de Arica y Parinacota", "01": "de Tarapacá", "02": "de Antofagasta", "03": "de Atacama",
    "04": "de Coquimbo", "05": "de Valparaíso", "13": "Metropolitana", "06": "de O'Higgins", "07": "del Maule",
    "16": "de Ñuble", "08": "del Biobío", "09": "de La Araucanía", "14": "de Los Ríos", "10": "de Los Lagos",
    "11": "de Aysén", "12": "de Magallanes",
}  # fmt: skip
"""Region → its name, from north to south."""

AUTHORITIES = (
    NamedAuthority("superintendencia", "", "Superintendencia de Seguridad Social"),
    *(NamedAuthority("compin", region, f"COMPIN Región {name}") for region, name in _REGIONS.items()),
)


def authority_of(code: str | None) -> NamedAuthority | None:
    """Return the authority of that code."""
    return next((one for one in AUTHORITIES if one.code == code), None)
