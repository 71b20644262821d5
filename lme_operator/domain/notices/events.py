"""What the room writes into the log: each outcome enters with the batches of attempts."""

from lme_operator.domain.audit import event

NOTICE_OUTCOME = event(code="resultado_de_aviso", norm=("N-2.4b", "N-2.6e"))
