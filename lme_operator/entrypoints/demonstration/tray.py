"""`/pruebas/bandeja`: what the demonstration's people would see on their telephones: codes, mail and SMS.

Never published in production: the settings refuse it and the wiring does not install it. Works without scripts.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Any

import pyotp
from jinja2 import Environment, StrictUndefined
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import parse_instant
from lme_operator.core.database import Database
from lme_operator.core.periods import SANTIAGO
from lme_operator.core.run import Run
from lme_operator.domain.credentials import causes
from lme_operator.domain.credentials.state import INITIAL_PASSWORD
from lme_operator.domain.norms import Norms
from lme_operator.entrypoints.http.routes import OPEN, Answer, Call, Route

TRAY = "/pruebas/bandeja"
_STEP = 30
_SHOWN = 12
"""Messages that the page shows, the newest."""
_CHANNELS = {"correo": "Correo", "sms": "SMS"}
_CODE = re.compile(r"(?<![\w+.-])[0-9]{6,8}(?![\w-])", re.ASCII)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class _Account:
    """A person of the demonstration and the code of this moment."""

    role: str
    name: str
    run: str
    password: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Caught:
    """A message that was caught on its way out: `codes` are what looks like one-time codes in its text."""

    channel: str
    address: str
    subject: str | None
    at: str
    text: str = field(repr=False)
    codes: Sequence[str] = field(repr=False)


def tray_routes(home: Path, *, database: Database, norms: Norms) -> tuple[Route[Any, Any], ...]:
    """Return the page and its two files, and the start page of a test system, which leads there.

    At each view are read, in the folder `home`, demo.json of the launcher and what the sandbox left in `buzon`.
    """
    folder = resources.files(__package__)
    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string((folder / "templates" / "bandeja.html").read_text(encoding="utf-8"))

    def page(call: Call[None, None]) -> Answer:
        seconds = int(database.clock().timestamp())
        with database.reading(deadline=call.deadline) as connection:
            accounts = _accounts(home / "demo.json", seconds, _Initial(connection, database.clock(), norms))
        text = template.render(
            accounts=accounts,
            messages=_messages(home / "buzon"),
            left=_STEP - seconds % _STEP,
        )
        return Answer(text.encode(), headers={"Content-Security-Policy": _POLICY})

    def start(_call: Call[None, None]) -> Answer:
        return Answer(b"", status=HTTPStatus.SEE_OTHER, headers={"Location": TRAY})

    return (
        _get("/", "inicio_de_pruebas", start, "text/html; charset=utf-8"),
        _get(TRAY, "bandeja_de_pruebas", page, "text/html; charset=utf-8"),
        *(
            _get(f"/pruebas/{name}", name.replace(".", "_"), _file(folder / "static" / name), media)
            for name, media in (
                ("bandeja.css", "text/css; charset=utf-8"),
                ("bandeja.js", "text/javascript; charset=utf-8"),
            )
        ),
    )


@dataclass(frozen=True, slots=True)
class _Initial:
    """Knows who still has the initial password that demo.json tells."""

    connection: Connection
    at: datetime
    norms: Norms

    def was_changed(self, person: Mapping[str, Any]) -> bool:
        """Whether the person had one, and has another by now."""
        if person.get("rol") != "profesional_nuevo":
            return False
        return INITIAL_PASSWORD not in causes(self.connection, Run.parse(person["run"]), self.at, self.norms)


def _accounts(file: Path, seconds: int, initial: _Initial) -> Sequence[_Account]:
    """Read the people of the demonstration; none while the launcher has not written them."""
    if not file.exists():
        return ()
    return [
        _Account(
            role=person["apodo"],
            name=person["nombre"],
            run=Run.parse(person["run"]).display,
            password="(la cambió)" if initial.was_changed(person) else person["clave"],
            code=pyotp.TOTP(person["totp"]).at(seconds),
        )
        for person in json.loads(file.read_text(encoding="utf-8"))["personas"]
    ]


def _messages(folder: Path) -> Sequence[_Caught]:
    """Read the last messages caught, the newest first; one that goes away meanwhile is not missed."""
    found = []
    for file in sorted(folder.glob("*.json"), reverse=True)[:_SHOWN]:
        with suppress(FileNotFoundError):
            found.append(_caught(json.loads(file.read_text(encoding="utf-8"))))
    return found


def _caught(content: Mapping[str, Any]) -> _Caught:
    return _Caught(
        channel=_CHANNELS[content["canal"]],
        address=content["direccion"],
        subject=content["asunto"],
        at=f"{parse_instant(content['recibido_en']).astimezone(SANTIAGO):%d-%m-%Y %H:%M:%S}",
        text=content["texto"],
        codes=_CODE.findall(content["texto"]),
    )


def _file(file: Any) -> Callable[[Call[None, None]], Answer]:  # noqa: ANN401 - a resource of the package
    content = file.read_bytes()
    return lambda _call: Answer(content)


def _get(path: str, name: str, handle: Callable[[Call[None, None]], Answer], media: str) -> Route[None, None]:
    return Route(
        method="GET", path=path, name=name, summary="Solo en sistemas de prueba.", subject="Pruebas",
        guard=OPEN, handle=handle, answer=media,
    )  # fmt: skip
