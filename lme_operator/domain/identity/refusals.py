"""What the room refuses."""

from lme_operator.core.refusal import refusal

DOCUMENT_NUMBER_INVALID = refusal(
    code="numero_documento_invalido",
    status=422,
    citation="N-2.1a",
    words="El número de documento de la cédula no está bien escrito.",
    remedy="Corrija el campo señalado con la cédula a la vista.",
)
DOCUMENT_NOT_ADMITTED = refusal(
    code="documento_no_admitido",
    status=422,
    citation="N-2.1c",
    words="El archivo no se puede admitir como documento.",
    remedy="Revise cada motivo, corrija el archivo y súbalo otra vez: una foto JPEG o PNG, o un PDF, de hasta 10 MB.",
)
DOCUMENT_UNKNOWN = refusal(
    code="documento_inexistente",
    status=404,
    citation="N-2.1c",
    words="No existe ese documento, o fue eliminado.",
    remedy="Revise la lista de documentos del caso.",
)
