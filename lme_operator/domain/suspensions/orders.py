"""What an authority orders, and how an order is refused."""

from dataclasses import dataclass
from datetime import date

from lme_operator.core.canonical import Json
from lme_operator.core.periods import Period
from lme_operator.core.refusal import Refusal, refusal
from lme_operator.core.run import Run
from lme_operator.domain.mandates import NO_MANDATE, MachineKey, Mandate

CORRECTION = "correccion"
RENEWAL = "renovacion"
REPLACEMENTS = (CORRECTION, RENEWAL)

RESOLUTION_TAKEN = refusal(
    code="resolucion_ya_recibida",
    status=409,
    citation="suspension@v1#recibir",
    words="Ya recibimos una orden con ese número y fecha de resolución para esa persona, con otro contenido.",
    remedy="Consulte la suspensión existente. Para corregirla o renovarla, reemplácela.",
)
RESOLUTION_DATE_IMPOSSIBLE = refusal(
    code="fecha_de_resolucion_imposible",
    status=422,
    citation="suspension@v1#recibir",
    words="La resolución no puede tener esa fecha.",
    remedy="Escriba la fecha que lleva la resolución.",
)
SUSPENSION_UNKNOWN = refusal(
    code="suspension_inexistente",
    status=404,
    citation="N-6c",
    words="No existe una suspensión con ese identificador.",
    remedy="Use el «id» que recibió al ordenarla, o búsquela en su lista.",
)
ANOTHER_AUTHORITY = refusal(
    code="suspension_de_otra_autoridad",
    status=403,
    citation="suspension@v1#levantar",
    words="Esa suspensión la ordenó otra autoridad.",
    remedy="Sólo quien la ordenó puede verla en detalle, levantarla o reemplazarla. El intento quedó registrado.",
)
SIGNED_ORDER = refusal(
    code="orden_firmada_por_la_autoridad",
    status=403,
    citation="orden-en-consola@v1#ordenar",
    words="Esa suspensión llegó firmada por la llave de la autoridad: en la consola no se levanta.",
    remedy="Levántela o reemplácela con un mensaje firmado de la misma autoridad. El intento quedó registrado.",
)
ABOUT_ONESELF = refusal(
    code="orden_sobre_si_mismo",
    status=403,
    citation="orden-en-consola@v1#ordenar",
    words="Nadie ordena ni levanta una suspensión suya.",
    remedy="Pida a otra persona de la autoridad que lo haga. El intento quedó registrado.",
)
SUSPENSION_OVER = refusal(
    code="suspension_terminada",
    status=409,
    citation="suspension@v1#vencer",
    words="Esa suspensión ya terminó: se cumplió su período, fue levantada o fue reemplazada.",
    remedy="Consulte su estado. Si corresponde volver a suspender, ordene una suspensión nueva.",
)
LIFTING_TAKEN = refusal(
    code="levantamiento_ya_recibido",
    status=409,
    citation="suspension@v1#levantar",
    words="Ya recibimos un levantamiento de esa suspensión con ese número de resolución y otro contenido.",
    remedy="Consulte la suspensión para ver el levantamiento existente.",
)
LIFTING_WITHOUT_EFFECT = refusal(
    code="levantamiento_sin_efecto",
    status=422,
    citation="suspension@v1#levantar",
    words="La suspensión termina antes del día desde el que pide levantarla.",
    remedy="Indique en «desde» un día dentro del período, u omítalo para levantarla ahora.",
)
REPLACEMENT_TAKEN = refusal(
    code="suspension_ya_reemplazada",
    status=409,
    citation="N-6d",
    words="Esa suspensión ya fue reemplazada por otra.",
    remedy="Reemplace o levante la última: es la que figura en «reemplazada_por».",
)
RENEWAL_WITH_GAP = refusal(
    code="renovacion_con_intervalo",
    status=422,
    citation="N-6a",
    words="La renovación empieza después de que termina el período que renueva: quedarían días sin suspensión.",
    remedy="Haga que empiece a más tardar el día siguiente al último, o ordene una suspensión nueva.",
)
TOO_MANY_SEARCHES = refusal(
    code="demasiadas_busquedas",
    status=429,
    citation="orden-en-consola@v1#consultar",
    words="Buscó a demasiadas personas en la última hora.",
    remedy="Espere y busque de nuevo. Para ordenar una suspensión no hace falta buscar antes.",
)
FUTURE_INSTANT = refusal(
    code="instante_futuro",
    status=422,
    citation="suspension@v1#comprobar",
    words="El instante consultado todavía no ocurre.",
    remedy="Pregunte por un instante pasado u omita «instante» para saber ahora.",
)


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
