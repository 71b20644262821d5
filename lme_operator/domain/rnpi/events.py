"""What the room writes in the log."""

from lme_operator.domain.audit.events import event

CONSULTED = event(code="rnpi_consultado", norm=("N-4a", "N-4b", "N-4c", "consulta-rnpi@v1#evidencia"))
