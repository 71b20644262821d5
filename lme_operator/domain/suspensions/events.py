"""What the room writes in the log."""

from lme_operator.domain.audit import event

SUSPENSION_RECEIVED = event(
    code="suspension_recibida",
    norm=("N-6a", "N-6b", "N-6d", "suspension@v1#recibir", "suspension@v1#materializar", "suspension@v1#no-enrolados"),
)
SUSPENSION_LIFTED = event(code="suspension_levantada", norm=("N-6d", "suspension@v1#levantar"))
SUSPENSION_REPLACED = event(code="suspension_reemplazada", norm=("N-6a", "N-6d", "suspension@v1#levantar"))
SUSPENSION_CONSULTED = event(code="suspension_consultada", norm=("N-6c", "suspension@v1#comprobar"))
