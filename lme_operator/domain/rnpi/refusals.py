"""What the room refuses."""

from lme_operator.core.refusal import refusal

CONSULTATION_UNKNOWN = refusal(
    code="consulta_rnpi_inexistente",
    status=404,
    citation="N-4a",
    words="No hay una consulta al RNPI con ese identificador.",
    remedy="Revise el identificador de la consulta.",
)
