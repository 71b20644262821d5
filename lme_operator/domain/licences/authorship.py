"""How strongly it is proven who authorised a licence, in the words that paper, data and pages share.

That a key is the professional's is the operator's own entry, and so is that his code was right: neither says more.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Authorship:
    """`strength` is what is proven, and by whom; `words` is the sentence for people that holds it."""

    strength: str
    words: str


_KEY = "llave que el operador registró como del profesional"
_DECLARED = "declarado por el operador"
BY_KEY = Authorship(_KEY, f"Firmada con la {_KEY}")
BY_CODE = Authorship(_DECLARED, f"Autorizada con código, {_DECLARED}")
