"""A person of an authority before the console's page."""

from typing import Any
from uuid import UUID

from lme_operator.core.run import Run
from tests.factories.browsing import Browsing
from tests.factories.web import Web

PAGE = "/consola/autoridad"
COMPIN, ANOTHER_REGION = "compin:13", "compin:05"
PERSON, COLLEAGUE = 9100005, 9100006
ORDER: dict[str, Any] = {
    "numero_resolucion": "1234/2026", "fecha_resolucion": "17-04-2026", "desde": "20-04-2026", "termino": "dia",
    "hasta": "19-05-2026", "fundamento": "Artículo 2, Ley 20.585: no entrega de antecedentes.",
}  # fmt: skip
"""As `machines.terms` says it."""


class Desk:
    """A person of an authority before the page."""

    def __init__(self, web: Web, number: int = PERSON, authority: str = COMPIN) -> None:
        self.web = web
        self.run = web.people.officer(number, authority=authority)
        self.browsing = Browsing(web).entered(self.run, context="operador")

    def look_up(self, run: Run) -> Any:
        return self.browsing.act(PAGE, run=run.display)

    def preview(self, run: Run, /, **changes: str) -> Any:
        return self.browsing.act(f"{PAGE}/orden", **{**ORDER, "run": run.display, **changes})

    def confirm(self, run: Run, /, *, code: str | None = None, act: str | None = None, **changes: str) -> Any:
        fields: dict[str, Any] = {
            **ORDER,
            "run": run.display,
            "codigo": self.web.code() if code is None else code,
            **changes,
        }
        fields = {name: value for name, value in fields.items() if value}
        return self.browsing.send(f"{PAGE}/ordenar", proof=self.browsing.own_proof(), act=act, **fields)

    def ordered(self, run: Run, **changes: str) -> UUID:
        answer = self.confirm(run, **changes)
        assert answer.status_code == 303, answer.text
        return UUID(answer.headers["Location"].rpartition("/")[2])

    def lift(self, suspension: UUID, **changes: str) -> Any:
        fields = {"numero_resolucion": "900/2026", "motivo": "Entregó los antecedentes.", "codigo": self.web.code()}
        return self.browsing.act(f"{PAGE}/suspensiones/{suspension}/levantamiento", **{**fields, **changes})
