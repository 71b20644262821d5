"""The events that the room writes in the log."""

from lme_operator.domain.audit.events import event

LICENCE_PREPARED = event(code="licencia_preparada", norm=("N-2.4a", "N-3.0a"))
LICENCE_ISSUED = event(
    code="licencia_emitida",
    norm=("N-1a", "N-2.4a", "N-2.6c", "N-3.0a", "emision@v1#autorizar", "emision@v1#firmar", "emision@v1#registrar"),
)
PREPARATION_DISCARDED = event(code="preparacion_descartada", norm=("N-2.4a",))
LICENCE_RECHECKED = event(code="licencia_recontrolada", norm=("N-4b", "N-4c", "consulta-rnpi@v1#recontrol"))
LICENCE_VERIFIED = event(code="licencia_verificada", norm=("N-3.0b",))
