"""What this room writes in the log: acts as entries of their own, entries and exits as attempts (N-3.0b)."""

from lme_operator.domain.audit import event

PASSWORD_CHANGED = event(code="clave_cambiada", norm=("N-2.3a", "N-2.3b", "acceso@v1#renovar"))
KEY_REGISTERED = event(code="llave_registrada", norm=("N-2.2a", "N-2.6a", "acceso@v1#llave"))
OWN_BLOCK = event(code="bloqueo_propio", norm=("N-2.7a", "acceso@v1#bloqueo-propio"))

ENTERED = event(code="sesion_abierta", norm=("N-2.6a", "N-3.0b", "acceso@v1#dos-factores"))
ENTRY_REFUSED = event(code="entrada_rechazada", norm=("N-2.6a", "N-3.0b"))
LEFT = event(code="sesion_cerrada", norm=("N-2.6b",))
PASSWORD_DOUBTED = event(code="clave_actual_equivocada", norm=("N-2.6a", "N-3.0b"))
