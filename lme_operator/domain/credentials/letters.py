"""What is written to a person when a key becomes his, or serves no more: at the desk, and by his own doing.

The mail is to be kept: it holds the whole thumbprint, outside the operator's systems. The SMS goes to the other
contact, so that whoever has got hold of one of them is seen at the other; it holds the words of the key that signs.
Neither holds a RUN, a secret, or anything that the caller wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lme_operator.core.periods import legal_instant
from lme_operator.core.thumbprint import to_words
from lme_operator.domain.credentials.keys import KeyPurpose, SigningKey
from lme_operator.domain.notices import Channel, Message

REGISTERED, RETIRED, ENDORSED = "llave_registrada", "llave_retirada", "llave_avalada"
"""Kinds of message."""

AT_THE_DESK = "ante el funcionario que lo enroló"
"""Where a key was registered, if not by its owner."""

_FOR: Mapping[KeyPurpose, str] = {"entrada": "para entrar", "firma": "para firmar"}
_USE = (
    " Con el programa «lme verificar» y la huella de la llave para firmar, en caracteres o en palabras, cualquiera "
    "puede comprobar que una licencia se firmó con esa misma llave."
)
_NOT_YOU = "Si no fue usted, bloquee su acceso y avísenos de inmediato."


@dataclass(frozen=True, slots=True)
class KeyLetter:
    """The same news for each contact: `text` by mail, under `subject`; `short` by SMS."""

    kind: str
    subject: str
    text: str
    short: str

    def to(self, *, email: str, telephone: str | None) -> tuple[Message, ...]:
        """The messages to a person's contacts; no SMS to who has no telephone."""
        mail = Message(Channel.MAIL, email, self.kind, self.subject, self.text)
        return (mail,) if telephone is None else (mail, Message(Channel.SMS, telephone, self.kind, None, self.short))


def registered_letter(keys: Sequence[SigningKey], *, operator: str, where: str) -> KeyLetter:
    """Tell of keys registered in one act: whole by mail; by SMS the words of one, the one that signs if there is one.

    `where` is said after the instant: `AT_THE_DESK`, or `desde …`.
    """
    told = next((key for key in keys if key.purpose == "firma"), keys[0])
    listed = "\n\n".join(_described(key, f"Registrada el {legal_instant(key.at)}, {where}.") for key in keys)
    text = (
        "Se registraron a su nombre estas llaves, con las que se entra y se firma por usted en el sistema de licencia\n"
        f"médica electrónica de {operator}:\n\n"
        f"{listed}\n\n"
        f"Guarde este mensaje fuera de los sistemas de {operator}.{_USE if told.purpose == 'firma' else ''}\n\n"
        f"{_NOT_YOU} Nunca le pediremos su clave ni sus códigos.\n"
    )
    purposes = " y ".join(_FOR[key.purpose] for key in keys)
    registered = "se registró su llave" if len(keys) == 1 else "se registraron sus llaves"
    short = (
        f"{operator}: el {legal_instant(told.at)} {registered} {purposes}, {where}. Guarde las palabras de la llave "
        f"{_FOR[told.purpose]}: {to_words(told.thumbprint)}. {_NOT_YOU}"
    )
    subject = "Guarde este mensaje: se registró una llave de seguridad a su nombre"
    return KeyLetter(REGISTERED, subject, text, short)


def retired_letter(key: SigningKey, *, at: datetime, operator: str, where: str) -> KeyLetter:
    """Tell of a key that serves no more since `at`; `where` as of `registered_letter`."""
    described = _described(key, f"Registrada el {legal_instant(key.at)}.", f"Retirada el {legal_instant(at)}, {where}.")
    text = (
        f"Se retiró una de sus llaves del sistema de licencia médica electrónica de {operator}. Ya no sirve "
        f"{_FOR[key.purpose]}; lo que firmó antes sigue siendo válido.\n\n{described}\n\n{_NOT_YOU}\n"
    )
    short = (
        f"{operator}: el {legal_instant(at)} se retiró su llave {_FOR[key.purpose]}, {where}. Sus palabras: "
        f"{to_words(key.thumbprint)}. {_NOT_YOU}"
    )
    return KeyLetter(RETIRED, "Se retiró una de sus llaves de seguridad", text, short)


def endorsed_letter(key: SigningKey, *, at: datetime, operator: str, where: str) -> KeyLetter:
    """Tell of a key endorsed with an accredited signature in its owner's name; `where` as of `registered_letter`."""
    described = _described(key, f"Registrada el {legal_instant(key.at)}.", f"Avalada el {legal_instant(at)}, {where}.")
    text = (
        f"Se recibió en el sistema de licencia médica electrónica de {operator} un aval de su llave para firmar,\n"
        "hecho con una firma electrónica avanzada a su nombre.\n\n"
        f"{described}\n\nCompare la huella con su constancia. {_NOT_YOU}\n"
    )
    short = (
        f"{operator}: el {legal_instant(at)} se avaló su llave para firmar con firma electrónica avanzada, {where}. "
        f"Sus palabras: {to_words(key.thumbprint)}. {_NOT_YOU}"
    )
    return KeyLetter(ENDORSED, "Se avaló su llave para firmar", text, short)


def _described(key: SigningKey, *lines: str) -> str:
    """A key on lines of its own, as a mail lists it."""
    ends = (f"Huella: {key.thumbprint}", f"En palabras: {to_words(key.thumbprint)}")
    return "\n".join((f"Llave {_FOR[key.purpose]}", *lines, *ends))
