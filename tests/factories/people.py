"""Synthetic professionals who can enter and act. Every RUN is made up (its digit is right)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp

from lme_operator.core.database import Database, Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import Access, Entered, TotpCode
from lme_operator.domain.credentials import Credentials, EntryLimits, PasswordHashing, RelyingParty
from lme_operator.domain.enrolment import Enrolment
from lme_operator.domain.norms import Norms
from lme_operator.domain.professionals import PostalAddress, PracticeContext, ProfessionalData

ROOT = Path(__file__).parents[2]
PROTOCOL = "acceso@v1#primer-ingreso"
PASSWORD = "volantin azul sobre el cerro"
OTHER_PASSWORD = "tres teteras miran el lago"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PARTY = RelyingParty(rp_id="localhost", name="Operador de pruebas", origins=("http://localhost",))
ORIGIN = Origin(ip="192.0.2.10", device="pytest", request_id="prueba-1", place=None)
INDIVIDUAL = PracticeContext()
CHEAP = PasswordHashing(memory_kib=64, rounds=1, lanes=1, at_once=16)


def norms() -> Norms:
    return Norms.load(ROOT / "protocols")


def professional_data(**changes: Any) -> ProfessionalData:
    """Data of a synthetic médica."""
    data: dict[str, Any] = {
        "kind": 1,
        "given_names": "Antonia Paz",
        "paternal_surname": "Ñancupil",
        "maternal_surname": "Riquelme",
        "speciality": "Medicina general",
        "college_registry": "12345-6",
        "email": "antonia@example.cl",
        "telephone": "+56912345678",
        "address": PostalAddress("Los Aromos", "123", None, "13101", "Santiago"),
    }
    return ProfessionalData(**{**data, **changes})


@dataclass
class People:
    """Enrols synthetic people and enters for them, with hashing made cheap."""

    database: Database
    log: Any
    sealer: Sealer
    hashing: PasswordHashing = field(default_factory=lambda: CHEAP)
    limits: EntryLimits = field(default_factory=EntryLimits)

    @property
    def credentials(self) -> Credentials:
        return Credentials(
            sealer=self.sealer, norms=norms(), hashing=self.hashing, relying_party=PARTY, limits=self.limits
        )

    @property
    def access(self) -> Access:
        return Access(database=self.database, log=self.log, credentials=self.credentials)

    @property
    def enrolment(self) -> Enrolment:
        return Enrolment(database=self.database, log=self.log, credentials=self.credentials, demonstrations=True)

    def enrol(
        self,
        number: int = 11111111,
        *,
        contexts: Sequence[PracticeContext] = (INDIVIDUAL,),
        password: str = PASSWORD,
        initial: bool = False,
        secret: str = SECRET,
        until: datetime | None = None,
        **data: Any,
    ) -> Run:
        """Enrol a person; return the RUN."""
        run = Run(number)
        self.enrolment.record_demonstration(
            run=run,
            data=professional_data(**data),
            contexts=contexts,
            password=password,
            password_is_initial=initial,
            responsible="sistema:demostracion",
            protocol=PROTOCOL,
            deadline=Deadline(10),
            totp_secret=secret,
            until=until,
        )
        return run

    def code(self, secret: str = SECRET, *, steps: int = 0) -> str:
        """The code that the person's telephone shows now, or `steps` away."""
        return code_at(self.database.clock(), secret, steps=steps)

    def enter(
        self,
        run: Run,
        *,
        password: str = PASSWORD,
        context: PracticeContext = INDIVIDUAL,
        origin: Origin = ORIGIN,
        code: str | None = None,
    ) -> Entered:
        """Enter with password and the code of now."""
        return self.access.enter(
            run=run,
            password=password,
            second_factor=TotpCode(self.code() if code is None else code),
            context=context,
            origin=origin,
            deadline=Deadline(10),
        )


def code_at(at: datetime, secret: str = SECRET, *, steps: int = 0) -> str:
    """The TOTP code of an instant, `steps` of 30 s away."""
    return pyotp.HOTP(secret).at(int(at.timestamp()) // 30 + steps)
