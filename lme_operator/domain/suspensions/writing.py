"""Writes an authority's orders as facts, under the person's lock, and logs them last."""

from datetime import datetime
from uuid import UUID

from lme_operator.core.canonical import Json, format_instant
from lme_operator.core.database import Work
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log
from lme_operator.domain.credentials import count_live_sessions
from lme_operator.domain.identity import raise_epoch
from lme_operator.domain.professionals import find_professional
from lme_operator.domain.suspensions import store
from lme_operator.domain.suspensions.channels import Kept, Orderer, PersonOrdering
from lme_operator.domain.suspensions.events import SUSPENSION_LIFTED, SUSPENSION_RECEIVED, SUSPENSION_REPLACED
from lme_operator.domain.suspensions.orders import LiftingOrder, SuspensionOrder
from lme_operator.domain.suspensions.rules import Suspension


def write_suspension(
    work: Work,
    log: Log,
    sealer: Sealer,
    order: SuspensionOrder,
    *,
    suspension_id: UUID,
    content_hash: bytes,
    by: Orderer | PersonOrdering,
    kept: Kept,
    replaces: UUID | None = None,
    replacement: str | None = None,
) -> None:
    """Kill the person's live sessions and count them, write the suspension, log it (N-6a, N-6b).

    An order whose last day has gone by is kept, as the authority's record, and touches nothing: it can block no more.
    """
    entry_id, period = work.new_id(), order.terms.period
    over = period.end is not None and period.end <= work.at
    effective_from = None if over else max(work.at, period.start)
    materialised = store.Materialised(
        effective_from=effective_from,
        registered=find_professional(work.connection, sealer, order.run) is not None,
        sessions_closed=0 if over else count_live_sessions(work.connection, order.run, work.at),
    )
    if not over:
        raise_epoch(work, order.run)
    terms = order.terms.render()
    details = {"fundamento": terms.pop("fundamento"), "documento": terms.pop("documento"), "origen": _origin(by)}
    store.record(
        work,
        sealer,
        order,
        suspension_id=suspension_id,
        authority=by.authority,
        details=details,
        content_hash=content_hash,
        replaces=replaces,
        replacement=replacement,
        received_at=by.received_at,
        materialised=materialised,
        message_id=kept.message_id,
        declared_id=kept.declared_id,
        entry_id=entry_id,
    )
    log.append(
        work,
        kind=SUSPENSION_RECEIVED if replaces is None else SUSPENSION_REPLACED,
        actor=by.authority.actor,
        entry_id=entry_id,
        data={
            **terms,
            "suspension": str(suspension_id),
            "reemplaza": None if replaces is None else str(replaces),
            "clase": replacement,
            "run": str(order.run),
            "autoridad": by.authority.name,
            "recibida_en": format_instant(by.received_at),
            "efectiva_desde": None if effective_from is None else format_instant(effective_from),
            "profesional_registrado": materialised.registered,
            "sesiones_cerradas": materialised.sessions_closed,
            **kept.said,
        },
    )


def write_lifting(
    work: Work,
    log: Log,
    sealer: Sealer,
    lifted: Suspension,
    order: LiftingOrder,
    *,
    lifting_id: UUID,
    content_hash: bytes,
    effective_from: datetime,
    by: Orderer | PersonOrdering,
    kept: Kept,
) -> None:
    """Write the lifting of one suspension and log it (N-6d)."""
    entry_id = work.new_id()
    terms = order.render()
    store.record_lifting(
        work,
        sealer,
        order,
        lifting_id=lifting_id,
        suspension_id=lifted.id,
        details={"motivo": terms.pop("motivo"), "origen": _origin(by)},
        content_hash=content_hash,
        received_at=by.received_at,
        effective_from=effective_from,
        message_id=kept.message_id,
        declared_id=kept.declared_id,
        entry_id=entry_id,
    )
    log.append(
        work,
        kind=SUSPENSION_LIFTED,
        actor=by.authority.actor,
        entry_id=entry_id,
        data={
            **terms,
            "levantamiento": str(lifting_id),
            "suspension": str(lifted.id),
            "run": str(lifted.run),
            "autoridad": by.authority.name,
            "recibida_en": format_instant(by.received_at),
            "efectiva_desde": format_instant(effective_from),
            **kept.said,
        },
    )


def _origin(by: Orderer | PersonOrdering) -> Json:
    return {"ip": by.origin.ip, "dispositivo": by.origin.device, "solicitud": by.origin.request_id}
