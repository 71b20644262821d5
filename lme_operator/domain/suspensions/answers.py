"""What the room answers to an authority. Instants aware; receipts as `formats.md` fixes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lme_operator.core.canonical import Json
from lme_operator.core.run import Run
from lme_operator.domain.suspensions.rules import Suspension


@dataclass(frozen=True, slots=True)
class Received:
    """An order taken in. `received_at` is its arrival, `effective_from` the instant from which nothing outruns it.

    `effective_from` is None when its last day had gone by: the order is kept, and it never blocked.
    """

    id: UUID
    received_at: datetime
    effective_from: datetime | None
    registered_professional: bool
    sessions_closed: int
    receipt: Json
    replayed: bool


@dataclass(frozen=True, slots=True)
class Lifted:
    """A lifting taken in; `effective_from` is when the suspension stops blocking."""

    id: UUID
    suspension_id: UUID
    received_at: datetime
    effective_from: datetime
    receipt: Json
    replayed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an authority's own suspensions at instant `at`; `next` continues it, None when it is the last."""

    at: datetime
    suspensions: tuple[Suspension, ...]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One suspension for its own authority: `grounds` and `document` opened; its state is that of instant `at`."""

    at: datetime
    suspension: Suspension
    grounds: str
    document: Json
    receipt: Json


@dataclass(frozen=True, slots=True)
class Materialisation:
    """Whether an order took effect in time and form (N-6c), at instant `at`.

    `message` is the authority's own signed message as it came, its SHA-256 `mensaje` in the receipt's entry; for an
    order of the console, what was confirmed there, declared by the operator, and its SHA-256 is `orden`.
    """

    at: datetime
    suspension: Suspension
    message: bytes
    receipt: Json


@dataclass(frozen=True, slots=True)
class Registered:
    """A professional registered here, as much as a person of an authority sees; `kind` as in `ProfessionalData`."""

    name: str
    kind: int


@dataclass(frozen=True, slots=True)
class LiftedBy:
    """The lifting of a suspension, its `reason` opened; `ordered_by` None where a machine signed it."""

    resolution_number: str
    reason: str
    received_at: datetime
    effective_from: datetime
    ordered_by: Run | None
    receipt: Json


@dataclass(frozen=True, slots=True)
class Sheet:
    """An own suspension as a person of its authority reads it, at instant `at`.

    `registered` as known now; `ordered_by` None where a machine signed it; `lifting` the earliest, None without any.
    """

    at: datetime
    suspension: Suspension
    registered: Registered | None
    grounds: str
    ordered_by: Run | None
    receipt: Json
    lifting: LiftedBy | None


@dataclass(frozen=True, slots=True)
class Blocking:
    """A suspension in force; `own` when the authority that asks ordered it. Another's receipt discloses less."""

    suspension: Suspension
    own: bool
    receipt: Json


@dataclass(frozen=True, slots=True)
class Consultation:
    """Whether a person was or is blocked at instant `at`, and by what.

    `registered`, who it is, is told to people of an authority alone: machines ask by RUN and learn no name.
    """

    run: Run
    at: datetime
    blocking: tuple[Blocking, ...]
    registered: Registered | None = None

    @property
    def blocked(self) -> bool:
        """Whether anything was in force."""
        return bool(self.blocking)
