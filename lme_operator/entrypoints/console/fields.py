"""The types of forms' fields: people write as they like, dots, spaces and capitals are ours to settle."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from lme_operator.core.run import InvalidRun, Run
from lme_operator.entrypoints.common.forms import Asks
from lme_operator.entrypoints.common.types import refuse

_IGNORED = re.compile(r"[\s.·\-‐‑–—]+")
_RUN = re.compile(r"0*([1-9][0-9]{0,7})([0-9K])", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def _settled(text: str) -> str:
    """Without spaces, dots and hyphens, wide figures made narrow, in capitals."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper()


def _run(name: str) -> BeforeValidator:
    def parse(text: object) -> Run:
        found = _RUN.fullmatch(_settled(str(text)))
        try:
            if found is not None:
                return Run.parse(f"{found[1]}-{found[2]}")
        except InvalidRun:
            pass
        raise refuse("run_digito_invalido", f"El {name} no es válido.", "Revise los números y el dígito verificador.")

    return BeforeValidator(parse)


def _digits(count: int) -> AfterValidator:
    def check(text: str) -> str:
        settled = _settled(text)
        if not _DIGITS.fullmatch(settled) or len(settled) != count:
            raise refuse("codigo_forma_invalida", f"El código tiene {count} cifras.", "Escríbalo completo.")
        return settled

    return AfterValidator(check)


RunField = Annotated[Run, _run("RUN"), Asks("Escriba el RUN.")]
"""A person's RUN."""

RutField = Annotated[Run, _run("RUT"), Asks("Escriba el RUT.")]
"""An institution's RUT."""

SixDigits = Annotated[str, _digits(6), Asks("Escriba el código de 6 dígitos.", secret=True)]
"""A code of an application, or of a message."""

EightDigits = Annotated[str, _digits(8), Asks("Escriba el código de activación, de 8 dígitos.", secret=True)]
"""The activation of a first password."""

PasswordField = Annotated[str, Field(max_length=1024), Asks("Escriba su clave.", secret=True)]
"""Any characters, as they were typed (OWASP ASVS 6.2)."""
