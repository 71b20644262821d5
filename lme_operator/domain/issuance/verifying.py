"""Whether a licence is authentic, for whoever holds its paper: an employer, its worker, an office (N-3.0b).

Who asks learns what his paper already says, to compare it, and what the licence is today, and no more: no diagnosis, of
the worker the initials and a masked RUN. A code that does not exist and one of another folio are answered alike, by the
same one query.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json
from lme_operator.core.database import Database, Deadline
from lme_operator.core.origin import Origin
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.issuance.events import LICENCE_VERIFIED
from lme_operator.domain.issuance.evidence import AUTHORISATION, DOCUMENT, authorship_of
from lme_operator.domain.issuance.states import States
from lme_operator.domain.issuance.verification_code import code_hash
from lme_operator.domain.issuance.verification_tries import take_turn_of_folio, take_turn_of_source, tell_right
from lme_operator.domain.licences import Licence, document_sealer, evidence_versions, find_licence_by_code
from lme_operator.domain.licences.authorship import Authorship
from lme_operator.domain.licences.document import describe_document
from lme_operator.domain.licences.state import State


@dataclass(frozen=True, slots=True)
class Verified:
    """An authentic licence, as much as anybody may know. `issued_at` as its form says; `rest_ends_on` the last day.

    `profession` as in `Issuer.kind`; `worker_initials` as `M. J. M. O.`; `worker_run` masked, `12.***.***-5`, and so
    `employer`, None where there is none. The type is not told: some name an illness.
    """

    folio: str
    state: State
    authorship: Authorship
    issued_at: datetime
    issuer_name: str
    profession: int
    rest_starts_on: date
    rest_ends_on: date
    days: int
    partial: bool
    employer: str | None
    worker_initials: str
    worker_run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifying:
    """The use case."""

    database: Database
    log: Log
    sealer: Sealer
    states: States

    def __call__(self, *, code: str, folio: Run | None, origin: Origin, deadline: Deadline) -> Verified | None:
        """Return the licence of this code (and of this folio, where one is given), or None.

        The try is counted and kept, each step committed before the next: for its source, for its folio, and once it is
        judged; what the folio's lane refuses counts for its source. Raises `Refusal(demasiadas_verificaciones)`.
        """
        with self.database.unit_of_work(deadline=deadline) as work:
            turns = [take_turn_of_source(work, self.sealer, origin)]
        if folio is not None:
            with self.database.unit_of_work(deadline=deadline) as work:
                turns.append(take_turn_of_folio(work, self.sealer, folio))
        with self.database.unit_of_work(deadline=deadline) as work:
            licence = find_licence_by_code(work.connection, self.sealer, code_hash(self.sealer, code), folio=folio)
            found = None if licence is None else self._found(work.connection, licence)
            data: dict[str, Json] = {
                "origen": self.log.keyed(origin.network, purpose="origen-de-verificacion"),
                "resultado": "no_coincide" if found is None else "autentica",
            }
            if licence is not None and found is not None:
                data["licencia"] = str(licence.id)
                tell_right(work.connection, turns, at=work.at)
            self.log.attempt(work.connection, at=work.at, kind=LICENCE_VERIFIED, data=data)
        return None if found is None else _shown(*found)

    def _found(self, connection: Connection, licence: Licence) -> tuple[bytes, Authorship, State] | None:
        """The signed document, who is proven to have authorised it, the present state; None once it was erased."""
        own = document_sealer(connection, self.sealer, licence.preparation_id)
        if own is None:
            return None
        members = evidence_versions(connection, own, licence.id)[0].members
        return (
            members[DOCUMENT],
            authorship_of(members[AUTHORISATION]),
            self.states.of(connection, [licence.id])[licence.id],
        )


def _shown(document: bytes, authorship: Authorship, state: State) -> Verified:
    facts = describe_document(document)
    return Verified(
        folio=facts.folio,
        state=state,
        authorship=authorship,
        issued_at=facts.issued_at,
        issuer_name=facts.issuer_name,
        profession=facts.profession,
        rest_starts_on=facts.rest_starts_on,
        rest_ends_on=facts.rest_ends_on,
        days=facts.days,
        partial=facts.partial,
        employer=None if facts.employer is None else masked(facts.employer),
        worker_initials=" ".join(f"{part[0].upper()}." for part in facts.worker_name.split()),
        worker_run=masked(facts.worker),
    )


def masked(run: Run) -> str:
    """A RUN that its holder recognises and nobody else learns: the millions and the check digit alone."""
    first, *others = run.display.partition("-")[0].split(".")
    shown = [first if len(others) > 1 else "***", *("***" for _ in others)]
    return f"{'.'.join(shown)}-{str(run)[-1]}"
