"""What a licence is at this moment, as people and systems read it; the room `issuance` derives it."""

from dataclasses import dataclass
from enum import StrEnum


class StateCode(StrEnum):
    """How systems name it: stable, and others may come."""

    GRANTED = "otorgada"
    GRANTED_BY_EXCEPTION = "otorgada_numeral_4"
    CONFIRMED = "otorgada_numeral_4_confirmada"
    UNDER_REVIEW = "en_revision"


@dataclass(frozen=True, slots=True)
class State:
    """`words` are its name for people; `detail` is what they should know beside, None where the name says it all."""

    code: StateCode
    words: str
    detail: str | None = None
