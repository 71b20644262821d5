"""Whose the authorisation is, and who says so: a code, the operator's registration, or something beyond his word.

The device signed the document's digest; what it showed, and whose device it is, the operator declares. Beyond his word
stands the thumbprint that the professional was given when he registered his key, keeps elsewhere, and tells to whoever
verifies; and his accredited signature over the key's registration (N-2.6c).
"""

from datetime import datetime

from cryptography import x509

from lme_operator.core.canonical import from_base64url
from lme_operator.core.run import Run
from lme_operator.core.thumbprint import matches
from lme_operator.domain.audit.trust import Standing, TrustFile
from lme_operator.domain.exports.authorisation import Registration
from lme_operator.domain.exports.lines import STRANGER, Line, doubt
from lme_operator.domain.exports.scale import Author, Topic
from lme_operator.domain.signing import Endorsement, EndorsementFault, EndorsementFaultKind, verify_endorsement

BY_CODE = "válida: se autorizó con un código; que lo dio el profesional lo declara el operador"
BY_KEY = "válida: el dispositivo firmó este documento; qué vio en pantalla lo declara el operador"


def tell_author_of_code(keys: tuple[str, ...]) -> Line:
    """Nothing but the operator's word tells whose a code was."""
    if keys:
        return Line(Topic.AUTHOR, "se autorizó con un código: ninguna llave la firmó", sound=None)
    return Line(Topic.AUTHOR, "persona que el operador registró con ese código", sound=True)


def tell_author_of_key(
    key: Registration, keys: tuple[str, ...], *, endorsement: bytes | None, run: Run, at: datetime, trust: TrustFile
) -> tuple[Line, Author]:
    """Say whose the key is, by the strongest that is at hand; `keys` as the reader gave them.

    An endorsement that is at hand and wrong is never passed over: an honest file has none. Nothing but the licence, at
    its instant `at`, proves since when there is one: so it counts while its certificate was in force then.
    """
    endorsed = None if endorsement is None else _judge_endorsement(endorsement, key, run, trust)
    if isinstance(endorsed, Line) and endorsed.sound is False:
        return endorsed, Author.REGISTERED_KEY
    if keys:
        return _tell_by_hand(key, keys)
    if isinstance(endorsed, Line):
        return endorsed, Author.REGISTERED_KEY
    if endorsed is None:
        return _tell_by_registration(key), Author.REGISTERED_KEY
    if not endorsed.valid_from <= at <= endorsed.valid_until:
        told = _tell_by_registration(key)
        late = f"{told.answer}; el certificado de su aval no estaba vigente al emitir, y no cuenta"
        return Line(Topic.AUTHOR, late, sound=told.sound), Author.REGISTERED_KEY
    who = f"avalada con firma electrónica avanzada de {endorsed.subject}, certificada por {endorsed.issuer}"
    shown = "qué se le mostró al avalarla lo declara el operador"
    words = f"llave {who}; {shown}; revocación {endorsed.revocation}; huella {key.thumbprint}"
    return Line(Topic.AUTHOR, words, sound=True), Author.ENDORSED_KEY


def _tell_by_hand(key: Registration, keys: tuple[str, ...]) -> tuple[Line, Author]:
    """Whether it is one of the keys that the reader has from the professional."""
    if any(matches(said, key.thumbprint) for said in keys):
        words = f"la firmó la llave que usted indicó, huella {key.thumbprint}"
        return Line(Topic.AUTHOR, words, sound=True), Author.KEY_IN_HAND
    words = f"no la firmó la llave que usted indicó, sino otra: huella {key.thumbprint}"
    return Line(Topic.AUTHOR, words, sound=None), Author.REGISTERED_KEY


def _tell_by_registration(key: Registration) -> Line:
    """Whose key it is by the operator's word, which must be as firm as the licence."""
    if key.entry.standing is not Standing.FIRM:
        compromised = "el registro de esa llave lo firma una llave comprometida, y ningún testigo lo atestiguó antes"
        return Line(Topic.AUTHOR, doubt(key.entry.standing, compromised), sound=None)
    words = f"llave que el operador registró como del profesional, huella {key.thumbprint}"
    return Line(Topic.AUTHOR, words, sound=True)


def _judge_endorsement(endorsement: bytes, key: Registration, run: Run, trust: TrustFile) -> Endorsement | Line:
    """Judge `aval.p7s` over the key's registration; the line that says why it is no proof, or not one that is known."""
    roots = [x509.load_pem_x509_certificate(pem) for pem in trust.accredited]
    try:
        return verify_endorsement(
            endorsement, thumbprint=from_base64url(key.thumbprint), run=run, at=key.entry.at, roots=roots
        )
    except EndorsementFault as fault:
        if fault.kind is EndorsementFaultKind.CHAIN:
            return Line(Topic.AUTHOR, f"aval de la llave: {STRANGER}", sound=None)
        return Line(Topic.AUTHOR, f"aval de la llave: {fault.kind.words}", sound=False)
