"""What an authority orders, and how an order is refused."""

from dataclasses import dataclass
from datetime import date

from lme_operator.core.canonical import Json
from lme_operator.core.periods import Period
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.mandates import NO_MANDATE, MachineKey, Mandate

CORRECTION = "correccion"
RENEWAL = "renovacion"
REPLACEMENTS = (CORRECTION, RENEWAL)


@dataclass(frozen=True, slots=True)
class Authority:
    """SUSESO, a regional COMPIN or another sanctioning body: `organisation`, and `compin`, empty if it has none."""

    organisation: str
    compin: str
    name: str

    @classmethod
    def of(cls, key: MachineKey) -> "Authority":
        """The authority whose machine signed."""
        return cls(key.organisation, key.compin, key.organisation_name)

    @classmethod
    def by_mandate(cls, mandate: Mandate) -> "Authority":
        """The authority that a person acts for; raise `Refusal(sin_mandato)` where it is none."""
        named = mandate.authority
        if named is None:
            raise Refusal(NO_MANDATE)
        return cls(named.organisation, named.compin, named.name)

    @property
    def actor(self) -> str:
        """How the log names it: `organizacion:suseso`, `organizacion:compin:13`."""
        return f"organizacion:{self.organisation}" + (f":{self.compin}" if self.compin else "")

    def is_same(self, other: "Authority") -> bool:
        """Whether both are one body, whatever it was called at the time: two regional COMPIN are two (threat M37)."""
        return (self.organisation, self.compin) == (other.organisation, other.compin)


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """The resolution's document: its name and SHA-256; its bytes travel in the signed message, which is kept."""

    name: str
    media_type: str
    digest: bytes
    size: int

    def render(self) -> Json:
        """As it is sealed and hashed."""
        return {"nombre": self.name, "tipo": self.media_type, "sha256": self.digest.hex(), "bytes": self.size}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the resolution says: days inclusive, `last_day` None for a definitive suspension."""

    resolution_number: str
    resolution_date: date
    first_day: date
    last_day: date | None
    grounds: str
    provisional: bool = False
    document: OrderDocument | None = None

    @property
    def period(self) -> Period:
        """The days as instants."""
        return Period.of_days(first=self.first_day, last=self.last_day)

    def render(self) -> Json:
        """Everything that makes two orders the same order."""
        return {
            "numero_resolucion": self.resolution_number,
            "fecha_resolucion": self.resolution_date.isoformat(),
            "desde": self.first_day.isoformat(),
            "hasta": None if self.last_day is None else self.last_day.isoformat(),
            "fundamento": self.grounds,
            "provisional": self.provisional,
            "documento": None if self.document is None else self.document.render(),
        }


@dataclass(frozen=True, slots=True)
class SuspensionOrder:
    """An order to suspend a person's faculty to issue licences, enrolled here or not (N-6a, N-6b)."""

    run: Run
    terms: Terms


@dataclass(frozen=True, slots=True)
class LiftingOrder:
    """An order to lift a suspension from `first_free_day` on; None, or a day gone by, is at once."""

    resolution_number: str
    reason: str
    first_free_day: date | None = None

    def render(self) -> Json:
        """Everything that makes two orders the same order."""
        day = self.first_free_day
        return {
            "numero_resolucion": self.resolution_number,
            "motivo": self.reason,
            "desde": None if day is None else day.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class ReplacementOrder:
    """An order that supersedes a suspension.

    `correccion`: from its receipt only the new period counts. `renovacion`: the old period runs to its own end and the
    new one is added, without a gap.
    """

    kind: str
    terms: Terms
