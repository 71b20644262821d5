"""What a professional types in the screens of a licence, and a visitor who has typed it."""

import re
from dataclasses import dataclass
from typing import Any

from tests.factories.browsing import Browsing
from tests.factories.web import Web

PATIENT: dict[str, Any] = {
    "run": "11.111.111-1",
    "nombres": "María José",
    "apellido_paterno": "Muñoz",
    "apellido_materno": "O'Higgins",
    "fecha_nacimiento": "14-3-1985",
    "sexo": "F",
    "numero_documento": "A12.345.678",
    "rut_empleador": "76123456-0",
}
LEAVE: dict[str, Any] = {
    "tipo": "1",
    "fecha_inicio": "20-04-2026",
    "dias": "5",
    "reposo": "total",
    "lugar": "domicilio",
    "calle": "Los Aromos 123",
    "comuna": "santiago",
    "telefono": "9 1234 5678",
    "diagnostico": "M54.5",
    "recuperable": "si",
    "invalidez": "no",
    "modalidad": "presencial",
    "comuna_atencion": "Ñuñoa",
    "establecimiento": "Consulta particular",
}
_SEEN = re.compile(r'name="visto" value="([^"]+)"')
NEW = "/consola/licencias/nueva"


@dataclass
class Writing:
    """A draft being written."""

    browsing: Browsing
    base: str

    @classmethod
    def started(cls, browsing: Browsing, **origin: str) -> "Writing":
        """Start one."""
        answer = browsing.act(NEW, **origin)
        assert answer.status_code == 303, answer.text
        return cls(browsing, answer.headers["Location"].removesuffix("/paciente"))

    def seen(self, screen: str = "reposo") -> str:
        """What the page of a screen says that it takes for granted."""
        return str(_SEEN.findall(self.browsing.get(f"{self.base}/{screen}").text)[0])

    def patient(self, *, accion: str = "seguir", seen: str | None = None, **changes: Any) -> Any:
        """Send screen 1, as opened just now unless a page opened before is said to be `seen`."""
        visto = self.seen("paciente") if seen is None else seen
        return self.browsing.act(f"{self.base}/paciente", **_with(PATIENT, changes), accion=accion, visto=visto)

    def leave(self, *, accion: str = "revisar", seen: str | None = None, **changes: Any) -> Any:
        """Send screen 2, as opened just now unless a page opened before is said to be `seen`."""
        visto = self.seen() if seen is None else seen
        return self.browsing.act(f"{self.base}/reposo", **_with(LEAVE, changes), accion=accion, visto=visto)

    def keep_leave(self, *, seen: str | None = None, **changes: Any) -> Any:
        """Send screen 2 as it sends itself while one writes."""
        visto = self.seen() if seen is None else seen
        return self.browsing.act(f"{self.base}/reposo/guardar", **_with(LEAVE, changes), visto=visto)

    def prepared(self, **changes: Any) -> str:
        """Write both and prepare; return the address of what was prepared."""
        of_patient = {name: value for name, value in changes.items() if name in PATIENT}
        assert self.patient(**of_patient).status_code == 303
        answer = self.leave(**{name: value for name, value in changes.items() if name not in of_patient})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])


def issued(web: Web, browsing: Browsing, **changes: Any) -> str:
    """Issue a licence by the pages; return its address."""
    prepared = Writing.started(browsing).prepared(**changes)
    answer = browsing.act(prepared, codigo=web.code())
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def folio_of(page: Any) -> str:
    """The folio that a licence's page says."""
    found = re.search(r'Folio <span class="nowrap">([0-9]+-[0-9K])<', page.text)
    assert found is not None, page.text
    return found[1]


def _with(fields: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}
