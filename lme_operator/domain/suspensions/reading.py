"""What an authority may see: its own suspensions, the proof that they took effect, whether a person is blocked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, decode
from lme_operator.core.database import Deadline, Work
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.credentials import Session
from lme_operator.domain.identity import lock_people
from lme_operator.domain.mandates import Mandate, read_message
from lme_operator.domain.professionals import find_professional
from lme_operator.domain.suspensions import rules, store
from lme_operator.domain.suspensions.answers import (
    Blocking,
    Consultation,
    Detail,
    LiftedBy,
    Materialisation,
    Page,
    Registered,
    Sheet,
)
from lme_operator.domain.suspensions.base import SuspensionsBase, about, known
from lme_operator.domain.suspensions.channels import require_person
from lme_operator.domain.suspensions.events import SUSPENSION_CONSULTED
from lme_operator.domain.suspensions.orders import Authority
from lme_operator.domain.suspensions.refusals import ANOTHER_AUTHORITY, FUTURE_INSTANT, TOO_MANY_SEARCHES
from lme_operator.domain.suspensions.rules import Suspension

_SHOWN_TO_OTHERS = frozenset({"actor", "autoridad", "desde", "hasta", "provisional", "recibida_en", "efectiva_desde"})


_HOUR = timedelta(hours=1)


class Reading(SuspensionsBase):
    """Use cases that change nothing."""

    __slots__ = ()

    def page(self, *, authority: Authority, after: UUID | None, at_most: int, deadline: Deadline) -> Page:
        """Return the authority's own suspensions, oldest first: `at_most` of them, after `after` (threats M37, M39)."""
        with self.database.reading(deadline=deadline) as connection:
            found = store.of_authority(connection, authority, after=after, at_most=at_most + 1)
        page = found[:at_most]
        return Page(self.database.clock(), page, page[-1].id if len(found) > at_most else None)

    def detail(self, suspension_id: UUID, *, authority: Authority, deadline: Deadline) -> Detail:
        """Return one suspension with its grounds; raise `Refusal` if it is not the authority's own (threat M37)."""
        with self._reading_own(suspension_id, authority, deadline) as (connection, suspension):
            details = store.open_details(connection, self.sealer, suspension_id)
            receipt = self.log.receipt(connection, suspension.entry_id)
        return Detail(self.database.clock(), suspension, details["fundamento"], details["documento"], receipt)

    def materialisation(self, suspension_id: UUID, *, authority: Authority, deadline: Deadline) -> Materialisation:
        """Return the proof that an order took effect in time and form (N-6c); raise `Refusal` as `detail` does."""
        with self._reading_own(suspension_id, authority, deadline) as (connection, suspension):
            order = self._order(connection, suspension)
            receipt = self.log.receipt(connection, suspension.entry_id)
        return Materialisation(self.database.clock(), suspension, order, receipt)

    def sheet(self, suspension_id: UUID, *, authority: Authority, deadline: Deadline) -> Sheet:
        """Return all of an own suspension that its page shows (N-6c, N-6d); raise `Refusal` as `detail` does."""
        with self._reading_own(suspension_id, authority, deadline) as (connection, suspension):
            return Sheet(
                at=self.database.clock(),
                suspension=suspension,
                registered=self._registered(connection, suspension.run),
                grounds=store.open_details(connection, self.sealer, suspension_id)["fundamento"],
                ordered_by=self._ordered_by(connection, suspension.declared_id),
                receipt=self.log.receipt(connection, suspension.entry_id),
                lifting=self._lifting(connection, suspension_id),
            )

    def consult(self, run: Run, *, instant: datetime | None, authority: Authority, deadline: Deadline) -> Consultation:
        """Say whether a person is blocked, or was at a past instant as then recorded, and by what (N-6c).

        Another authority's suspension is shown without its resolution. Raises `Refusal(instante_futuro)`.
        """
        now = self.database.clock()
        at, rule = (now, rules.blocking) if instant is None else (instant, rules.in_force)
        if at > now:
            raise Refusal(FUTURE_INSTANT)
        with self.database.reading(deadline=deadline) as connection:
            blocking = tuple(
                self._blocking(connection, suspension, authority)
                for suspension in rule(store.of_person(connection, run), at)
            )
        return Consultation(run, at, blocking)

    def look_up(
        self, run: Run, *, session: Session, mandate: Mandate, origin: Origin, deadline: Deadline
    ) -> Consultation:
        """Say to a person of an authority who somebody is and whether he is blocked now; who asked about whom is kept.

        Raises `Refusal` as `identify` does. (orden-en-consola@v1#consultar)
        """
        registered = self.identify(run, session=session, mandate=mandate, origin=origin, deadline=deadline)
        consultation = self.consult(run, instant=None, authority=Authority.by_mandate(mandate), deadline=deadline)
        return replace(consultation, registered=registered)

    def identify(
        self, run: Run, *, session: Session, mandate: Mandate, origin: Origin, deadline: Deadline
    ) -> Registered | None:
        """Say to a person of an authority who is registered here with this RUN: counted and kept as a search.

        Raises `Refusal`: `sesion_terminada`, `sin_mandato`, `demasiadas_busquedas`. (orden-en-consola@v1#consultar)
        """
        authority = Authority.by_mandate(mandate)
        facts: dict[str, Json] = {"run": str(run), "consulta": f"persona:{session.run}", "ip": origin.ip}
        evidence = self._evidence(SUSPENSION_CONSULTED, authority, facts)
        with self.database.unit_of_work(
            deadline=deadline, locks=(lock_people(session.run),), evidence=evidence
        ) as work:
            require_person(work, self.sealer, self.credentials, session, mandate)
            self._count_search(work, session.run)
            self.log.attempt(
                work.connection,
                at=work.at,
                kind=SUSPENSION_CONSULTED,
                data={
                    "actor": f"persona:{session.run}",
                    "autoridad": authority.actor,
                    "run": str(run),
                    "ip": origin.ip,
                },
            )
        with self.database.reading(deadline=deadline) as connection:
            return self._registered(connection, run)

    def _registered(self, connection: Connection, run: Run) -> Registered | None:
        found = find_professional(connection, self.sealer, run)
        return None if found is None else Registered(found.data.full_name, found.data.kind)

    def _ordered_by(self, connection: Connection, declared_id: UUID | None) -> Run | None:
        """Who confirmed an order at the console; None where a machine signed it."""
        if declared_id is None:
            return None
        order = decode(store.open_declared(connection, self.sealer, declared_id))
        return Run.parse(order["ordena"].removeprefix("persona:"))

    def _lifting(self, connection: Connection, suspension_id: UUID) -> LiftedBy | None:
        found = store.earliest_lifting(connection, suspension_id)
        if found is None:
            return None
        return LiftedBy(
            resolution_number=found.resolution_number,
            reason=store.open_reason(connection, self.sealer, found.id),
            received_at=found.received_at,
            effective_from=found.effective_from,
            ordered_by=self._ordered_by(connection, found.declared_id),
            receipt=self.log.receipt(connection, found.entry_id),
        )

    def _count_search(self, work: Work, asker: Run) -> None:
        """Count one more, or raise `Refusal(demasiadas_busquedas)` with the seconds to wait (threat M39)."""
        most = self.norms.parameter("suspension.busquedas_por_hora", at=work.at).number
        made, first = store.searches_since(work, asker, work.at - _HOUR)
        if first is not None and made >= most:
            left = (first + _HOUR - work.at).total_seconds()
            raise Refusal(TOO_MANY_SEARCHES, retry_after=max(1, ceil(left)))
        store.count_search(work, asker)

    def _order(self, connection: Connection, suspension: Suspension) -> bytes:
        """The order as it came: the signed message, or what a person confirmed."""
        if suspension.message_id is not None:
            return read_message(connection, self.sealer, suspension.message_id).content
        if suspension.declared_id is None:
            raise LookupError(f"no proof of {suspension.id}")
        return store.open_declared(connection, self.sealer, suspension.declared_id)

    @contextmanager
    def _reading_own(
        self, suspension_id: UUID, authority: Authority, deadline: Deadline
    ) -> Iterator[tuple[Connection, Suspension]]:
        """Read a suspension of the authority's own; the attempt on another's is refused and logged (threat M37)."""
        with self.database.reading(deadline=deadline) as connection:
            suspension = known(connection, suspension_id)
            if suspension.authority.is_same(authority):
                yield connection, suspension
                return
        with self.database.unit_of_work(
            deadline=deadline,
            evidence=self._evidence(SUSPENSION_CONSULTED, authority, about(suspension.run, suspension_id)),
        ):
            raise Refusal(ANOTHER_AUTHORITY)

    def _blocking(self, connection: Connection, suspension: Suspension, authority: Authority) -> Blocking:
        own = suspension.authority.is_same(authority)
        disclose = None if own else _SHOWN_TO_OTHERS
        return Blocking(suspension, own, self.log.receipt(connection, suspension.entry_id, disclose=disclose))
