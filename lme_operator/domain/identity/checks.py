"""What third parties say of who a person is: the Registro Civil, of a card; a provider, of two faces (N-2.1a, N-2.2a).

Ask outside any transaction, then record the answer, exchange and all; every answer is returned, no answer too.
"""

from dataclasses import dataclass

from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.identity.ports import BiometricCheck, BiometricProvider, CivilRegistry, DocumentCheck
from lme_operator.domain.identity.refusals import DOCUMENT_NUMBER_INVALID
from lme_operator.domain.identity.rules import CardKind, document_number_findings, normalise_document_number


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChecks:
    """Asks them, each through its port."""

    civil_registry: CivilRegistry
    biometrics: BiometricProvider

    def document_status(
        self, *, run: Run, number: str, kind: CardKind = CardKind.CITIZEN, deadline: Deadline
    ) -> DocumentCheck:
        """Ask the Registro Civil whether the card of `run` with that document number is in force.

        Raises `Refusal(numero_documento_invalido)` before asking; nothing for what the other side does.
        """
        findings = document_number_findings(number, run=run)
        if findings:
            raise Refusal(DOCUMENT_NUMBER_INVALID, findings=findings)
        return self.civil_registry.document_status(
            run=run, number=normalise_document_number(number), kind=kind, deadline=deadline
        )

    def match_face(
        self, *, run: Run, document_picture: bytes, live_picture: bytes, deadline: Deadline
    ) -> BiometricCheck:
        """Ask whether the face of the document is the one seen live (both as inspected: JPEG or PNG)."""
        return self.biometrics.match_face(
            run=run, document_picture=document_picture, live_picture=live_picture, deadline=deadline
        )
