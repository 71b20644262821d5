"""Look again at what passed while the RNPI could not be asked (consulta-rnpi@v1#recontrol)."""

from dataclasses import dataclass
from uuid import UUID

from lme_operator.core.canonical import encode, format_instant
from lme_operator.core.database import Database, Deadline
from lme_operator.core.sealing import Sealer
from lme_operator.domain.audit import MANIFEST_DATUM, Log, digest_of, manifest, manifest_name, receipt_name
from lme_operator.domain.identity import lock_people
from lme_operator.domain.issuance import evidence, exceptions
from lme_operator.domain.issuance.events import LICENCE_RECHECKED
from lme_operator.domain.issuance.exceptions import Passed
from lme_operator.domain.licences import document_sealer, find_licence, record_evidence
from lme_operator.domain.rnpi import Consultation, Result, Rnpi

ACTOR = "sistema:recontrol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecking:
    """The use case: from an answer of the register to the second look at each licence."""

    database: Database
    log: Log
    sealer: Sealer
    rnpi: Rnpi

    def __call__(self, *, consultation_id: UUID, deadline: Deadline) -> int:
        """Look again at every licence of that person that passed; return how many. Safe to run twice.

        They are listed under the person's lock: a licence being issued under the exception at this moment is waited
        for, and none can pass after the answer. Raises `Refusal(consulta_rnpi_inexistente)`.
        """
        answer = self.rnpi.find(consultation_id, deadline=deadline)
        file = self.rnpi.evidence_file(consultation_id, deadline=deadline)
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(answer.run),)) as work:
            waiting = exceptions.pending(work.connection, answer.run)
        for passed in waiting:
            self._look(passed, answer, file, deadline)
        return len(waiting)

    def _look(self, passed: Passed, answer: Consultation, file: bytes, deadline: Deadline) -> None:
        """Write what came of it: a row, version 2 of the evidence and, last, the log entry."""
        with self.database.reading(deadline=deadline) as connection:
            licence = find_licence(connection, self.sealer, passed.licence_id)
            own = None if licence is None else document_sealer(connection, self.sealer, licence.preparation_id)
            if licence is None or own is None:
                return
            first = encode(self.log.receipt(connection, licence.entry_id))
        conforming = answer.result is Result.IN_FORCE
        with self.database.unit_of_work(deadline=deadline, locks=(lock_people(answer.run),)) as work:
            entry_id = work.new_id()
            if not exceptions.record_recheck(work, passed, answer, conforming=conforming, entry_id=entry_id):
                return
            members = {
                evidence.RECHECK: exceptions.render_recheck(
                    passed, answer, conforming=conforming, at=format_instant(work.at)
                ),
                evidence.ANSWER: file,
            }
            listed = manifest({**members, receipt_name(1): first}, version=2)
            members[manifest_name(2)] = listed
            record_evidence(work, own, licence_id=licence.id, version=2, members=members, entry_id=entry_id)
            data = {
                "licencia": str(licence.id),
                "folio": str(licence.folio),
                "run": str(licence.run),
                "consulta": str(answer.id),
                "resultado": answer.result.value,
                "conforme": conforming,
                MANIFEST_DATUM: digest_of(listed),
            }
            self.log.append(work, kind=LICENCE_RECHECKED, actor=ACTOR, data=data, entry_id=entry_id,
                            on_account_of=answer.entry_id)  # fmt: skip
