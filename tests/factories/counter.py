"""An officer before the console, by HTTP: cookies kept, each form sent with its proof, third parties from memory."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lme_operator.core.run import Run
from lme_operator.domain.notices import Channel
from lme_operator.wiring import create_app
from tests.factories.desk import DOCTOR, declared
from tests.factories.identity import (
    CARD_NUMBER,
    StaticBiometrics,
    StaticCivilRegistry,
    bill_pdf,
    identity_checks,
    photo,
)
from tests.factories.people import PASSWORD
from tests.factories.web import Web, operator_of, web_settings

CASES, PEOPLE = "/consola/enrolamientos", "/consola/profesionales"
_PROOF = re.compile(r'name="prueba" value="([^"]+)"')


@dataclass
class Counter:
    """One person's browser. `web` is the application, `civil_registry` and `biometrics` what third parties say."""

    web: Web
    civil_registry: StaticCivilRegistry
    biometrics: StaticBiometrics
    client: FlaskClient = field(init=False)
    proof: str = ""

    def __post_init__(self) -> None:
        self.client = self.web.app.test_client()

    @property
    def origin(self) -> str:
        return self.web.operator.settings.web.origin

    def another(self) -> "Counter":
        """Another browser before the same console."""
        return replace(self, proof="")

    def officer(self, number: int = 9100001, **changes: Any) -> Run:
        """Accredit an officer and enter as such."""
        run = self.web.people.officer(number, **changes)
        self.enter(run)
        return run

    def enter(self, run: Run, *, password: str = PASSWORD, context: str = "operador", code: str | None = None) -> None:
        """Enter by the page."""
        self.look("/consola/entrar")
        code = self.web.people.next_code() if code is None else code
        answer = self.send("/consola/entrar", run=run.display, clave=password, codigo=code, contexto=context)
        assert answer.status_code == 303, text_of(answer)
        self.look("/consola")

    def look(self, path: str) -> TestResponse:
        """Open a page, and remember the proof that its forms carry."""
        answer = self.client.get(path, base_url=self.origin)
        self._remember(answer)
        return answer

    def send(self, path: str, *, proof: str | None = None, **fields: Any) -> TestResponse:
        """Send a form; bytes go as a file."""
        given: dict[str, Any] = {"prueba": self.proof if proof is None else proof, "acto": str(uuid4())}
        for name, value in fields.items():
            given[name] = (BytesIO(value), f"{name}.bin") if isinstance(value, bytes) else value
        files = any(isinstance(value, bytes) for value in fields.values())
        answer = self.client.post(
            path,
            base_url=self.origin,
            data=given,
            headers={"Origin": self.origin},
            content_type="multipart/form-data" if files else "application/x-www-form-urlencoded",
        )
        self._remember(answer)
        return answer

    def _remember(self, answer: TestResponse) -> None:
        if answer.mimetype == "text/html" and (found := _PROOF.search(answer.text)):
            self.proof = found[1]

    def open(self, run: Run = DOCTOR) -> str:
        """Open a case; return the address of its task list."""
        answer = self.send(f"{CASES}/nuevo", run=run.display)
        assert answer.status_code == 303, text_of(answer)
        return str(answer.location).removesuffix("/datos")

    def gather(self, case: str, run: Run = DOCTOR, *, without: frozenset[str] = frozenset()) -> None:
        """Do every task by its page but those left out; each must be accepted."""
        for task in _ORDER:
            if task not in without:
                answer = getattr(self, task)(case, run)
                assert answer.status_code == 303, (task, text_of(answer))

    def datos(self, case: str, run: Run = DOCTOR, **changes: str) -> TestResponse:
        return self.send(f"{case}/datos", **{**data_fields(run), **changes})

    def documento(self, case: str, _run: Run = DOCTOR, **changes: str) -> TestResponse:
        given = {"clase": "cedula", "numero_documento": CARD_NUMBER, "vence_en": "01-01-2030"}
        return self.send(f"{case}/documento", **{**given, **changes})

    def rnpi(self, case: str, _run: Run = DOCTOR) -> TestResponse:
        return self.send(f"{case}/rnpi")

    def domicilio(self, case: str, _run: Run = DOCTOR, **changes: Any) -> TestResponse:
        given = {
            "clase": "luz", "emisor": "Eléctrica de Pruebas", "fecha": f"{self.web.clock():%d-%m-%Y}",
            "coincide": "si", "archivo": bill_pdf(),
        }  # fmt: skip
        return self.send(f"{case}/domicilio", **{**given, **changes})

    def correo(self, case: str, run: Run = DOCTOR) -> TestResponse:
        self.web.clock.advance(seconds=1)
        self.send(f"{case}/correo/envio")
        return self.send(f"{case}/correo", codigo=self.told(run, "correo"))

    def telefono(self, case: str, run: Run = DOCTOR) -> TestResponse:
        self.web.clock.advance(seconds=1)
        self.send(f"{case}/telefono/envio")
        return self.send(f"{case}/telefono", codigo=self.told(run, "sms"))

    def identidad(self, case: str, _run: Run = DOCTOR, **changes: Any) -> TestResponse:
        given = {"foto_documento": photo("CEDULA"), "foto_persona": photo("PERSONA")}
        return self.send(f"{case}/identidad", **{**given, **changes})

    def factor(self, case: str, _run: Run = DOCTOR) -> TestResponse:
        self.send(f"{case}/factor/qr")
        secret = secret_in(self.look(f"{case}/factor").text)
        return self.send(f"{case}/factor", codigo=self.web.people.code(secret))

    def condiciones(self, case: str, _run: Run = DOCTOR) -> TestResponse:
        return self.send(f"{case}/condiciones")

    def enable(self, case: str) -> TestResponse:
        return self.send(f"{case}/revisar", codigo=self.web.people.next_code())

    def enrol(self, run: Run = DOCTOR) -> str:
        """From nothing to enabled; return the address of the case."""
        case = self.open(run)
        self.gather(case, run)
        answer = self.enable(case)
        assert answer.status_code == 303, text_of(answer)
        return case

    def told(self, run: Run, channel: str) -> str:
        """The code that the person has just received."""
        return self.web.people.told(run, "codigo_de_contacto", channel=Channel(channel))


_ORDER = ("datos", "documento", "rnpi", "domicilio", "correo", "telefono", "identidad", "factor", "condiciones")


def data_fields(run: Run = DOCTOR, **changes: str) -> dict[str, str]:
    """What an officer types of what the person of that RUN declares."""
    person = declared(run)
    given = {
        "nombres": person.given_names,
        "apellido_paterno": person.paternal_surname,
        "apellido_materno": person.maternal_surname or "",
        "fecha_nacimiento": f"{person.birth_date:%d/%m/%Y}",
        "profesion": str(person.kind),
        "especialidad": person.speciality,
        "calle": person.address.street,
        "numero": person.address.number or "",
        "comuna": person.address.commune,
        "ciudad": person.address.city or "",
        "correo": person.email,
        "telefono": f"9 8{run.number % 1000:03d} 4321",
    }
    return {**given, **changes}


def secret_in(page: str) -> str:
    """The secret that a page shows in groups."""
    found = re.search(r'class="shown-once code">([A-Z2-7 ]+)<', page)
    assert found is not None, page
    return found[1].replace(" ", "")


def text_of(answer: TestResponse) -> str:
    """What a page says, without its marks and the lists that it offers."""
    shown = re.sub(r"<option.*?</option>", " ", answer.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


@contextmanager
def counter_of(home: Path, application_url: str, clock: Any) -> Iterator[Counter]:
    """The application as the wiring builds it, with third parties from memory."""
    with operator_of(web_settings(home, application_url), clock) as operator:
        registry, biometrics = StaticCivilRegistry(), StaticBiometrics()
        checks = identity_checks(civil_registry=registry, biometrics=biometrics)
        wired = replace(operator, in_person=replace(operator.in_person, identity_checks=checks))
        yield Counter(Web(create_app(wired), wired, clock), registry, biometrics)
