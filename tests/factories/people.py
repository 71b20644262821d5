"""Synthetic professionals who can enter and act. Every RUN is made up (its digit is right)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyotp
import pytest

from lme_operator.core.database import Database, Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import Access, Entered, PasswordChangeDue, TotpCode
from lme_operator.domain.audit import KeyRole, TrustedKey, TrustFile
from lme_operator.domain.credentials import (
    ContactCodes,
    Credentials,
    EntryLimits,
    PasswordHashing,
    RelyingParty,
    Session,
)
from lme_operator.domain.enrolment import Enrolment
from lme_operator.domain.identity import lock_people
from lme_operator.domain.mandates import (
    Founder,
    Mandates,
    OfficerOrder,
    ReadyAccess,
    found_operator,
)
from lme_operator.domain.norms import Norms
from lme_operator.domain.notices import Channel, Message, Notices
from lme_operator.domain.professionals import PostalAddress, PracticeContext, ProfessionalData
from lme_operator.domain.standing import Standing
from tests.factories.identity import bill_pdf, document_store

if TYPE_CHECKING:
    from tests.factories.rnpi import StaticRnpi

ROOT = Path(__file__).parents[2]
PROTOCOL = "acceso@v2#primer-ingreso"
PASSWORD = "volantin azul sobre el cerro"
OTHER_PASSWORD = "tres teteras miran el lago"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PARTY = RelyingParty(rp_id="localhost", name="Operador de pruebas", origins=("http://localhost",))
ORIGIN = Origin(ip="192.0.2.10", device="pytest", request_id="prueba-1", place=None)
INDIVIDUAL = PracticeContext()
OPERATOR = PracticeContext(operator=True)
FOUNDERS = (
    Founder(Run(9000001), "Ana Soto Fuentes", "ana.soto@operador.example", "+56990000001"),
    Founder(Run(9000002), "Luis Rojas Vera", "luis.rojas@operador.example", "+56990000002"),
)
OFFICER = 9100001
DESIGNATION = bill_pdf("DESIGNACION - Resolucion exenta 77 de 2026")
"""The paper by which an authority designates somebody."""
CHEAP = PasswordHashing(memory_kib=64, rounds=1, lanes=1, at_once=16)


@cache
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
    accredited: tuple[Any, ...] = ()

    @property
    def credentials(self) -> Credentials:
        return Credentials(
            sealer=self.sealer, norms=norms(), hashing=self.hashing, relying_party=PARTY, limits=self.limits
        )

    @property
    def notices(self) -> Notices:
        return Notices(database=self.database, log=self.log, sealer=self.sealer, messenger=None)

    @property
    def contact_codes(self) -> ContactCodes:
        return ContactCodes(sealer=self.sealer, norms=norms(), notices=self.notices)

    @property
    def mandates(self) -> Mandates:
        return Mandates(
            database=self.database,
            log=self.log,
            sealer=self.sealer,
            credentials=self.credentials,
            notices=self.notices,
            documents=document_store(self.sealer),
        )

    @property
    def access(self) -> Access:
        return Access(
            database=self.database,
            log=self.log,
            credentials=self.credentials,
            contact_codes=self.contact_codes,
            notices=self.notices,
            rnpi=self.rnpi.room,
            standing=Standing(norms()),
            accredited=self.accredited,
        )

    @cached_property
    def rnpi(self) -> "StaticRnpi":
        """The RNPI in memory, that knows everybody as in force unless told otherwise."""
        from tests.factories.rnpi import StaticRnpi

        return StaticRnpi(self.database, self.log, self.sealer)

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

    @property
    def trust(self) -> TrustFile:
        signer = self.log.signer
        key = TrustedKey(signer.key_id, KeyRole.LOG, signer.public)
        return TrustFile(self.log.origin, PARTY.rp_id, PARTY.origins, (key,))

    def founders(self) -> tuple[Run, Run]:
        """Found the operator, once; both founders have `PASSWORD` and `SECRET`, ready to use."""
        found_operator(
            self.database,
            self.log,
            self.credentials,
            name="Operador de pruebas",
            rut=Run(76000002),
            code="99",
            trust=self.trust,
            founders=FOUNDERS,
            hand_over=lambda _given: None,
            deadline=Deadline(10),
            ready={founder.run: ReadyAccess(PASSWORD, SECRET) for founder in FOUNDERS},
        )
        return FOUNDERS[0].run, FOUNDERS[1].run

    def officer(self, number: int = OFFICER, **changes: Any) -> Run:
        """Accredit an officer by both founders, who has entered once and has `PASSWORD` and `SECRET`.

        The clock moves on, two minutes at most. `changes` are of the `OfficerOrder`. (`enter_officer` gives a session.)
        """
        first, second = self.founders()
        run = Run(number)
        session = self.enter_officer(first)
        drafted = self.mandates.draft_officer(
            session=session, order=officer_order(self, run, **changes), origin=ORIGIN, deadline=Deadline(10),
            secret=SECRET, designation=DESIGNATION if "authority" in changes else None,
        )  # fmt: skip
        self.mandates.propose_officer(
            session=session, proposal_id=drafted.proposal_id, code=self.code(), origin=ORIGIN, deadline=Deadline(10)
        )
        approving = self.enter_officer(second)
        self.mandates.approve_officer(
            session=approving, proposal_id=drafted.proposal_id, code=self.next_code(), origin=ORIGIN,
            deadline=Deadline(10),
        )  # fmt: skip
        if drafted.totp is not None:
            self.first_entry(run)
        return run

    def first_access(self, number: int = 11111111) -> tuple[Run, str]:
        """Enrol somebody whose password is initial (`PASSWORD`) and waits for its activation; return its code."""
        run = self.enrol(number, initial=True)
        hashed = self.hashing.hash(PASSWORD, salt=None, deadline=Deadline(10))
        with self.database.unit_of_work(deadline=Deadline(10), locks=(lock_people(run),)) as work:
            return run, self.credentials.set_first_access(work, run, hashed)

    def first_entry(self, run: Run, *, context: PracticeContext = OPERATOR) -> None:
        """Enter with the password that came by mail and change it, with the activation that came by SMS."""
        password, activation = self.told(run, "clave_inicial"), self.told(run, "codigo_de_activacion")
        with pytest.raises(PasswordChangeDue) as due:
            self.enter(run, password=password, context=context, code=self.next_code())
        self.access.change_password(
            session=due.value.entered.session,
            current=password,
            new=PASSWORD,
            activation=activation,
            origin=ORIGIN,
            deadline=Deadline(10),
        )

    def enter_officer(self, run: Run) -> Session:
        """A session of one of the operator's people, with a code never used: the clock moves to the next step."""
        return self.enter(run, context=OPERATOR, code=self.next_code()).session

    def next_code(self) -> str:
        """Let the next TOTP step come; return its code (every synthetic person has the same secret)."""
        self.database.clock.advance(seconds=30)  # type: ignore[attr-defined]
        return self.code()

    def messages(self, run: Run) -> tuple[Message, ...]:
        """Every message to a person, the newest first."""
        with self.database.reading(deadline=Deadline(10)) as connection:
            return tuple(state.message for state in self.notices.of_person(connection, run))

    def told(self, run: Run, kind: str, *, channel: Channel | None = None) -> str:
        """The password or code in the newest message of `kind` to the person."""
        texts = (m.text for m in self.messages(run) if m.kind == kind and channel in (None, m.channel))
        found = _TOLD.search(next(texts))
        assert found is not None
        return found[1]


_TOLD = re.compile(r"\b(?:es:?|código:) ([0-9]{6,8}|[a-z2-9]{5}(?:-[a-z2-9]{5})+)")


def officer_order(people: People, run: Run, **changes: Any) -> OfficerOrder:
    """An officer from today on."""
    order: dict[str, Any] = {
        "run": run,
        "name": "Carla Ignacia Mella Ruiz",
        "email": f"funcionaria.{run.number}@operador.example",
        "telephone": "+56990000003",
        "identity": "Cédula vigente, a la vista.",
        "since": local_day(people.database.clock()),
    }
    return OfficerOrder(**{**order, **changes})


def code_at(at: datetime, secret: str = SECRET, *, steps: int = 0) -> str:
    """The TOTP code of an instant, `steps` of 30 s away."""
    return pyotp.HOTP(secret).at(int(at.timestamp()) // 30 + steps)
