"""What the room writes in the log, and what it promises."""

from lme_operator.core.outbox import effect
from lme_operator.domain.audit import event

CONSULTED = event(code="rnpi_consultado", norm=("N-4a", "N-4b", "N-4c", "consulta-rnpi@v1#evidencia"))

RECHECK = effect("issuance.recheck")
"""The register answered after failures that were another's: licences passed meanwhile are looked at again.

Its subject is the consultation that answered (consulta-rnpi@v1#recontrol).
"""
