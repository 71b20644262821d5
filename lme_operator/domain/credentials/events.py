"""What several rooms write in the log about credentials."""

from lme_operator.domain.audit.events import event

KEY_REGISTERED = event(code="llave_registrada", norm=("N-2.2a", "N-2.6a", "acceso@v2#llave"))
