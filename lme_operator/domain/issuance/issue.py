"""Issue: look again under the lock, spend the preparation and the authorisation, sign, seal, record (emision@v1).

Everything happens in one transaction whose last statement is the log entry. Who was suspended, blocked or changed a
factor before this transaction took the person's lock is refused; who is suspended after it waits for its commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lme_operator.core.canonical import decode, format_instant, to_base64url
from lme_operator.core.database import Database, Deadline, Work
from lme_operator.core.idempotency import IdempotentRequest, remember_outcome
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import MANIFEST_DATUM, Log, LogEvidence, digest_of
from lme_operator.domain.credentials import CountsWrongCodes, Session, require_live
from lme_operator.domain.issuance import evidence, exceptions, preparations
from lme_operator.domain.issuance.authorise import Authorisation, Authorised, Authorising
from lme_operator.domain.issuance.events import LICENCE_ISSUED
from lme_operator.domain.issuance.exceptions import Excuse
from lme_operator.domain.issuance.preparations import Preparation
from lme_operator.domain.issuance.prepare import locks_of
from lme_operator.domain.issuance.refusals import MAY_NOT_ISSUE, PREPARATION_USED
from lme_operator.domain.issuance.verification_code import code_hash, new_code
from lme_operator.domain.licences import Licence, Patient, record_evidence, record_licence, worker_hash
from lme_operator.domain.licences.document import describe_document
from lme_operator.domain.rnpi import Purpose, Result, Rnpi
from lme_operator.domain.signing import SignedDocument, Signer
from lme_operator.domain.standing import Act, Judgement, Standing

KIND = "licencia"
"""Kind of the outcome that an idempotency key remembers."""


@dataclass(frozen=True, slots=True)
class _Act:
    """Everything that one issuing is made of; `own` seals what belongs to this document."""

    licence_id: UUID
    own: Sealer
    preparation: Preparation
    judgement: Judgement
    authorised: Authorised
    signed: SignedDocument
    origin: Origin
    excuse: Excuse | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuing:
    """The use case: from a preparation and its authorisation to a licence in the log."""

    database: Database
    log: Log
    sealer: Sealer
    signer: Signer
    standing: Standing
    rnpi: Rnpi
    authorising: Authorising

    def __call__(
        self,
        *,
        session: Session,
        preparation_id: UUID,
        authorisation: Authorisation,
        request: IdempotentRequest,
        origin: Origin,
        deadline: Deadline,
    ) -> Licence | UUID:
        """Issue the licence and return it; or the id of the one that an earlier equal request issued.

        Raises `Refusal`: `sesion_terminada`, `no_puede_emitir`, `preparacion_inexistente`, `preparacion_vencida`,
        `preparacion_descartada`, `preparacion_ya_usada`, those of the authorisation, `emision_en_curso`, and those of
        the idempotency key.
        """
        done = self.database.find_outcome(request, deadline=deadline)
        if done is not None:
            return done.result_id
        excuse = self._ask_register(session, deadline)
        known = self.authorising.known_key(session.run, authorisation, deadline=deadline)
        facts = {"contexto": session.context.code, "preparacion": str(preparation_id), "ip": origin.ip}
        proof = LogEvidence(self.log, LICENCE_ISSUED, f"persona:{session.run}", facts)
        with self.database.unit_of_work(
            deadline=deadline,
            idempotency=request,
            locks=locks_of(session),
            evidence=CountsWrongCodes(proof, session.run, LICENCE_ISSUED.code),
        ) as work:
            if work.replayed is not None:
                return work.replayed.result_id
            judgement = self._look_again(work, session)
            excused = exceptions.of_judgement(judgement, excuse)
            own, preparation = preparations.usable(work.connection, self.sealer, session, preparation_id, at=work.at)
            licence_id = work.new_id()
            # Before the authorisation: whoever sends again what was issued hears that, and not of a copied key.
            if not preparations.redeem(work, preparation.id, licence_id):
                raise Refusal(PREPARATION_USED)
            authorised = self.authorising.authorise(work, preparation, authorisation, known)
            signed = self.signer.sign(
                preparation.document,
                run=session.run,
                authorisation=authorised.statement,
                key_thumbprint=authorised.thumbprint,
                context=preparation.context,
                at=work.at,
            )
            remember_outcome(work.connection, request, kind=KIND, result_id=licence_id, at=work.at)
            act = _Act(licence_id, own, preparation, judgement, authorised, signed, origin, excused)
            return self._record(work, act)

    def _ask_register(self, session: Session, deadline: Deadline) -> Excuse | None:
        """Ask the RNPI again if today has no answer, before any lock; return the proof of a failure (N-4c)."""
        answer = self.rnpi.ensure(run=session.run, purpose=Purpose.ISSUE, deadline=deadline)
        if answer.result is not Result.IMPOSSIBLE:
            return None
        return Excuse(answer.id, self.rnpi.evidence_file(answer.id, deadline=deadline))

    def _look_again(self, work: Work, session: Session) -> Judgement:
        """The second look, under the lock: nothing that was decided before it counts (N-6a, N-2.7a)."""
        require_live(work, session)
        judgement = self.standing.judge(
            work.connection, run=session.run, act=Act.ISSUE, context=session.context, at=work.at
        )
        if not judgement.decision.allowed:
            raise Refusal(MAY_NOT_ISSUE, findings=judgement.decision.findings)
        return judgement

    def _record(self, work: Work, act: _Act) -> Licence:
        """Write licence, evidence and, last, the log entry that holds the manifest's digest."""
        entry_id = work.new_id()
        licence = self._licence(work, act, entry_id)
        record_licence(work, act.own, licence, code_hash=code_hash(self.sealer, licence.code))
        if act.excuse is not None:
            exceptions.record_pass(work, act.licence_id, act.preparation.run, act.excuse)
        members, manifest = _evidence(work, act)
        record_evidence(work, act.own, licence_id=act.licence_id, version=1, members=members, entry_id=entry_id)
        preparation = act.preparation
        self.log.append(
            work,
            kind=LICENCE_ISSUED,
            actor=f"persona:{preparation.run}",
            data={
                "licencia": str(act.licence_id),
                "folio": str(preparation.folio),
                "run": str(preparation.run),
                "contexto": preparation.context,
                "documento": to_base64url(preparation.digest),
                "certificado": act.signed.serial,
                "autorizacion": act.authorised.kind,
                "preparacion": str(preparation.id),
                "riesgo": evidence.NO_RISK_ENGINE,
                MANIFEST_DATUM: digest_of(manifest),
            },
            entry_id=entry_id,
        )
        return licence

    def _licence(self, work: Work, act: _Act, entry_id: UUID) -> Licence:
        facts, preparation = describe_document(act.preparation.document), act.preparation
        if act.judgement.enrolment_id is None:
            raise Refusal(MAY_NOT_ISSUE)
        return Licence(
            id=act.licence_id,
            folio=preparation.folio,
            run=preparation.run,
            context=preparation.context,
            enrolment_id=act.judgement.enrolment_id,
            preparation_id=preparation.id,
            kind=facts.kind,
            days=facts.days,
            rest_starts_on=facts.rest_starts_on,
            worker=worker_hash(self.sealer, facts.worker),
            code=new_code(),
            entry_id=entry_id,
            at=work.at,
            patient=Patient(facts.worker, facts.worker_name),
        )


def _evidence(work: Work, act: _Act) -> tuple[Mapping[str, bytes], bytes]:
    """Compose the members of the evidence, and its manifest."""
    preparation, at = act.preparation, format_instant(work.at)
    return evidence.members_of(
        document=act.signed.document,
        certificates=act.signed.certificates_pem,
        authorisation=act.authorised.statement,
        powers=evidence.powers(
            act=act.judgement.act,
            facts=act.judgement.facts,
            context=preparation.context,
            epoch=preparation.epoch,
            at=at,
        ),
        origin=evidence.issuance_origin(
            decode(preparation.origin), act.origin, prepared_at=format_instant(preparation.at), issued_at=at
        ),
        excuse=None if act.excuse is None else act.excuse.file,
        endorsement=act.authorised.endorsement,
    )
