"""Prepare: judge, then make the whole document that the professional will authorise (emision@v1)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lme_operator.core.canonical import Json, encode, format_instant, sha256
from lme_operator.core.database import Database, Deadline, Lock, Work
from lme_operator.core.idempotency import IdempotentRequest, remember_outcome
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import Log, LogEvidence
from lme_operator.domain.credentials import Session, require_live
from lme_operator.domain.identity import lock_people
from lme_operator.domain.issuance import drafts, preparations
from lme_operator.domain.issuance.drafting import Drafting
from lme_operator.domain.issuance.drafts import Held
from lme_operator.domain.issuance.events import LICENCE_PREPARED
from lme_operator.domain.issuance.evidence import WRITING, origin_facts
from lme_operator.domain.issuance.preparations import Preparation
from lme_operator.domain.issuance.refusals import MAY_NOT_ISSUE, ORDER_REFUSED, TOO_MANY_PREPARATIONS
from lme_operator.domain.licences import Address, Issuer, LicenceOrder, create_document_key, next_folio
from lme_operator.domain.licences.checks import Case, check_order
from lme_operator.domain.licences.document import OperatorIdentity, render_document
from lme_operator.domain.norms import Norms
from lme_operator.domain.professionals import Professional, find_professional, lock_agreements, lock_institution
from lme_operator.domain.rnpi import Purpose, Rnpi
from lme_operator.domain.standing import Act, Standing

KIND = "preparacion"
"""Kind of the outcome that an idempotency key remembers."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A preparation as its professional sees it: `document` is the prepared XML, `digest` (32 bytes) what he signs."""

    id: UUID
    folio: str
    issued_at: datetime
    expires_at: datetime
    document: bytes
    digest: bytes
    replayed: bool

    @classmethod
    def of(cls, made: Preparation, *, replayed: bool) -> "Prepared":
        """Show a preparation to its professional."""
        return cls(made.id, str(made.folio), made.at, made.expires_at, made.document, made.digest, replayed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing:
    """The use case: from an order to a preparation."""

    database: Database
    log: Log
    sealer: Sealer
    norms: Norms
    standing: Standing
    rnpi: Rnpi
    operator: OperatorIdentity
    drafting: Drafting

    def __call__(
        self,
        *,
        session: Session,
        order: LicenceOrder,
        request: IdempotentRequest,
        origin: Origin,
        deadline: Deadline,
        draft_id: UUID | None = None,
    ) -> Preparation | UUID:
        """Prepare a licence, of an own draft if one is named: what was prepared of it before is then discarded.

        Return it; or the id of the one that an earlier equal request prepared, which is asked before the register is.

        Raises `Refusal`: `no_puede_emitir`, `orden_con_faltas`, `demasiadas_preparaciones`, `borrador_inexistente`,
        `sesion_terminada`, `emision_en_curso`, and those of the idempotency key.
        """
        done = self.database.find_outcome(request, deadline=deadline)
        if done is not None:
            return done.result_id
        self.rnpi.ensure(run=session.run, purpose=Purpose.ISSUE, deadline=deadline)
        evidence = LogEvidence(
            self.log, LICENCE_PREPARED, f"persona:{session.run}", {"contexto": session.context.code, "ip": origin.ip}
        )
        with self.database.unit_of_work(
            deadline=deadline, idempotency=request, locks=locks_of(session), evidence=evidence
        ) as work:
            if work.replayed is not None:
                return work.replayed.result_id
            made = self._make(work, session, order, origin, draft_id=draft_id)
            remember_outcome(work.connection, request, kind=KIND, result_id=made.id, at=work.at)
            return made

    def _make(
        self, work: Work, session: Session, order: LicenceOrder, origin: Origin, *, draft_id: UUID | None
    ) -> Preparation:
        require_live(work, session)
        judgement = self.standing.judge(
            work.connection, run=session.run, act=Act.ISSUE, context=session.context, at=work.at
        )
        professional = find_professional(work.connection, self.sealer, session.run)
        if not judgement.decision.allowed or professional is None:
            raise Refusal(MAY_NOT_ISSUE, findings=judgement.decision.findings)
        held = None if draft_id is None else self.drafting.take(work, session=session, draft_id=draft_id)
        self._demand_sound(work, session, order, professional)
        folio = next_folio(work)
        document = render_document(
            order,
            issuer=issuer_of(professional),
            folio=str(folio),
            operator=self.operator,
            context=session.context,
            issued_at=work.at,
        )
        minutes = self.norms.parameter("preparacion.vigencia_minutos", at=work.at).number
        made = Preparation(
            id=work.new_id(),
            run=session.run,
            context=session.context.code,
            epoch=session.epoch,
            folio=folio,
            digest=sha256(document),
            document=document,
            origin=encode(origin_facts(origin) | _writing(held)),
            at=work.at,
            expires_at=preparations.expiry(work.at, minutes=minutes),
        )
        preparations.record(work, create_document_key(work, self.sealer, made.id), made)
        if draft_id is not None:
            drafts.bind(work, draft_id, made.id)
        return made

    def _demand_sound(self, work: Work, session: Session, order: LicenceOrder, professional: Professional) -> None:
        """Refuse an order with faults, all at once, and more live preparations than the protocol allows."""
        case = Case(order=order, profession=professional.data.kind, at=work.at, norms=self.norms)
        decision = check_order(case)
        if not decision.allowed:
            raise Refusal(ORDER_REFUSED, findings=decision.findings)
        most = self.norms.parameter("preparacion.vivas_por_persona", at=work.at).number
        if preparations.alive(work.connection, run=session.run, epoch=session.epoch, at=work.at) >= most:
            raise Refusal(TOO_MANY_PREPARATIONS, retry_after=60)


def _writing(held: Held | None) -> dict[str, Json]:
    """How long it was written, for who studies fraud: it stays with the preparation, and is no part of the evidence."""
    if held is None:
        return {}
    return {WRITING: {"iniciado": format_instant(held.started_at), "guardado": format_instant(held.saved_at)}}


def locks_of(session: Session) -> tuple[Lock, ...]:
    """The locks of issuing: institution and agreements shared, the professional's row without waiting."""
    person = lock_people(session.run, nowait=True)
    institution = session.context.institution
    if institution is None:
        return (person,)
    return (lock_institution(institution), lock_agreements(institution), person)


def issuer_of(professional: Professional) -> Issuer:
    """Return the professional as section A.5 shows him."""
    data, home = professional.data, professional.data.address
    return Issuer(
        run=professional.run,
        given_names=data.given_names,
        paternal_surname=data.paternal_surname,
        maternal_surname=data.maternal_surname,
        speciality=data.speciality,
        kind=data.kind,
        college_registry=data.college_registry,
        email=data.email,
        telephone=data.telephone,
        address=Address(home.street, home.number, home.flat, home.commune, home.city, home.country),
    )
