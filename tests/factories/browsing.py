"""A browser without a screen: keeps cookies, says where a form comes from, and takes its proof from the page."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from werkzeug.test import Client

from lme_operator.core.run import Run
from lme_operator.entrypoints.pages.forms import ACT, PROOF
from tests.factories.people import PASSWORD
from tests.factories.web import Web

ADDRESS = "http://localhost:8020"
_PROOF = re.compile(rf'name="{PROOF}" value="([^"]+)"')
_HEADING = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)


@dataclass
class Browsing:
    """A visitor of the console."""

    web: Web
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.web.app.test_client()

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, base_url=ADDRESS, headers=headers)

    def proof(self, path: str = "/consola/entrar") -> str:
        """The proof that the forms of a page carry, for this browser."""
        proof: str = _PROOF.findall(self.get(path).text)[0]
        return proof

    def send(
        self,
        path: str,
        *,
        proof: str | None = None,
        act: str | None = None,
        headers: dict[str, str] | None = None,
        **fields: Any,
    ) -> Any:
        """Send a form as its page would, with a number of its own unless `act` is given."""
        given = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        sent = {PROOF: self.proof() if proof is None else proof, ACT: str(uuid4()) if act is None else act, **fields}
        return self.client.post(
            path, base_url=ADDRESS, data=sent, headers={name: value for name, value in given.items() if value}
        )

    def enter(self, run: Run, *, context: str = "individual", password: str = PASSWORD) -> Any:
        """Enter by the page."""
        return self.send("/consola/entrar", run=run.display, clave=password, codigo=self.web.code(), contexto=context)

    def entered(self, run: Run, *, context: str = "individual") -> "Browsing":
        """Enter, and make sure."""
        answer = self.enter(run, context=context)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/consola"), answer.text
        return self

    def own_proof(self) -> str:
        """The proof of the session's own forms."""
        return self.proof("/consola/bloqueo")

    def act(self, path: str, **fields: Any) -> Any:
        """Send a form of the session."""
        return self.send(path, proof=self.own_proof(), **fields)


def heading(answer: Any) -> str:
    """The page's own heading."""
    found = _HEADING.search(answer.text)
    assert found is not None, answer.text
    return found[1]
