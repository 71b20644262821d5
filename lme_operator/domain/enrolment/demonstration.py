"""Enrolment of demonstration people, for tests and demonstrations alone: it proves nobody's identity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lme_operator.core.citation import is_citation
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.core.run import Run
from lme_operator.domain import suspensions
from lme_operator.domain.audit import Log, event
from lme_operator.domain.credentials import Credentials, TotpSecret
from lme_operator.domain.enrolment.records import enrolments
from lme_operator.domain.enrolment.refusals import SUSPENDED
from lme_operator.domain.identity import lock_people
from lme_operator.domain.professionals import PracticeContext, ProfessionalData, record_professional

DEMONSTRATION = "demostracion"
DEMONSTRATION_RECORDED = event(code="enrolamiento_de_demostracion", norm=("N-1a", "N-1f"))
DEMONSTRATION_FORBIDDEN = refusal(
    code="demostracion_no_permitida",
    status=403,
    citation="N-1a",
    words="El enrolamiento de demostración no comprueba la identidad de nadie y aquí no está permitido.",
    remedy="Enrole a la persona ante un funcionario habilitado.",
)


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """A demonstration person: enrolments and their log entries by context code, and the TOTP secret to show once."""

    run: Run
    enrolments: dict[str, UUID]
    entries: tuple[UUID, ...]
    totp: TotpSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Enrols professionals. `demonstrations` is true in test environments only; there it is said in the log too."""

    database: Database
    log: Log
    credentials: Credentials
    demonstrations: bool

    def record_demonstration(
        self,
        *,
        run: Run,
        data: ProfessionalData,
        contexts: Sequence[PracticeContext],
        password: str,
        password_is_initial: bool,
        responsible: str,
        protocol: str,
        deadline: Deadline,
        totp_secret: str | None = None,
        until: datetime | None = None,
    ) -> Demonstrated:
        """Make the person, his data, password, TOTP and an enrolment in each context, in one transaction.

        `responsible` is an actor (`persona:RUN`, `sistema:tarea`), `protocol` cites the step followed.
        Raises `Refusal`: `demostracion_no_permitida` outside test environments, `enrolamiento_durante_suspension` with
        every suspension in force, which is looked up under the person's lock. (N-1a, N-1f, N-1l, N-6b)
        """
        if not self.demonstrations:
            raise Refusal(DEMONSTRATION_FORBIDDEN)
        if not is_citation(protocol):
            raise ValueError(f"not a protocol's step: {protocol!r}")
        hashed = self.credentials.hashing.hash(password, salt=None, deadline=deadline)
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run, create=True),)) as work:
            if suspended := suspensions.causes(work.connection, run, work.at):
                raise Refusal(SUSPENDED, findings=suspended)
            record_professional(work, self.credentials.sealer, run, data)
            self.credentials.set_password(work, run, hashed, initial=password_is_initial)
            totp = self.credentials.set_totp(work, run, secret=totp_secret)
            ids = {context.code: work.new_id() for context in contexts}
            entries = {code: work.new_id() for code in ids}
            for code, enrolment_id in ids.items():
                work.execute(
                    enrolments.insert().values(
                        id=enrolment_id,
                        run=str(run),
                        context=code,
                        kind=DEMONSTRATION,
                        responsible=responsible,
                        protocol=protocol,
                        entry_id=entries[code],
                        at=work.at,
                        until=until,
                    )
                )
            for code, enrolment_id in ids.items():
                facts = {"enrolamiento": str(enrolment_id), "run": str(run), "contexto": code, "protocolo": protocol}
                self.log.append(
                    work, kind=DEMONSTRATION_RECORDED, actor=responsible, data=facts, entry_id=entries[code]
                )
        return Demonstrated(run, ids, tuple(entries.values()), totp)
