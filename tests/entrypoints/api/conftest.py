"""The web application wired as in production, on the test's database, with people ready to act."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.domain.credentials import PasswordHashing
from lme_operator.domain.enrolment import Enrolment
from lme_operator.domain.professionals import PracticeContext
from lme_operator.entrypoints.api.order import EXAMPLE
from lme_operator.gateways.key_store import create_keys
from lme_operator.settings import Settings
from lme_operator.wiring import Operator, build_operator, create_app
from tests.factories.stage import DOCTOR, PASSWORD, professional_data

OTHER = Run(15000002)
NEWCOMER = Run(15000003)


@dataclass
class Web:
    """A client of the API that remembers everybody's factors."""

    app: Flask
    operator: Operator
    clock: Any
    secrets: dict[Run, str] = field(default_factory=dict)

    def enrol(self, run: Run = DOCTOR, *, context: PracticeContext | None = None, initial: bool = False) -> Run:
        enrolment = Enrolment(
            database=self.operator.database,
            log=self.operator.log,
            credentials=self.operator.credentials,
            demonstrations=True,
        )
        made = enrolment.record_demonstration(
            run=run,
            data=professional_data(),
            contexts=(context or PracticeContext(),),
            password=PASSWORD,
            password_is_initial=initial,
            responsible="sistema:demostracion",
            protocol="acceso@v1#primer-ingreso",
            deadline=Deadline(10),
        )
        self.secrets[run] = made.totp.secret
        return run

    def code(self, run: Run = DOCTOR) -> str:
        """A code never used: the clock moves to the next step."""
        self.clock.advance(seconds=30)
        return pyotp.TOTP(self.secrets[run]).at(self.clock())

    def entry(self, run: Run = DOCTOR, **changes: Any) -> dict[str, Any]:
        body = {
            "run": str(run),
            "clave": PASSWORD,
            "segundo_factor": {"tipo": "totp", "codigo": self.code(run)},
            "contexto": {"tipo": "individual"},
        }
        return body | changes

    def enter(self, run: Run = DOCTOR) -> str:
        """Enter; return the session's token."""
        answer = self.post("/api/v1/sesiones", self.entry(run))
        assert answer.status_code == 201, answer.text
        token: str = answer.json["token"]
        return token

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.send("POST", path, body, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.send("GET", path, **options)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        """Send a request; `body` is JSON, or bytes as they are."""
        given = dict(headers or {})
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        if key is not None:
            given["Idempotency-Key"] = key
        content = {"data": body, "content_type": "application/json"} if isinstance(body, bytes) else {"json": body}
        return self.app.test_client().open(
            path,
            method=method,
            headers=given,
            **(content if body is not None else {}),  # type: ignore[arg-type]
        )

    def prepare(self, token: str, body: Any = None, *, key: str | None = None) -> TestResponse:
        order = order_of(self.clock) if body is None else body
        return self.post("/api/v1/licencias/preparaciones", order, token=token, key=key or str(uuid4()))

    def issue(self, token: str, preparation: str, *, run: Run = DOCTOR, code: str | None = None, key: str = "") -> Any:
        body = {"preparacion": preparation, "autorizacion": {"tipo": "totp", "codigo": code or self.code(run)}}
        return self.post("/api/v1/licencias", body, token=token, key=key or str(uuid4()))


def order_of(clock: Callable[[], Any]) -> dict[str, Any]:
    """The documentation's example; the tests' clock stands at its day."""
    assert clock().date().isoformat() == EXAMPLE["fecha_inicio_reposo"]
    return EXAMPLE


@pytest.fixture
def settings(tmp_path: Path, application_url: str) -> Settings:
    return Settings.load(
        {"LME_ENV": "testing", "LME_HOME": str(tmp_path), "LME_DATABASE_URL_APPLICATION": application_url}
    )


@pytest.fixture
def operator(settings: Settings, clock: Any) -> Any:
    create_keys(settings.keys, at=clock(), operator=settings.operator.name, production=False)
    hashing = PasswordHashing(memory_kib=64, rounds=1, lanes=1)
    built = build_operator(settings, role="application", clock=clock, hashing=hashing)
    yield built
    built.database.close()


@pytest.fixture
def web(operator: Operator, clock: Any) -> Web:
    """The API with nobody enrolled."""
    return Web(create_app(operator), operator, clock)


@pytest.fixture
def doctor(web: Web) -> str:
    """The token of a professional who has entered."""
    return web.enter(web.enrol())
