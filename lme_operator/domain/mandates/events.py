"""What the room writes in the log."""

from lme_operator.domain.audit.events import event

MACHINE_KEY_REGISTERED = event(code="llave_de_maquina_registrada", norm=("N-2.6d", "N-6d"))
MACHINE_KEY_ENDED = event(code="llave_de_maquina_terminada", norm=("N-2.6d", "N-6d"))
MACHINE_TURNED_AWAY = event(code="firma_de_maquina_rechazada", norm=("N-2.6d", "N-3.0b"))
MACHINE_MESSAGE_KEPT = event(code="mensaje_de_maquina_guardado", norm=("N-2.4a", "N-2.6b", "N-2.6c"))

OFFICER_PROPOSED = event(code="funcionario_propuesto", norm=("N-1l", "mandatos@v1#proponer"))
OFFICER_ACCREDITED = event(code="funcionario_acreditado", norm=("N-1b", "N-1l", "N-2.6d", "mandatos@v1#acreditar"))
OFFICER_ENDED = event(code="acreditacion_terminada", norm=("N-1l", "N-2.6b", "mandatos@v1#terminar"))
DESIGNATION_SEEN = event(code="designacion_vista", norm=("N-2.6b", "orden-en-consola@v1#nombrar"))

OPERATOR_FOUNDED = event(code="operador_fundado", norm=("N-2.4a", "registro@v1#ceremonia"))
FOUNDER_NAMED = event(code="fundador_designado", norm=("N-2.4a", "registro@v1#ceremonia", "mandatos@v1#fundadores"))
FOUNDER_GIVEN_ACCESS = event(code="fundador_con_acceso", norm=("N-2.6a", "mandatos@v1#fundadores"))
