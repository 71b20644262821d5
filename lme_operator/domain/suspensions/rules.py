"""Which suspensions are in force at an instant. Pure: facts in, facts out.

Two questions, two rules. 'Was X blocked at T?' (`in_force`) is asked of the record: every fact acts from the instant at
which it was recorded, never before, so the answer does not change when more is recorded later (N-6c). 'May X act now?'
(`blocking`) is asked under the lock, where what is visible was committed before, whatever the clock of the host that
wrote it said: an order counts at once, and when clocks disagree the doubt is against acting (N-6a).
Suspensions overlap as they please: whoever is in one of them is suspended, and each ends in its own way (threat M38).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lme_operator.core.decision import Finding
from lme_operator.core.periods import Period, first_instant
from lme_operator.core.run import Run
from lme_operator.domain.suspensions.orders import Authority

PENDING, IN_FORCE, SERVED, LIFTED, REPLACED = "por_comenzar", "vigente", "cumplida", "levantada", "reemplazada"


@dataclass(frozen=True, slots=True)
class Suspension:
    """A suspension with what was later said of it. Instants aware.

    `effective_from` is the later of its first instant and the receipt under the lock, None when its last day had gone
    by; `ends_at` the first instant after its last day; `lifted_from` the earliest lifting; `corrected_at` when a
    correction superseded it.
    """

    id: UUID
    run: Run
    authority: Authority
    resolution_number: str
    resolution_date: date
    first_day: date
    last_day: date | None
    provisional: bool
    replaces: UUID | None
    replacement: str | None
    replaced_by: UUID | None
    received_at: datetime
    recorded_at: datetime
    effective_from: datetime | None
    ends_at: datetime | None
    lifted_from: datetime | None
    corrected_at: datetime | None
    registered: bool
    sessions_closed: int
    message_id: UUID | None
    declared_id: UUID | None
    entry_id: UUID

    @property
    def signed(self) -> bool:
        """Whether the authority's own machine signed the order; else it is declared by the operator."""
        return self.message_id is not None

    @property
    def window(self) -> Period | None:
        """The instants during which it blocks as recorded; None when it never does."""
        end = self._end
        if self.effective_from is None or (end is not None and end <= self.effective_from):
            return None
        return Period(self.effective_from, end)

    def blocks(self, at: datetime) -> bool:
        """Whether it forbids an act decided at `at`, on a host whose clock may be behind the one that recorded it."""
        begun = first_instant(self.first_day) <= max(at, self.recorded_at)
        return begun and (self._end is None or at < self._end)

    def state(self, at: datetime) -> str:
        """`por_comenzar`, `vigente`, `cumplida`, `levantada` or `reemplazada`; never as of before its record."""
        at = max(at, self.recorded_at)
        if self.corrected_at is not None and self.corrected_at <= at:
            return REPLACED
        if self.ends_at is not None and self.ends_at <= at:
            return LIFTED if self.lifted_from is not None and self.lifted_from < self.ends_at else SERVED
        if self.lifted_from is not None and self.lifted_from <= at:
            return LIFTED
        return PENDING if self.effective_from is not None and at < self.effective_from else IN_FORCE

    def over(self, at: datetime) -> bool:
        """Whether nothing of it is left at `at` or later."""
        window = self.window
        return window is None or (window.end is not None and window.end <= at)

    @property
    def _end(self) -> datetime | None:
        return min(
            (end for end in (self.ends_at, self.lifted_from, self.corrected_at) if end is not None), default=None
        )


def in_force(suspensions: Iterable[Suspension], at: datetime) -> tuple[Suspension, ...]:
    """Return those that blocked at the past instant `at`, as recorded; the first to be recorded first."""
    found = [one for one in suspensions if (window := one.window) is not None and window.covers(at)]
    return tuple(sorted(found, key=_by_record))


def blocking(suspensions: Iterable[Suspension], at: datetime) -> tuple[Suspension, ...]:
    """Return those that forbid an act decided now, at `at`; the first to be recorded first (N-6a)."""
    return tuple(sorted((one for one in suspensions if one.blocks(at)), key=_by_record))


def finding(suspension: Suspension) -> Finding:
    """Say a suspension in force as a reason against (N-6a, N-6b)."""
    last = "sin fecha de término" if suspension.last_day is None else f"hasta el {_day(suspension.last_day)} inclusive"
    kind = "Suspensión provisional" if suspension.provisional else "Suspensión"
    return Finding(
        code="suspension_vigente",
        cause=(
            f"{kind} de la facultad de emitir licencias ordenada por {suspension.authority.name}, resolución"
            f" {suspension.resolution_number} del {_day(suspension.resolution_date)}: desde el"
            f" {_day(suspension.first_day)} {last}."
        ),
        norm="N-6a",
        remedy="Sólo la autoridad que la ordenó puede levantarla: diríjase a ella.",
    )


def resolution_date_findings(day: date, *, today: date, oldest_year: int | None) -> tuple[Finding, ...]:
    """Refuse a resolution dated after `today`, or before `oldest_year` unless that is None (suspension@v1#recibir)."""
    if day > today:
        return (
            Finding(
                code="resolucion_futura",
                cause="La resolución tiene fecha posterior a hoy.",
                norm="suspension@v1#recibir",
                remedy="Revise el día, el mes y el año.",
                pointer="/fecha_resolucion",
            ),
        )
    if oldest_year is not None and day.year < oldest_year:
        return (
            Finding(
                code="resolucion_muy_antigua",
                cause=f"La resolución tiene fecha anterior a {oldest_year}.",
                norm="suspension@v1#recibir",
                remedy="Revise el año.",
                pointer="/fecha_resolucion",
            ),
        )
    return ()


def _by_record(suspension: Suspension) -> tuple[datetime, UUID]:
    return suspension.recorded_at, suspension.id


def _day(day: date) -> str:
    return day.strftime("%d-%m-%Y")
