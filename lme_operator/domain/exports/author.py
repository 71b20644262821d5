"""Whose the authorisation is, and who says so: a code, the operator's registration, or something beyond his word.

The device signed the document's digest; what it showed, and whose device it is, the operator declares. Beyond his word
stands the thumbprint that the professional was given when he registered his key, keeps elsewhere, and tells to whoever
verifies (N-2.6c).
"""

from lme_operator.core.thumbprint import matches
from lme_operator.domain.audit.trust import Standing
from lme_operator.domain.exports.authorisation import Registration
from lme_operator.domain.exports.lines import Line, doubt
from lme_operator.domain.exports.scale import Author, Topic

BY_CODE = "válida: se autorizó con un código; que lo dio el profesional lo declara el operador"
BY_KEY = "válida: el dispositivo firmó este documento; qué vio en pantalla lo declara el operador"


def tell_author_of_code(keys: tuple[str, ...]) -> Line:
    """Nothing but the operator's word tells whose a code was."""
    if keys:
        return Line(Topic.AUTHOR, "se autorizó con un código: ninguna llave la firmó", sound=None)
    return Line(Topic.AUTHOR, "persona que el operador registró con ese código", sound=True)


def tell_author_of_key(key: Registration, keys: tuple[str, ...]) -> tuple[Line, Author]:
    """Say whose the key is, by the strongest that is at hand; `keys` as the reader gave them."""
    if any(matches(said, key.thumbprint) for said in keys):
        words = f"la firmó la llave que usted indicó, huella {key.thumbprint}"
        return Line(Topic.AUTHOR, words, sound=True), Author.KEY_IN_HAND
    if keys:
        words = f"la firmó otra llave que la que usted indicó: huella {key.thumbprint}"
        return Line(Topic.AUTHOR, words, sound=None), Author.REGISTERED_KEY
    if key.entry.standing is not Standing.FIRM:
        compromised = "el registro de esa llave lo firma una llave comprometida, y ningún testigo lo atestiguó antes"
        return Line(Topic.AUTHOR, doubt(key.entry.standing, compromised), sound=None), Author.REGISTERED_KEY
    words = f"llave que el operador registró como del profesional, huella {key.thumbprint}"
    return Line(Topic.AUTHOR, words, sound=True), Author.REGISTERED_KEY
