"""Queries of the room (private): licences, their evidence, the keys of their documents.

Everything readable about a licence is sealed under its document's own key; the evidence members travel as one
canonical JSON object of base64url strings, compressed before sealing.
"""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, decode, encode, from_base64url, to_base64url
from lme_operator.core.database import Work
from lme_operator.core.questions import Question
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.licences.records import document_keys, evidence, licences


@dataclass(frozen=True, slots=True)
class Patient:
    """The worker, as lists name him."""

    run: Run
    name: str


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence issued. `worker` is a keyed hash of the worker's RUN; `code` the verification code of the form.

    `patient` is None for those of before the details told it.
    """

    id: UUID
    folio: Run
    run: Run
    context: str
    enrolment_id: UUID
    preparation_id: UUID
    kind: int
    days: int
    rest_starts_on: date
    worker: bytes
    code: str
    entry_id: UUID
    at: datetime
    patient: Patient | None = None


@dataclass(frozen=True, slots=True)
class ListedLicence:
    """A licence in a list; `patient` is also None once its document was erased."""

    id: UUID
    folio: Run
    preparation_id: UUID
    kind: int
    days: int
    rest_starts_on: date
    at: datetime
    patient: Patient | None


def worker_hash(sealer: Sealer, worker: Run) -> bytes:
    """Return the keyed hash by which a worker's licences are found; his RUN is nowhere in the open."""
    return sealer.lookup(str(worker), purpose="trabajador")


_KEY_OF = Question(sa.select(document_keys.c.wrapped).where(document_keys.c.id == sa.bindparam("id")))


def create_document_key(work: Work, sealer: Sealer, document_id: UUID) -> Sealer:
    """Make and store the key of one document (named by its preparation); return its sealer."""
    own, wrapped = sealer.new_document_key(where=_key_place(document_id))
    work.execute(document_keys.insert(), {"id": document_id, "wrapped": wrapped})
    return own


def document_sealer(connection: Connection, sealer: Sealer, document_id: UUID) -> Sealer | None:
    """Return the sealer of a document; None if there is no such document, or its key was destroyed."""
    found = _KEY_OF.first(connection, {"id": document_id})
    return None if found is None else sealer.document(found.wrapped, where=_key_place(document_id))


def document_sealers(connection: Connection, sealer: Sealer, ids: Collection[UUID]) -> dict[UUID, Sealer]:
    """Return the sealers of several documents; those whose key was destroyed are left out."""
    rows = connection.execute(sa.select(document_keys).where(document_keys.c.id.in_(ids)))
    return {row.id: sealer.document(row.wrapped, where=_key_place(row.id)) for row in rows}


def record_licence(work: Work, own: Sealer, licence: Licence, *, code_hash: bytes) -> None:
    """Insert the licence; its readable details sealed under its document's key, found again by its code's hash."""
    details: Json = {"codigo": licence.code}
    if licence.patient is not None:
        details["trabajador"] = {"run": str(licence.patient.run), "nombre": licence.patient.name}
    work.execute(
        licences.insert(),
        {
            "id": licence.id,
            "folio": licence.folio.number,
            "run": str(licence.run),
            "context": licence.context,
            "enrolment_id": licence.enrolment_id,
            "preparation_id": licence.preparation_id,
            "kind": licence.kind,
            "days": licence.days,
            "rest_starts_on": licence.rest_starts_on,
            "worker": licence.worker,
            "details": own.seal(encode(details), where=_details_place(licence.id)),
            "code_hash": code_hash,
            "entry_id": licence.entry_id,
            "at": licence.at,
        },
    )


def find_licence(connection: Connection, sealer: Sealer, licence_id: UUID) -> Licence | None:
    """Return a licence by id."""
    return _find(connection, sealer, licences.c.id == licence_id)


def find_licence_by_code(
    connection: Connection, sealer: Sealer, code_hash: bytes, *, folio: Run | None
) -> Licence | None:
    """Return the licence whose verification code has this keyed hash, if it is of `folio` where one is given."""
    same = sa.true() if folio is None else licences.c.folio == folio.number
    return _find(connection, sealer, (licences.c.code_hash == code_hash) & same)


def _find(connection: Connection, sealer: Sealer, condition: sa.ColumnElement[bool]) -> Licence | None:
    row = connection.execute(
        sa.select(licences, document_keys.c.wrapped)
        .join(document_keys, document_keys.c.id == licences.c.preparation_id)
        .where(condition)
    ).one_or_none()
    if row is None:
        return None
    details = _details(sealer, row)
    return Licence(
        id=row.id,
        folio=Run(row.folio),
        run=Run.parse(row.run),
        context=row.context,
        enrolment_id=row.enrolment_id,
        preparation_id=row.preparation_id,
        kind=row.kind,
        days=row.days,
        rest_starts_on=row.rest_starts_on,
        worker=row.worker,
        code=details["codigo"],
        entry_id=row.entry_id,
        at=row.at,
        patient=_patient(details),
    )


def licences_of_issuer(
    connection: Connection,
    sealer: Sealer,
    *,
    run: Run,
    context: str,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> tuple[ListedLicence, ...]:
    """Return the newest licences that a professional issued in a context, those `before` (instant, id) where given."""
    place = sa.tuple_(licences.c.at, licences.c.id)
    rows = connection.execute(
        sa.select(licences, document_keys.c.wrapped)
        .outerjoin(document_keys, document_keys.c.id == licences.c.preparation_id)
        .where(
            licences.c.run == str(run),
            licences.c.context == context,
            sa.true() if before is None else place < sa.tuple_(*before),
        )
        .order_by(licences.c.at.desc(), licences.c.id.desc())
        .limit(limit)
    )
    return tuple(_listed(row, None if row.wrapped is None else _patient(_details(sealer, row))) for row in rows)


def licences_of_worker(
    connection: Connection, *, run: Run, context: str, worker: bytes, limit: int
) -> tuple[ListedLicence, ...]:
    """Return the newest licences that a professional issued to a worker in a context, without opening them."""
    rows = connection.execute(
        sa.select(licences)
        .where(licences.c.worker == worker, licences.c.run == str(run), licences.c.context == context)
        .order_by(licences.c.at.desc(), licences.c.id.desc())
        .limit(limit)
    )
    return tuple(_listed(row, None) for row in rows)


def _listed(row: "sa.Row[Any]", patient: Patient | None) -> ListedLicence:
    return ListedLicence(
        row.id, Run(row.folio), row.preparation_id, row.kind, row.days, row.rest_starts_on, row.at, patient
    )


def _details(sealer: Sealer, row: "sa.Row[Any]") -> Json:
    own = sealer.document(row.wrapped, where=_key_place(row.preparation_id))
    return decode(own.open(row.details, where=_details_place(row.id)))


def _patient(details: Json) -> Patient | None:
    worker = details.get("trabajador")
    return None if worker is None else Patient(Run.parse(worker["run"]), worker["nombre"])


def record_evidence(
    work: Work,
    own: Sealer,
    *,
    licence_id: UUID,
    version: int,
    members: Mapping[str, bytes],
    entry_id: UUID,
) -> None:
    """Insert one version of the evidence: all its members but the receipt, which is rendered after commit."""
    packed = zlib.compress(encode({name: to_base64url(data) for name, data in members.items()}), level=1)
    work.execute(
        evidence.insert(),
        {
            "licence_id": licence_id,
            "version": version,
            "members": own.seal(packed, where=_evidence_place(licence_id, version)),
            "entry_id": entry_id,
            "at": work.at,
        },
    )


@dataclass(frozen=True, slots=True)
class EvidenceVersion:
    """One stored version: its members by full name, and the log entry whose receipt completes it."""

    version: int
    members: Mapping[str, bytes]
    entry_id: UUID


def evidence_versions(connection: Connection, own: Sealer, licence_id: UUID) -> tuple[EvidenceVersion, ...]:
    """Return every version of a licence's evidence, oldest first."""
    rows = connection.execute(
        sa.select(evidence).where(evidence.c.licence_id == licence_id).order_by(evidence.c.version)
    ).all()
    return tuple(
        EvidenceVersion(
            row.version,
            _unpack(own.open(row.members, where=_evidence_place(licence_id, row.version))),
            row.entry_id,
        )
        for row in rows
    )


def evidence_entries(connection: Connection, licence_id: UUID) -> tuple[UUID, ...]:
    """Return the log entry of every version of a licence's evidence, oldest first, without opening them."""
    found = sa.select(evidence.c.entry_id).where(evidence.c.licence_id == licence_id).order_by(evidence.c.version)
    return tuple(connection.execute(found).scalars())


def _unpack(packed: bytes) -> Mapping[str, bytes]:
    return {name: from_base64url(text) for name, text in decode(zlib.decompress(packed)).items()}


def _key_place(document_id: UUID) -> str:
    return f"licences.document_key.wrapped:{document_id}"


def _details_place(licence_id: UUID) -> str:
    return f"licences.licence.details:{licence_id}"


def _evidence_place(licence_id: UUID, version: int) -> str:
    return f"licences.evidence.members:{licence_id}/{version}"
