"""The verification code as any door reads it."""

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from lme_operator.domain.issuance import read_code
from lme_operator.entrypoints.http.types import refuse


def _code(text: object) -> str:
    found = read_code(text) if isinstance(text, str) else None
    if found is None:
        raise refuse(
            "codigo_verificacion_invalido",
            "El código de verificación tiene doce letras y cifras.",
            "Escríbalo como está impreso: 7K3M-Q2XR-9BTD.",
        )
    return found


VerificationCode = Annotated[
    str, BeforeValidator(_code), WithJsonSchema({"type": "string", "examples": ["7K3M-Q2XR-9BTD"]})
]
"""The code beside the folio, in any case and spacing."""
