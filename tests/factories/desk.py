"""An officer at the desk: the whole of enrolment in person on the test's database, third parties from memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from lme_operator.core.database import Deadline
from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.domain.credentials import Session
from lme_operator.domain.enrolment.in_person import (
    AddressOrder,
    CardOrder,
    Declared,
    Enabled,
    InPerson,
    OwnVerification,
    Task,
)
from lme_operator.domain.identity import CardKind
from lme_operator.domain.norms import load_protocols
from lme_operator.domain.notices import Channel
from lme_operator.domain.professionals import PostalAddress
from lme_operator.gateways.rnpi.records import person_of
from tests.factories.identity import (
    CARD_NUMBER,
    StaticBiometrics,
    StaticCivilRegistry,
    bill_pdf,
    document_store,
    identity_checks,
    photo,
)
from tests.factories.people import ORIGIN, ROOT, SECRET, code_at
from tests.factories.rnpi import StaticRnpi
from tests.factories.stage import Stage

DOCTOR = Run(15000021)
ADDRESS = PostalAddress("Los Aromos", "123", None, "13101", "Santiago")


def declared(run: Run = DOCTOR, **changes: Any) -> Declared:
    """What the person of that RUN declares, as the register has it."""
    person = person_of(run)
    made = Declared(
        given_names=person.given,
        paternal_surname=person.paternal,
        maternal_surname=person.maternal,
        birth_date=person.born,
        kind=person.kind,
        speciality="Medicina general",
        college_registry=None,
        email=f"p{run.number}@example.cl",
        telephone=f"+569{run.number}",
        address=ADDRESS,
    )
    return replace(made, **changes)


@dataclass
class Desk:
    """An officer's work: each task by its own method; `gather` does them all, but for those left out."""

    stage: Stage
    civil_registry: StaticCivilRegistry = field(default_factory=StaticCivilRegistry)
    biometrics: StaticBiometrics = field(default_factory=StaticBiometrics)

    def __post_init__(self) -> None:
        self.civil_registry.clock = self.biometrics.clock = self.stage.database.clock

    @property
    def rnpi(self) -> StaticRnpi:
        return self.stage.people.rnpi

    @cached_property
    def in_person(self) -> InPerson:
        people = self.stage.people
        protocols = {protocol.name: protocol for protocol in load_protocols(ROOT / "protocols")}
        return InPerson(
            database=people.database,
            log=people.log,
            sealer=people.sealer,
            norms=people.credentials.norms,
            credentials=people.credentials,
            contact_codes=people.contact_codes,
            notices=people.notices,
            documents=document_store(people.sealer),
            identity_checks=identity_checks(civil_registry=self.civil_registry, biometrics=self.biometrics),
            rnpi=self.rnpi.room,
            protocols=(protocols["enrolamiento-presencial"], protocols["consulta-rnpi"]),
            terms=(ROOT / "protocols" / "condiciones-v1.txt").read_bytes(),
            operator="Operador de pruebas",
            rut=Run(76000002),
            test=True,
        )

    def officer(self, number: int = 9100001) -> Session:
        """A session of an accredited officer."""
        return self.stage.people.enter_officer(self.stage.people.officer(number))

    def open(self, session: Session, run: Run = DOCTOR) -> UUID:
        return self.in_person.open(session=session, run=run, origin=ORIGIN, deadline=Deadline(10)).id

    def gather(
        self, session: Session, case_id: UUID, *, run: Run = DOCTOR, without: frozenset[Task] = frozenset()
    ) -> None:
        """Do every task but those left out, in the order of the list."""
        tasks: Mapping[Task, Callable[[], object]] = {
            Task.DATA: lambda: self.data(session, case_id, declared(run)),
            Task.DOCUMENT: lambda: self.card(session, case_id),
            Task.RNPI: lambda: self.register(session, case_id),
            Task.ADDRESS: lambda: self.address(session, case_id),
            Task.MAIL: lambda: self.contact(session, case_id, Channel.MAIL),
            Task.TELEPHONE: lambda: self.contact(session, case_id, Channel.SMS),
            Task.IDENTITY: lambda: self.face(session, case_id),
            Task.FACTOR: lambda: self.factor(session, case_id),
            Task.TERMS: lambda: self.in_person.accept_terms(**act(session, case_id)),
        }
        for task, do in tasks.items():
            if task not in without:
                do()

    def data(self, session: Session, case_id: UUID, given: Declared) -> None:
        self.in_person.record_data(declared=given, **act(session, case_id))

    def card(self, session: Session, case_id: UUID, *, expires_on: date = date(2030, 1, 1)) -> None:
        card = CardOrder(CardKind.CITIZEN, CARD_NUMBER, expires_on)
        self.in_person.check_card(card=card, **act(session, case_id))

    def register(self, session: Session, case_id: UUID) -> None:
        self.in_person.check_register(**act(session, case_id))

    def address(self, session: Session, case_id: UUID, **changes: Any) -> None:
        today = local_day(self.stage.database.clock())
        order = AddressOrder("luz", "Eléctrica de Pruebas", today, supports=True, paper=bill_pdf())
        self.in_person.record_address(order=replace(order, **changes), **act(session, case_id))

    def contact(self, session: Session, case_id: UUID, channel: Channel) -> None:
        self.stage.database.clock.advance(seconds=1)  # type: ignore[attr-defined]  # messages of one instant have no order
        self.in_person.send_code(channel=channel, **act(session, case_id))
        code = self.stage.people.told(self.run_of(case_id), "codigo_de_contacto", channel=channel)
        self.in_person.answer_code(channel=channel, code=code, **act(session, case_id))

    def face(self, session: Session, case_id: UUID) -> None:
        self.in_person.match_face(
            document_picture=photo("CEDULA"), live_picture=photo("PERSONA"), **act(session, case_id)
        )

    def own_eyes(self, session: Session, case_id: UUID, *, result: str = "coincide") -> None:
        """The officer decides on the pictures that the provider could not tell."""
        seen = OwnVerification(result, "Comparé la cédula con la persona presente.")
        self.in_person.verify_identity(seen=seen, **act(session, case_id))

    def factor(self, session: Session, case_id: UUID) -> str:
        """Register the professional's factor; return its secret."""
        made = self.in_person.offer_factor(**act(session, case_id))
        assert made is not None
        code = code_at(self.stage.database.clock(), made.secret)
        self.in_person.confirm_factor(code=code, **act(session, case_id))
        return made.secret

    def enable(self, session: Session, case_id: UUID, *, code: str | None = None) -> Enabled:
        code = self.stage.people.next_code() if code is None else code
        return self.in_person.enable(code=code, **act(session, case_id))

    def enrol(self, session: Session, run: Run = DOCTOR) -> Enabled:
        """From nothing to enabled."""
        case_id = self.open(session, run)
        self.gather(session, case_id, run=run)
        return self.enable(session, case_id)

    def run_of(self, case_id: UUID) -> Run:
        return self.in_person.view(case_id=case_id, deadline=Deadline(10)).case.run


def act(session: Session, case_id: UUID) -> dict[str, Any]:
    """What every act of an officer on a case is given."""
    return {"session": session, "case_id": case_id, "origin": ORIGIN, "deadline": Deadline(10)}


__all__ = ["DOCTOR", "SECRET", "Desk", "act", "declared"]
