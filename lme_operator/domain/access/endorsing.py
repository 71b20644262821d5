"""Endorsing one's own signing key with a firma electrónica avanzada: what to sign, and keeping what was signed.

With it the binding of key and person rests on an accredited provider too, no longer on the operator's word alone. No
second factor is asked: whoever could sign with that certificate has proved more than one of ours would.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.core.canonical import Json, from_base64url, sha256, to_base64url
from lme_operator.core.database import Deadline, Work
from lme_operator.core.decision import Finding
from lme_operator.core.origin import Origin
from lme_operator.core.refusal import Refusal
from lme_operator.domain.access.base import actor_of, origin_of
from lme_operator.domain.access.events import KEY_ENDORSED, KEY_NOT_ENDORSED
from lme_operator.domain.access.key_notices import tell
from lme_operator.domain.access.own_keys import OwnKeys
from lme_operator.domain.access.refusals import (
    ALREADY_ENDORSED,
    CERTIFICATE_OVER,
    ENDORSEMENT_REFUSED,
    NO_ACCREDITED,
    NOT_ENDORSABLE,
)
from lme_operator.domain.audit import LogEvidence
from lme_operator.domain.credentials import Session, SigningKey, endorsements
from lme_operator.domain.credentials.letters import endorsed_letter
from lme_operator.domain.identity import lock_people
from lme_operator.domain.signing import Endorsement, EndorsementFault, endorsed_bytes, verify_endorsement


@dataclass(frozen=True, slots=True)
class EndorsableKey:
    """A signing key before its owner: what he is to sign, whether anybody accredited is known here, its endorsement.

    `endorsement` None beside an `endorsed_at`: kept, and not of a provider that is configured today.
    """

    key: SigningKey
    content: bytes
    possible: bool
    endorsed_at: datetime | None
    endorsement: Endorsement | None


class Endorsing(OwnKeys):
    """Use cases of who has entered, about the endorsement of a key. Each raises `Refusal(llave_no_avalable)` for a key
    that is not his, does not sign, or was retired."""

    __slots__ = ()

    def endorsable_key(self, *, session: Session, key_id: UUID, deadline: Deadline) -> EndorsableKey:
        """Return the key, and the exact bytes that endorse it once signed (`endorsed_bytes`).

        Raises `Refusal(no_puede_ver_pruebas_de_llaves)`.
        """
        with self.database.reading(deadline=deadline) as connection:
            self.demand_seeing_proofs(connection, session)
            key = _own(connection, session, key_id)
            kept = endorsements.find_endorsement(connection, key_id)
        possible = bool(self.accredited)
        if kept is None:
            return EndorsableKey(key, _content(key), possible, None, None)
        try:
            told = self._verify(key, kept.cms)
        except Refusal:
            told = None
        return EndorsableKey(key, _content(key), possible, kept.at, told)

    def endorse_key(
        self, *, session: Session, key_id: UUID, cms: bytes, origin: Origin, deadline: Deadline
    ) -> Endorsement:
        """Verify a detached CMS over the content and keep it with a log entry (N-2.6a, N-2.6c).

        Raises `Refusal`: `sin_prestadores_acreditados`, `aval_rechazado` with the fault in words,
        `certificado_ya_vencido`, `llave_ya_avalada`, and those of every act of who has entered.
        """
        run, data = session.run, {"llave": str(key_id), "sesion": str(session.id), **origin_of(origin)}
        self._look_at(session, key_id, cms, data, deadline)
        evidence = LogEvidence(self.log, KEY_ENDORSED, actor_of(run), data)
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(run),), evidence=evidence) as work:
            self._require_may_keep(work, session)
            key = self._to_endorse(work, session, key_id)
            told = self._verify(key, cms)
            if told.valid_until < work.at:
                raise Refusal(CERTIFICATE_OVER)
            entry_id = work.new_id()
            endorsements.record_endorsement(work, run, key_id, cms, entry_id=entry_id)
            operator, where = self.credentials.relying_party.name, f"desde {origin.roughly}"
            letter = endorsed_letter(key, at=work.at, operator=operator, where=where)
            tell(self, work, run, letter, on_account_of=entry_id)
            facts = {"run": str(run), "huella": key.thumbprint, "aval": to_base64url(sha256(cms)), **data}
            self.log.append(work, kind=KEY_ENDORSED, actor=actor_of(run), data=facts, entry_id=entry_id)
            return told

    def _look_at(self, session: Session, key_id: UUID, cms: bytes, data: Json, deadline: Deadline) -> None:
        """Judge the file before any lock: one that is no endorsement is an attempt, of the batch, and costs nobody.

        Whatever else stands against the act is told under the lock.
        """
        with self.database.reading(deadline=deadline) as connection:
            key = endorsements.endorsable_key(connection, session.run, key_id)
            kept = endorsements.find_endorsement(connection, key_id)
        if key is None or kept is not None or not self.accredited:
            return
        try:
            self._verify(key, cms)
        except Refusal as refused:
            tried = {"actor": actor_of(session.run), "codigo": refused.findings[0].code, **data}
            self._record_attempt(KEY_NOT_ENDORSED, tried, deadline=deadline)
            raise

    def _to_endorse(self, work: Work, session: Session, key_id: UUID) -> SigningKey:
        key = _own(work.connection, session, key_id)
        if endorsements.find_endorsement(work.connection, key_id) is not None:
            raise Refusal(ALREADY_ENDORSED)
        if not self.accredited:
            raise Refusal(NO_ACCREDITED)
        return key

    def _verify(self, key: SigningKey, cms: bytes) -> Endorsement:
        thumbprint = from_base64url(key.thumbprint)
        try:
            return verify_endorsement(cms, thumbprint=thumbprint, run=key.run, at=key.at, roots=self.accredited)
        except EndorsementFault as fault:
            finding = Finding(code=fault.kind.value, cause=fault.kind.words, norm="N-2.6c", remedy="")
            raise Refusal(ENDORSEMENT_REFUSED, findings=(finding,)) from fault


def _own(connection: Connection, session: Session, key_id: UUID) -> SigningKey:
    key = endorsements.endorsable_key(connection, session.run, key_id)
    if key is None:
        raise Refusal(NOT_ENDORSABLE)
    return key


def _content(key: SigningKey) -> bytes:
    return endorsed_bytes(thumbprint=from_base64url(key.thumbprint), run=key.run, at=key.at)
