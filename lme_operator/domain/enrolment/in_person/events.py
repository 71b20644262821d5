"""What enrolment in person writes in the log."""

from lme_operator.domain.audit import event

CASE_OPENED = event(code="enrolamiento_abierto", norm=("N-1b", "N-6b", "enrolamiento-presencial@v1#abrir"))
CASE_TAKEN = event(code="enrolamiento_traspasado", norm=("N-1l", "enrolamiento-presencial@v1#traspaso"))
PIECE_GATHERED = event(code="enrolamiento_paso", norm=("N-2.4a", "N-2.4b", "N-2.5a"))
CASE_GIVEN_UP = event(code="enrolamiento_desistido", norm=("N-2.4a", "enrolamiento-presencial@v1#desistir"))
ENROLLED_IN_PERSON = event(
    code="enrolamiento_presencial", norm=("N-1a", "N-1b", "N-1l", "enrolamiento-presencial@v1#habilitar")
)
