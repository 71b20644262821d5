"""An officer before the console, without a screen: each task sent as its page would, third parties from memory."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

from lme_operator.core.run import Run
from lme_operator.domain.enrolment.in_person import Task
from lme_operator.domain.notices import Channel
from lme_operator.wiring import create_app
from tests.factories.browsing import Browsing
from tests.factories.desk import DOCTOR, declared
from tests.factories.identity import (
    CARD_NUMBER,
    StaticBiometrics,
    StaticCivilRegistry,
    bill_pdf,
    identity_checks,
    photo,
)
from tests.factories.web import Web, operator_of, web_settings

CASES, PEOPLE = "/consola/enrolamientos", "/consola/profesionales"


@dataclass
class Counter(Browsing):
    """An officer's browser; `civil_registry` and `biometrics` are what third parties say from now on."""

    civil_registry: StaticCivilRegistry = field(default_factory=StaticCivilRegistry)
    biometrics: StaticBiometrics = field(default_factory=StaticBiometrics)

    def another(self) -> "Counter":
        """Another browser before the same console."""
        return Counter(self.web, civil_registry=self.civil_registry, biometrics=self.biometrics)

    def officer(self, number: int = 9100001, **changes: Any) -> Run:
        """Accredit an officer and enter as such."""
        run = self.web.people.officer(number, **changes)
        self.entered(run, context="operador")
        return run

    def post(self, path: str, **fields: Any) -> Any:
        """Send a form of the session; bytes go as a file."""
        given = {
            name: (BytesIO(value), f"{name}.bin") if isinstance(value, bytes) else value
            for name, value in fields.items()
        }
        return self.act(path, **given)

    def open(self, run: Run = DOCTOR) -> str:
        """Open a case; return the address of its task list."""
        answer = self.post(f"{CASES}/nuevo", run=run.display)
        assert answer.status_code == 303, text_of(answer)
        return str(answer.location).removesuffix("/datos")

    def gather(self, case: str, run: Run = DOCTOR, *, without: frozenset[Task] = frozenset()) -> None:
        """Do every task by its page but those left out; each must be accepted."""
        tasks: Mapping[Task, Callable[[str, Run], Any]] = {
            Task.DATA: self.data,
            Task.DOCUMENT: self.card,
            Task.RNPI: self.register,
            Task.ADDRESS: self.address,
            Task.MAIL: self.mail,
            Task.TELEPHONE: self.telephone,
            Task.IDENTITY: self.identity,
            Task.FACTOR: self.factor,
            Task.TERMS: self.terms,
        }
        for task, do in tasks.items():
            if task not in without:
                answer = do(case, run)
                assert answer.status_code == 303, (task, text_of(answer))

    def data(self, case: str, run: Run = DOCTOR, **changes: str) -> Any:
        return self.post(f"{case}/datos", **{**data_fields(run), **changes})

    def card(self, case: str, _run: Run = DOCTOR, **changes: str) -> Any:
        given = {"clase": "cedula", "numero_documento": CARD_NUMBER, "vence_en": "01-01-2030"}
        return self.post(f"{case}/documento", **{**given, **changes})

    def register(self, case: str, _run: Run = DOCTOR) -> Any:
        return self.post(f"{case}/rnpi")

    def address(self, case: str, _run: Run = DOCTOR, **changes: Any) -> Any:
        given = {
            "clase": "luz", "emisor": "Eléctrica de Pruebas", "fecha": f"{self.web.clock():%d-%m-%Y}",
            "coincide": "si", "archivo": bill_pdf(),
        }  # fmt: skip
        return self.post(f"{case}/domicilio", **{**given, **changes})

    def mail(self, case: str, run: Run = DOCTOR) -> Any:
        self.web.clock.advance(seconds=1)
        self.post(f"{case}/correo/envio")
        return self.post(f"{case}/correo", codigo=self.told(run, "correo"))

    def telephone(self, case: str, run: Run = DOCTOR) -> Any:
        self.web.clock.advance(seconds=1)
        self.post(f"{case}/telefono/envio")
        return self.post(f"{case}/telefono", codigo=self.told(run, "sms"))

    def identity(self, case: str, _run: Run = DOCTOR, **changes: Any) -> Any:
        given = {"foto_documento": photo("CEDULA"), "foto_persona": photo("PERSONA")}
        return self.post(f"{case}/identidad", **{**given, **changes})

    def factor(self, case: str, _run: Run = DOCTOR) -> Any:
        self.post(f"{case}/factor/qr")
        secret = secret_in(self.get(f"{case}/factor").text)
        return self.post(f"{case}/factor", codigo=self.web.people.code(secret))

    def terms(self, case: str, _run: Run = DOCTOR) -> Any:
        return self.post(f"{case}/condiciones")

    def enable(self, case: str) -> Any:
        return self.post(f"{case}/revisar", codigo=self.web.people.next_code())

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


def text_of(answer: Any) -> str:
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
        yield Counter(Web(create_app(wired), wired, clock), civil_registry=registry, biometrics=biometrics)
