"""What was registered in front of the officer, told to the professional: what he does not recognise is not his.

Whoever stood at the officer's side sees the codes' application and his own keys; a key that somebody else put beside
them he learns of only here, in the constancia and in the mail with the first password (N-2.2a, N-1l).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lme_operator.core.periods import legal_instant
from lme_operator.domain.credentials import NewKey
from lme_operator.domain.credentials.keys import SHOWN, KeyPurpose
from lme_operator.domain.enrolment.in_person.pieces import TOTP, Piece, Task

_FOR: Mapping[KeyPurpose, str] = {"entrada": "para entrar", "firma": "para firmar"}


@dataclass(frozen=True, slots=True)
class RegisteredFactor:
    """One means to enter or to sign, in words, when it was registered, and the whole thumbprint of a key."""

    words: str
    at: datetime
    thumbprint: str | None = None

    @property
    def line(self) -> str:
        """As the mail with the first password lists it: that one is not kept, so the end of a thumbprint will do."""
        end = "" if self.thumbprint is None else f", huella terminada en {self.thumbprint[-SHOWN:]}"
        return f"{self.words}{end}: {legal_instant(self.at)}"


def registered_factors(every: Sequence[Piece]) -> tuple[RegisteredFactor, ...]:
    """Return what the pieces of a case (oldest first) registered, application first; nothing of what was his before.

    A later piece of the factor takes along what an earlier one registered: the instant is that of the first.
    """
    factors = [piece for piece in every if piece.task is Task.FACTOR]
    content = factors[-1].content
    found = []
    if content["tipo"] == TOTP:
        at = next(piece.at for piece in factors if piece.content.get("ofrecido") == content["ofrecido"])
        found.append(RegisteredFactor("Aplicación de códigos", at))
    for shown in content.get("llaves", ()):
        at = next(piece.at for piece in factors if shown in piece.content.get("llaves", ()))
        key = NewKey.parse(shown)
        found.append(RegisteredFactor(_key_in_words(key), at, key.thumbprint))
    return tuple(found)


def _key_in_words(key: NewKey) -> str:
    place = "respaldada por su proveedor" if key.backed_up else "sólo en el dispositivo"
    return f"Llave de seguridad {_FOR[key.purpose]}, {place}"
