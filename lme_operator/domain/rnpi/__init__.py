"""What the RNPI said of a person and when, and what may be done while it says nothing (N-4a to N-4c).

Answers for: asking once a day at entry and at enrolment, in a bounded time and quota; telling apart an answer, our own
failure and another's; the proof of an outage that was not ours; and why the register stands against an act.

Invariants: every consultation is a row and a log entry, a time-out too; nothing is edited. A negative answer holds
until a positive one, outage or not (N-4b). The exception of N-4c wants the last answer in force, and a failed attempt
of today, fresh, that was not ours by the protocol and with our own control hosts within reach; whatever is in doubt is
ours. One call a person at a time, across processes, and nobody waits for it with a transaction or connection in hand.
A day is a calendar date of America/Santiago, so it turns inside a session too (consulta-rnpi@v1#cambio-de-dia).
"""

from lme_operator.domain.rnpi.answers import Answer, Cause, Consultation, Purpose, Registration, Result, Swept
from lme_operator.domain.rnpi.causes import NOT_CONSULTED, NOT_IN_FORCE, Voice, causes, latest, of_person, voice
from lme_operator.domain.rnpi.events import CONSULTED
from lme_operator.domain.rnpi.ports import Controls, Registry
from lme_operator.domain.rnpi.rules import WITNESS_MARK
from lme_operator.domain.rnpi.use_cases import RECHECK, Rnpi

__all__ = [
    "CONSULTED",
    "NOT_CONSULTED",
    "NOT_IN_FORCE",
    "RECHECK",
    "WITNESS_MARK",
    "Answer",
    "Cause",
    "Consultation",
    "Controls",
    "Purpose",
    "Registration",
    "Registry",
    "Result",
    "Rnpi",
    "Swept",
    "Voice",
    "causes",
    "latest",
    "of_person",
    "voice",
]
