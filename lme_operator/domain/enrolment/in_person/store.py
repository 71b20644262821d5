"""Queries of enrolment in person (private to the room)."""

import zlib
from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, decode, encode, from_base64url, to_base64url
from lme_operator.core.database import Work
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.enrolment.in_person.case import Case, Holding
from lme_operator.domain.enrolment.in_person.pieces import Piece, Task
from lme_operator.domain.enrolment.records import (
    case_ends,
    case_holders,
    cases,
    contacts,
    dossier_keys,
    dossiers,
    factor_offers,
    pieces,
)
from lme_operator.domain.professionals import PracticeContext

_holder = (
    sa.select(case_holders.c.holder)
    .where(case_holders.c.case_id == cases.c.id)
    .order_by(case_holders.c.sequence.desc())
    .limit(1)
    .scalar_subquery()
)
_CASES = sa.select(cases, _holder.label("holder"), case_ends.c.kind.label("end"), case_ends.c.enrolment_id).outerjoin(
    case_ends, case_ends.c.case_id == cases.c.id
)


def record_case(work: Work, case: Case) -> None:
    """Write a new case, held by who opens it."""
    work.execute(
        cases.insert().values(
            id=case.id,
            run=str(case.run),
            context=case.context.code,
            protocols=list(case.protocols),
            opened_by=case.opened_by,
            entry_id=case.entry_id,
            at=case.at,
        )
    )
    record_holder(work, case.id, holder=case.opened_by, entry_id=case.entry_id)


def record_holder(work: Work, case_id: UUID, *, holder: str, entry_id: UUID) -> None:
    """Write who has the case from now on."""
    work.execute(
        case_holders.insert().values(id=work.new_id(), case_id=case_id, holder=holder, entry_id=entry_id, at=work.at)
    )


def find_case(connection: Connection, case_id: UUID) -> Case | None:
    """Return a case by id."""
    return _case(connection.execute(_CASES.where(cases.c.id == case_id)).one_or_none())


def find_open_case(connection: Connection, run: Run, context: PracticeContext) -> Case | None:
    """Return the person's open case in that context; under the person's lock there is one at most."""
    return _case(
        connection.execute(
            _CASES.where(cases.c.run == str(run), cases.c.context == context.code, case_ends.c.case_id.is_(None))
        ).one_or_none()
    )


def cases_of(connection: Connection, run: Run) -> tuple[Case, ...]:
    """Return every case of the person, newest first."""
    rows = connection.execute(_CASES.where(cases.c.run == str(run)).order_by(cases.c.id.desc())).all()
    return tuple(case for case in map(_case, rows) if case is not None)


def open_cases(connection: Connection, *, after: UUID | None, at_most: int) -> tuple[Case, ...]:
    """Return open cases, newest first, `at_most` of them, those older than `after`."""
    query = _CASES.where(case_ends.c.case_id.is_(None)).order_by(cases.c.id.desc()).limit(at_most)
    rows = connection.execute(query if after is None else query.where(cases.c.id < after)).all()
    return tuple(case for case in map(_case, rows) if case is not None)


def holdings_of(connection: Connection, case_id: UUID) -> tuple[Holding, ...]:
    """Return who has had the case, oldest first."""
    rows = connection.execute(
        sa.select(case_holders).where(case_holders.c.case_id == case_id).order_by(case_holders.c.sequence)
    )
    return tuple(Holding(row.holder, row.at, row.entry_id) for row in rows)


def record_end(
    work: Work, sealer: Sealer, case: Case, *, kind: str, by: str, entry_id: UUID, reason: str | None = None,
    enrolment_id: UUID | None = None,
) -> None:  # fmt: skip
    """End the case, once."""
    where = f"enrolment.case_end.reason:{case.id}"
    work.execute(
        case_ends.insert().values(
            case_id=case.id,
            kind=kind,
            enrolment_id=enrolment_id,
            ended_by=by,
            reason=None if reason is None else sealer.seal(reason.encode(), where=where),
            entry_id=entry_id,
            at=work.at,
        )
    )


def record_piece(work: Work, sealer: Sealer, case_id: UUID, piece: Piece) -> None:
    """Write a piece, which supersedes the earlier of its task."""
    content = sealer.seal(encode(dict(piece.content)), where=_content_place(piece.id))
    work.execute(
        pieces.insert().values(
            id=piece.id,
            case_id=case_id,
            task=piece.task.value,
            gathered_by=piece.by,
            session_id=piece.session_id,
            content=content,
            entry_id=piece.entry_id,
            at=piece.at,
        )
    )


def pieces_of(connection: Connection, sealer: Sealer, case_id: UUID) -> tuple[Piece, ...]:
    """Return every piece of the case, oldest first."""
    rows = connection.execute(sa.select(pieces).where(pieces.c.case_id == case_id).order_by(pieces.c.sequence)).all()
    return tuple(
        Piece(
            id=row.id,
            task=Task(row.task),
            by=row.gathered_by,
            session_id=row.session_id,
            at=row.at,
            entry_id=row.entry_id,
            content=decode(sealer.open(row.content, where=_content_place(row.id))),
        )
        for row in rows
    )


def in_force(gathered: tuple[Piece, ...]) -> Mapping[Task, Piece]:
    """Return the latest piece of each task."""
    return {piece.task: piece for piece in gathered}


def record_offer(work: Work, sealer: Sealer, case_id: UUID, *, session_id: UUID, secret: str) -> None:
    """Keep the secret that was shown to the professional, until a code proves that he has it."""
    row_id = work.new_id()
    sealed = sealer.seal(secret.encode(), where=_secret_place(row_id))
    work.execute(
        factor_offers.insert().values(id=row_id, case_id=case_id, session_id=session_id, secret=sealed, at=work.at)
    )


def find_offer(connection: Connection, sealer: Sealer, case_id: UUID) -> tuple[UUID, UUID, str] | None:
    """Return id, session and secret of the latest offer."""
    row = connection.execute(
        sa.select(factor_offers)
        .where(factor_offers.c.case_id == case_id)
        .order_by(factor_offers.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return row.id, row.session_id, sealer.open(row.secret, where=_secret_place(row.id)).decode()


def find_secret(connection: Connection, sealer: Sealer, offer_id: UUID) -> str:
    """Return the secret of one offer."""
    sealed = connection.execute(sa.select(factor_offers.c.secret).where(factor_offers.c.id == offer_id)).scalar_one()
    return sealer.open(sealed, where=_secret_place(offer_id)).decode()


def record_contact(work: Work, sealer: Sealer, run: Run, *, channel: str, address: str) -> None:
    """Remember whose contact this is, by keyed hash."""
    work.execute(
        contacts.insert().values(
            id=work.new_id(), run=str(run), channel=channel, address_key=_address_key(sealer, address), at=work.at
        )
    )


def is_shared(connection: Connection, sealer: Sealer, run: Run, *, channel: str, address: str) -> bool:
    """Whether another person gave the same contact."""
    shared: bool = connection.execute(
        sa.select(
            sa.exists().where(
                contacts.c.channel == channel,
                contacts.c.address_key == _address_key(sealer, address),
                contacts.c.run != str(run),
            )
        )
    ).scalar_one()
    return shared


def record_dossier(
    work: Work, sealer: Sealer, *, enrolment_id: UUID, case_id: UUID, members: Mapping[str, bytes]
) -> None:
    """Write the members of the dossier, but the receipt and the documents, under a key of their own."""
    own, wrapped = sealer.new_document_key(where=_key_place(enrolment_id))
    work.execute(dossier_keys.insert().values(id=enrolment_id, wrapped=wrapped))
    packed = zlib.compress(encode({name: to_base64url(content) for name, content in members.items()}), level=1)
    sealed = own.seal(packed, where=_members_place(enrolment_id))
    work.execute(dossiers.insert().values(enrolment_id=enrolment_id, case_id=case_id, members=sealed, at=work.at))


def read_dossier(connection: Connection, sealer: Sealer, enrolment_id: UUID) -> Mapping[str, bytes] | None:
    """Return the members that `record_dossier` wrote; None if there are none."""
    row = connection.execute(
        sa.select(dossiers.c.members, dossier_keys.c.wrapped)
        .join(dossier_keys, dossier_keys.c.id == dossiers.c.enrolment_id)
        .where(dossiers.c.enrolment_id == enrolment_id)
    ).one_or_none()
    if row is None:
        return None
    own = sealer.document(row.wrapped, where=_key_place(enrolment_id))
    packed: Json = decode(zlib.decompress(own.open(row.members, where=_members_place(enrolment_id))))
    return {name: from_base64url(text) for name, text in packed.items()}


def _case(row: "sa.Row[tuple[object, ...]] | None") -> Case | None:
    if row is None:
        return None
    return Case(
        id=row.id,
        run=Run.parse(row.run),
        context=PracticeContext.parse(row.context),
        protocols=tuple(row.protocols),
        opened_by=row.opened_by,
        entry_id=row.entry_id,
        at=row.at,
        holder=row.holder,
        end=row.end,
        enrolment_id=row.enrolment_id,
    )


def _address_key(sealer: Sealer, address: str) -> bytes:
    return sealer.lookup(address.casefold(), purpose="contacto-de-profesional")


def _content_place(piece_id: UUID) -> str:
    return f"enrolment.piece.content:{piece_id}"


def _secret_place(offer_id: UUID) -> str:
    return f"enrolment.factor_offer.secret:{offer_id}"


def _key_place(enrolment_id: UUID) -> str:
    return f"enrolment.dossier_key.wrapped:{enrolment_id}"


def _members_place(enrolment_id: UUID) -> str:
    return f"enrolment.dossier.members:{enrolment_id}"
