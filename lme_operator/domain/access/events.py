"""What this room writes in the log: acts as entries of their own, entries and exits as attempts (N-3.0b)."""

from lme_operator.domain.audit import event

PASSWORD_CHANGED = event(code="clave_cambiada", norm=("N-2.3a", "N-2.3b", "acceso@v2#renovar"))
KEY_RETIRED = event(code="llave_retirada", norm=("N-2.6a", "N-2.6c"))
KEY_ENDORSED = event(code="llave_avalada", norm=("N-2.6a", "N-2.6c"))
OWN_BLOCK = event(code="bloqueo_propio", norm=("N-2.7a", "acceso@v2#bloqueo-propio"))
PASSWORD_RECOVERED = event(code="clave_recuperada", norm=("N-2.3a", "N-2.6a", "acceso@v2#olvido"))
FIRST_ACCESS_REISSUED = event(code="primer_acceso_reemitido", norm=("N-2.3a", "N-2.6d", "acceso@v2#activacion"))

ENTERED = event(code="sesion_abierta", norm=("N-2.6a", "N-3.0b", "acceso@v2#dos-factores"))
ENTRY_REFUSED = event(code="entrada_rechazada", norm=("N-2.6a", "N-3.0b"))
KEY_NOT_ENDORSED = event(code="aval_rechazado", norm=("N-2.6c", "N-3.0b"))
LEFT = event(code="sesion_cerrada", norm=("N-2.6b",))
PASSWORD_DOUBTED = event(code="clave_actual_equivocada", norm=("N-2.6a", "N-3.0b"))
RECOVERY_ASKED = event(code="recuperacion_pedida", norm=("N-2.6a", "N-3.0b", "acceso@v2#olvido"))
RECOVERY_TURNED_DOWN = event(code="recuperacion_rechazada", norm=("N-2.6a", "N-3.0b", "acceso@v2#olvido"))
