"""Queries of the room (private)."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import decode, encode, from_base64url, to_base64url
from lme_operator.core.database import Work
from lme_operator.core.outside import Failure
from lme_operator.core.periods import local_day
from lme_operator.core.questions import Question
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.rnpi.answers import (
    DEFINITIVE,
    NEGATIVE,
    Answer,
    Cause,
    Consultation,
    LastAnswers,
    Purpose,
    Registration,
    Result,
)
from lme_operator.domain.rnpi.quota import Calls
from lme_operator.domain.rnpi.records import consultations, flights

_QUOTA_LOCK = (4999493, 7)
"""Advisory lock of whoever counts the calls of the day and adds one; held for the length of that."""

_ANSWER = [
    consultations.c[name]
    for name in ("id", "position", "run", "purpose", "result", "cause", "reason", "at", "entry_id", "asked_at")
]
_NEWEST_FIRST = consultations.c.position.desc()
"""The order in which they were recorded, under the person's lock: clocks of hosts may disagree."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A consultation under way: from its departure until its consultation is recorded, or it expires."""

    id: UUID
    run: Run
    purpose: Purpose
    expires_at: datetime


_ONE: "sa.ColumnClause[int]" = sa.literal_column("1", sa.Integer)


def _is_one_of(column: "sa.ColumnElement[str]", *results: Result) -> "sa.ColumnElement[bool]":
    return column.in_(sa.literal_column(f"'{result.value}'") for result in results)


def _last_answers() -> sa.CompoundSelect[Any]:
    """Make the query of `last_answers_about`, once: it is asked at every act. Every part is the end of an index.

    Short names, for the driver translates a text of over 4,096 characters anew each time; constants written out, so
    that a plan made once for all may count on them.
    """
    run, said, flown = sa.bindparam("run", type_=sa.Text), consultations.alias("c"), flights.alias("f")
    answer = [said.c[column.name] for column in _ANSWER]
    answered = sa.select(*answer).join(flown, said.c.flight_id == flown.c.id).where(flown.c.run == run)
    positive = (
        answered.add_columns(flown.c.slot)
        .where(_is_one_of(said.c.result, Result.IN_FORCE))
        .order_by(flown.c.slot.desc())
        .limit(_ONE)
        .cte("p")
    )
    parts = {
        "latest": sa.select(*answer).where(said.c.run == run).order_by(said.c.position.desc()).limit(_ONE),
        "positive": sa.select(*(positive.c[column.name] for column in _ANSWER)),
    }
    for name, group in (("negative", NEGATIVE), ("odd", (Result.INCONSISTENT,))):
        of_group = _is_one_of(said.c.result, *group)
        against = answered.where(said.c.run == run, of_group)
        for column in (flown.c.slot, said.c.position):
            mark = sa.func.coalesce(sa.select(positive.c[column.name]).scalar_subquery(), sa.literal_column("0"))
            parts[f"{name}_{column.name}"] = against.where(column > mark).order_by(column.desc()).limit(_ONE)
    named = (
        sa.select(sa.literal_column(f"'{name}'").label("part"), part.subquery(f"s{number}"))
        for number, (name, part) in enumerate(parts.items())
    )
    return sa.union_all(*named)


_LAST_ANSWERS = Question(_last_answers())


def last_answers_about(connection: Connection, run: Run) -> LastAnswers:
    """Return the latest consultation about a person and the latest that the register answered, in one query.

    Flights are numbered as they depart (`slot`), consultations as they are recorded (`position`), neither by a clock.
    The last positive is the last that departed; what speaks against the person stands unless both its departure and
    its record came before that one's.
    """
    rows = {row.part: row for row in _LAST_ANSWERS.all(connection, {"run": str(run)})}

    def last(*names: str) -> Answer | None:
        found = [rows[name] for name in names if name in rows]
        return _answer(max(found, key=lambda row: int(row.position))) if found else None

    return LastAnswers(
        latest=last("latest"),
        definitive=last("negative_slot", "negative_position") or last("positive"),
        inconsistent=last("odd_slot", "odd_position"),
    )


def find(connection: Connection, sealer: Sealer, consultation_id: UUID) -> Consultation | None:
    """Return a consultation by id, opened."""
    found = _opened(connection, sealer, consultations.c.id == consultation_id, at_most=1)
    return found[0] if found else None


def of_flight(connection: Connection, sealer: Sealer, flight_id: UUID) -> Consultation | None:
    """Return what a flight brought; None while it is under way, or if it never landed."""
    found = _opened(connection, sealer, consultations.c.flight_id == flight_id, at_most=1)
    return found[0] if found else None


def of_person(connection: Connection, sealer: Sealer, run: Run, *, at_most: int) -> tuple[Consultation, ...]:
    """Return the consultations about a person, opened, the newest first."""
    return _opened(connection, sealer, consultations.c.run == str(run), at_most=at_most)


def asked_at(connection: Connection, instant: datetime) -> Answer | None:
    """Return the failed consultation whose call began at `instant`."""
    row = connection.execute(
        sa.select(*_ANSWER)
        .where(consultations.c.asked_at == instant, consultations.c.cause.is_not(None))
        .order_by(_NEWEST_FIRST)
        .limit(1)
    ).one_or_none()
    return None if row is None else _answer(row)


def excused_since(connection: Connection, run: Run, definitive: Answer) -> bool:
    """Whether since that answer a consultation failed by another's fault, so that the exception may have been used."""
    said = consultations.alias("said")
    after = sa.and_(
        consultations.c.run == str(run),
        consultations.c.cause == Cause.FOREIGN.value,
        consultations.c.position > said.c.position,
        said.c.id == definitive.id,
    )
    return connection.execute(sa.select(sa.exists().where(after))).scalar_one() is True


def hold_quota(work: Work) -> None:
    """Let nobody else count calls until this transaction ends."""
    work.execute(sa.select(sa.func.pg_advisory_xact_lock(*_QUOTA_LOCK)))


def calls(connection: Connection, *, at: datetime) -> Calls:
    """Count the calls of the local day of `at`, and of the minute before it; what an open circuit kept is no call."""
    since = at - timedelta(hours=26)
    kept = sa.select(consultations.c.flight_id).where(
        consultations.c.cause.is_not(None),
        consultations.c.asked_at > since,
        consultations.c.reason == Failure.CIRCUIT_OPEN.value,
    )
    today, last_minute = flights.c.day == local_day(at), flights.c.at > at - timedelta(minutes=1)
    enrolling = flights.c.purpose == Purpose.ENROLMENT.value
    row = connection.execute(
        sa.select(
            sa.func.count().filter(today),
            sa.func.count().filter(last_minute),
            sa.func.count().filter(today, enrolling),
            sa.func.count().filter(last_minute, enrolling),
        ).where(flights.c.at > since, flights.c.id.not_in(kept))
    ).one()
    return Calls(*row)


def in_the_air(connection: Connection, run: Run, *, at: datetime, purposes: Iterable[Purpose]) -> Flight | None:
    """Return a person's newest flight if it is under way at `at` and for one of `purposes`."""
    row = connection.execute(
        sa.select(flights, consultations.c.id.label("landed"))
        .join(consultations, consultations.c.flight_id == flights.c.id, isouter=True)
        .where(flights.c.run == str(run))
        .order_by(flights.c.slot.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.landed is not None or row.expires_at <= at or row.purpose not in set(purposes):
        return None
    return Flight(row.id, run, Purpose(row.purpose), row.expires_at)


def take_off(work: Work, run: Run, *, purpose: Purpose, expires_at: datetime) -> Flight | None:
    """Record the departure of the person's next flight; None if another departed at the same moment."""
    slot = sa.select(sa.func.coalesce(sa.func.max(flights.c.slot), 0) + 1).where(flights.c.run == str(run))
    flight_id: UUID | None = work.execute(
        insert(flights)
        .values(
            id=work.new_id(),
            run=str(run),
            slot=slot.scalar_subquery(),
            purpose=purpose.value,
            day=local_day(work.at),
            at=work.at,
            expires_at=expires_at,
        )
        .on_conflict_do_nothing()
        .returning(flights.c.id)
    ).scalar_one_or_none()
    return None if flight_id is None else Flight(flight_id, run, purpose, expires_at)


def record(
    work: Work,
    sealer: Sealer,
    consultation: Consultation,
    *,
    members: Mapping[str, bytes],
    flight_id: UUID | None,
) -> None:
    """Insert a consultation; its evidence and what it showed of the person sealed."""
    packed = zlib.compress(encode({name: to_base64url(content) for name, content in members.items()}))
    shown = consultation.registration
    work.execute(
        consultations.insert().values(
            id=consultation.id,
            run=str(consultation.run),
            purpose=consultation.purpose.value,
            result=consultation.result.value,
            cause=None if consultation.cause is None else consultation.cause.value,
            reason=consultation.reason,
            flight_id=flight_id,
            asked_at=consultation.asked_at,
            for_review=consultation.for_review,
            members=sealer.seal(packed, where=_place("members", consultation.id)),
            registration=None
            if shown is None
            else sealer.seal(encode(shown.render()), where=_place("registration", consultation.id)),
            entry_id=consultation.entry_id,
            at=consultation.at,
        )
    )


def open_members(connection: Connection, sealer: Sealer, consultation_id: UUID) -> dict[str, bytes] | None:
    """Return the members of a consultation's evidence file, but for the receipt; None if there is no such one."""
    sealed = connection.execute(
        sa.select(consultations.c.members).where(consultations.c.id == consultation_id)
    ).scalar_one_or_none()
    if sealed is None:
        return None
    packed = zlib.decompress(sealer.open(sealed, where=_place("members", consultation_id)))
    return {name: from_base64url(content) for name, content in decode(packed).items()}


def last_answers(connection: Connection, runs: Iterable[Run]) -> Mapping[Run, datetime]:
    """Return when the register was asked what it last answered about each of `runs`; who was not is not there."""
    rows = connection.execute(
        sa.select(consultations.c.run, sa.func.max(consultations.c.asked_at).label("at"))
        .where(
            consultations.c.run == sa.any_(sa.literal([str(run) for run in runs], sa.ARRAY(sa.Text))),
            consultations.c.result.in_([result.value for result in DEFINITIVE]),
        )
        .group_by(consultations.c.run)
    )
    return {Run.parse(row.run): row.at for row in rows}


def _opened(
    connection: Connection, sealer: Sealer, condition: sa.ColumnElement[bool], *, at_most: int
) -> tuple[Consultation, ...]:
    rows = connection.execute(
        sa.select(*_ANSWER, consultations.c.registration).where(condition).order_by(_NEWEST_FIRST).limit(at_most)
    )
    return tuple(_consultation(row, sealer) for row in rows)


def _consultation(row: sa.Row[*tuple[Any, ...]], sealer: Sealer) -> Consultation:
    said = _answer(row)
    shown = None
    if row.registration is not None:
        shown = Registration.parse(decode(sealer.open(row.registration, where=_place("registration", said.id))))
    return Consultation(
        id=said.id,
        run=said.run,
        purpose=said.purpose,
        result=said.result,
        cause=said.cause,
        reason=said.reason,
        at=said.at,
        entry_id=said.entry_id,
        asked_at=said.asked_at,
        registration=shown,
    )


def _answer(row: sa.Row[*tuple[Any, ...]]) -> Answer:
    return Answer(
        id=row.id,
        run=Run.parse(row.run),
        purpose=Purpose(row.purpose),
        result=Result(row.result),
        cause=None if row.cause is None else Cause(row.cause),
        reason=row.reason,
        at=row.at,
        entry_id=row.entry_id,
        asked_at=row.asked_at,
    )


def _place(column: str, consultation_id: UUID) -> str:
    return f"rnpi.consultation.{column}:{consultation_id}"
