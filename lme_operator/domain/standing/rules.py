"""The table act × cause. A cause that is not listed here stands against nothing, and a house test refuses that."""

from collections.abc import Iterable
from enum import Enum

from lme_operator.core.decision import Decision, Finding


class Act(Enum):
    """What a professional may want to do."""

    ISSUE = "emitir"
    ANNUL = "anular"
    DRAFT = "borrador"
    READ_OWN = "leer_propias"
    REFRESH = "actualizar_datos"
    BLOCK_SELF = "bloquearse"
    SEE_RESULT = "ver_resultado"
    KEEP_KEYS = "cambiar_llaves"


_NEVER_REFUSED = frozenset({Act.BLOCK_SELF})
"""The block of one's own access is always open (N-2.7a)."""

_RESTRICTED = frozenset(Act) - {Act.BLOCK_SELF, Act.SEE_RESULT}
"""What a session restricted by the RNPI may not do: all but see what stands, block itself and leave (N-4b)."""

_AGAINST: dict[str, frozenset[Act]] = {
    "suspension_vigente": frozenset({Act.ISSUE}),
    "bloqueo_propio": frozenset({Act.ISSUE, Act.ANNUL, Act.DRAFT, Act.READ_OWN, Act.REFRESH, Act.KEEP_KEYS}),
    "sin_enrolamiento": frozenset({Act.ISSUE, Act.DRAFT}),
    "enrolado_en_otro_contexto": frozenset({Act.ISSUE, Act.DRAFT}),
    "sin_convenio": frozenset({Act.ISSUE, Act.DRAFT}),
    "clave_inicial": frozenset(Act) - _NEVER_REFUSED,
    "clave_vencida": frozenset({Act.ISSUE, Act.ANNUL, Act.DRAFT, Act.KEEP_KEYS}),
    "sin_factor_de_firma": frozenset({Act.ISSUE, Act.ANNUL}),
    "rnpi_no_vigente": _RESTRICTED,
    "rnpi_sin_consulta": frozenset({Act.ISSUE, Act.ANNUL}),
}
"""Who is suspended may still read, annul what he issued (an error must not harm the worker) and cure the cause. What
is being typed when the day turns is kept: the register is asked before anything is made of it.

Each act is judged for who stole the credentials, too. Who blocked his own says that another has them: they read nothing
and change nothing (N-2.7a). A key outlives the session that registers it, so no session registers or retires one that
is restricted (N-4b), or good for a new password alone (N-2.3a, N-2.3b): a thief would wait there for the cause to end.
What says nothing of who acts forbids no keys: a suspension (annulling takes a factor, and a lost key must be retired),
enrolment and agreements (keys are the person's, not a context's, and officers have no enrolment), a register that was
not asked today, and the lack of a factor, which a key cures.
"""


def known_causes() -> frozenset[str]:
    """The causes that the table knows."""
    return frozenset(_AGAINST)


def stands_against(cause: str, act: Act) -> bool:
    """Whether `cause` forbids `act`. An unknown cause forbids everything but the own block: deny by default."""
    return act in _AGAINST.get(cause, frozenset(Act) - _NEVER_REFUSED)


def decide(act: Act, causes: Iterable[Finding]) -> Decision:
    """Keep the causes that stand against the act, each once, in the order given."""
    return Decision(tuple(cause for cause in dict.fromkeys(causes) if stands_against(cause.code, act)))
