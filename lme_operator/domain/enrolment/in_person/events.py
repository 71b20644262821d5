"""What enrolment in person writes in the log, and which looks leave an attempt in it."""

from lme_operator.domain.audit.events import event

CASE_OPENED = event(code="enrolamiento_abierto", norm=("N-1b", "N-6b", "enrolamiento-presencial@v2#abrir"))
CASE_TAKEN = event(code="enrolamiento_traspasado", norm=("N-1l", "enrolamiento-presencial@v2#traspaso"))
PIECE_GATHERED = event(code="enrolamiento_paso", norm=("N-2.4a", "N-2.4b", "N-2.5a"))
CASE_GIVEN_UP = event(code="enrolamiento_desistido", norm=("N-2.4a", "enrolamiento-presencial@v2#desistir"))
ENROLLED_IN_PERSON = event(
    code="enrolamiento_presencial", norm=("N-1a", "N-1b", "N-1l", "enrolamiento-presencial@v2#habilitar")
)

CASE_SEEN = event(code="enrolamiento_consultado", norm=("N-2.6b",))
DOCUMENT_SEEN = event(code="documento_consultado", norm=("N-2.6b",))
CARD_SEEN = event(code="ficha_consultada", norm=("N-2.6b",))
CONTACT_SEEN = event(code="contacto_consultado", norm=("N-2.6b",))
PEOPLE_SEARCHED = event(code="profesionales_buscados", norm=("N-2.6b",))
EVIDENCE_TAKEN = event(code="evidencia_descargada", norm=("N-2.6b", "N-2.4a"))
