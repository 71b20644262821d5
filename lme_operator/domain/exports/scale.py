"""The scale of proof: by whom each line of a verdict is proven, and how far a whole verdict goes (formats v1).

A witness proves when, and that there is one history; it proves no author. What proves the author is a key that the
operator did not choose: one whose thumbprint the reader brings, or one endorsed by an accredited signature. All the
rest is somebody's word, and each line says whose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum


class Topic(StrEnum):
    """What a line of a verdict is about."""

    INTEGRITY = "integridad"
    ENTRY = "entrada"
    ORIGIN = "origen"
    SIGNATURE = "firma del profesional"
    AUTHOR = "autor"
    SEAL = "sello"
    REGISTER = "RNPI"
    SECOND_LOOK = "recontrol"
    TIME = "tiempo"
    REQUIREMENTS = "requisitos"
    RESPONSIBLE = "responsable"
    CONSULTATION = "consulta"
    ANSWER = "respuesta"
    EFFECT = "efecto"
    CERTIFICATION = "certificación del profesional y del paciente"
    EVENTS = "novedades"
    CONTENT = "contenido de los mensajes"
    CHECKING = "cotejo posterior"
    VERSION = "versión"
    LOG = "registro"


class Proof(Enum):
    """By whom a line is proven, in the one wording that it has everywhere."""

    THIRD_PARTY = "por terceros"
    DEVICE = "por el dispositivo"
    OPERATOR = "declarado por el operador"
    OFFICER = "declarado por el funcionario"
    PROFESSIONAL = "declarado por el profesional"
    UNCHECKED = "no comprobado"


class Author(Enum):
    """What ties the act to its author: nothing beyond the log, a code, or a key, and who says whose key it is."""

    NOBODY = "sin firma de su autor"
    CODE = "código"
    REGISTERED_KEY = "llave que el operador registró"
    KEY_IN_HAND = "llave que indicó quien verifica"
    ENDORSED_KEY = "llave avalada por firma avanzada"

    @property
    def beyond_operator(self) -> bool:
        """Whether the operator cannot make it alone."""
        return self in (Author.KEY_IN_HAND, Author.ENDORSED_KEY)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file as a whole.

    `trusted`: a trust file was at hand, and whoever signed each version is in it and beyond doubt; `witnessed`: every
    witness that it names attests every version; `author`: what ties the act to its author.
    """

    trusted: bool
    witnessed: bool
    author: Author


class _Says(Enum):
    """Who says what a line tells, before what is known of the file."""

    LOG = "log"
    SIGNATURE = "signature"
    AUTHOR = "author"
    OPERATOR = "operator"
    OFFICER = "officer"
    PROFESSIONAL = "professional"
    NOBODY = "nobody"


_SAID_BY: Mapping[Topic, _Says] = {
    Topic.INTEGRITY: _Says.LOG,
    Topic.ENTRY: _Says.OPERATOR,
    Topic.ORIGIN: _Says.OPERATOR,
    Topic.SIGNATURE: _Says.SIGNATURE,
    Topic.AUTHOR: _Says.AUTHOR,
    Topic.SEAL: _Says.OPERATOR,
    Topic.REGISTER: _Says.OPERATOR,
    Topic.SECOND_LOOK: _Says.OPERATOR,
    Topic.TIME: _Says.NOBODY,
    Topic.REQUIREMENTS: _Says.OFFICER,
    Topic.RESPONSIBLE: _Says.OPERATOR,
    Topic.CONSULTATION: _Says.OPERATOR,
    Topic.ANSWER: _Says.OPERATOR,
    Topic.EFFECT: _Says.OPERATOR,
    Topic.CERTIFICATION: _Says.PROFESSIONAL,
    Topic.EVENTS: _Says.OPERATOR,
    Topic.CONTENT: _Says.OPERATOR,
    Topic.CHECKING: _Says.LOG,
    Topic.VERSION: _Says.NOBODY,
    Topic.LOG: _Says.LOG,
}
_OF_AUTHOR: Mapping[Author, Proof] = {
    Author.NOBODY: Proof.OPERATOR,
    Author.CODE: Proof.OPERATOR,
    Author.REGISTERED_KEY: Proof.OPERATOR,
    Author.KEY_IN_HAND: Proof.DEVICE,
    Author.ENDORSED_KEY: Proof.THIRD_PARTY,
}
_BY_A_KEY = frozenset({Author.REGISTERED_KEY, Author.KEY_IN_HAND, Author.ENDORSED_KEY})


def proof_of(topic: Topic, *, sound: bool | None, known: Known) -> Proof:
    """Say by whom a line is proven. The one place where that is decided; `docs/proof.md` says who could fake what."""
    says = _SAID_BY[topic]
    if sound is not True or not known.trusted or says is _Says.NOBODY:
        return Proof.UNCHECKED
    if says is _Says.LOG:
        return Proof.THIRD_PARTY if known.witnessed else Proof.OPERATOR
    if says is _Says.SIGNATURE:
        return Proof.DEVICE if known.author in _BY_A_KEY else Proof.OPERATOR
    if says is _Says.AUTHOR:
        return _OF_AUTHOR[known.author]
    return {_Says.OFFICER: Proof.OFFICER, _Says.PROFESSIONAL: Proof.PROFESSIONAL}.get(says, Proof.OPERATOR)


class Overall(Enum):
    """The verdict in a word, with the exit code of `lme verificar` when it is less than what was demanded."""

    VALID = ("válida", 0)
    BY_OPERATOR = ("válida según el operador", 4)
    INDETERMINATE = ("indeterminada", 3)
    INVALID = ("inválida", 5)

    @property
    def word(self) -> str:
        """The word in Spanish."""
        return self.value[0]

    @property
    def exit_code(self) -> int:
        """The exit code."""
        return self.value[1]


class Demand(StrEnum):
    """How far a verdict must go: sound by the operator's word, attested by the witnesses, or of a proven author too."""

    OPERATOR = "operador"
    WITNESS = "testigo"
    AUTHOR = "autor"


def overall(*, soundness: frozenset[bool | None], known: Known) -> Overall:
    """Say the word: the worst line decides; what is sound is `válida` only beyond the operator's word."""
    if False in soundness:
        return Overall.INVALID
    if None in soundness:
        return Overall.INDETERMINATE
    return Overall.VALID if known.witnessed and known.author.beyond_operator else Overall.BY_OPERATOR


def exit_code(word: Overall, known: Known, demand: Demand) -> int:
    """Return 0 when the verdict goes as far as `demand`; else the code of its word, which never changes."""
    sound = word in (Overall.VALID, Overall.BY_OPERATOR)
    enough = {
        Demand.OPERATOR: sound,
        Demand.WITNESS: sound and known.witnessed,
        Demand.AUTHOR: word is Overall.VALID,
    }
    return 0 if enough[demand] else word.exit_code
