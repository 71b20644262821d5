"""The Registro Civil, played: each RUN of its table brings one behaviour about; any other has a card in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from lme_operator.core.canonical import Json
from lme_operator.core.clock import Clock
from lme_operator.core.periods import local_day
from lme_operator.core.run import Run
from lme_operator.gateways.registro_civil.client import PATH
from lme_operator.gateways.sandbox import Behaviour, Conduct, SandboxReply, SandboxRequest

EXPIRED, BLOCKED, NO_MATCH, PROVISIONAL = Run(20000001), Run(20000002), Run(20000003), Run(20000004)
OF_ANOTHER, SILENT, BROKEN, SLOW = Run(20000005), Run(20000006), Run(20000007), Run(20000008)
PAGE, NO_LONGER = Run(20000009), Run(20000010)

_WORDS: Mapping[Run, str] = {
    EXPIRED: "cédula vencida: No Vigente, motivo VENCIDO",
    BLOCKED: "cédula bloqueada por robo o extravío: No Vigente, motivo BLOQUEADO",
    NO_MATCH: "el número de documento no corresponde al RUN: NO_COINCIDE",
    PROVISIONAL: "RUT provisorio, sin cédula: No Vigente (No Emitido)",
    OF_ANOTHER: "contesta por otra persona",
    SILENT: "no contesta",
    BROKEN: "contesta 500",
    SLOW: "contesta de a un byte por segundo",
    PAGE: "contesta una página HTML con 200",
    NO_LONGER: "dice VIGENTE con fecha de vencimiento de ayer",
}
_STATUSES: Mapping[Run, tuple[str, str | None]] = {
    EXPIRED: ("NO_VIGENTE", "VENCIDO"),
    BLOCKED: ("NO_VIGENTE", "BLOQUEADO"),
    NO_MATCH: ("NO_COINCIDE", None),
    PROVISIONAL: ("NO_EMITIDO", None),
}
_CONDUCTS = {SILENT: Conduct.HANG, SLOW: Conduct.DRIP}


@dataclass(frozen=True, slots=True, kw_only=True)
class CivilRegistrySandbox:
    """Answers for whoever has `token`."""

    clock: Clock
    token: str
    prefix: str = "/registro-civil"
    title: str = "Registro Civil: vigencia de la cédula"

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """What each RUN brings about."""
        return tuple(Behaviour(str(run), words) for run, words in _WORDS.items())

    def answer(self, request: SandboxRequest) -> SandboxReply:
        """Answer one question about a card."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return SandboxReply.json({"error": "no autorizado"}, status=401)
        asked = request.json()
        names = ("run", "numeroDocumento", "tipoDocumento")
        if (request.method, request.path) != ("POST", PATH):
            return SandboxReply.json({"error": "no existe"}, status=404)
        if not isinstance(asked, dict) or not all(isinstance(asked.get(name), str) for name in names):
            return SandboxReply.json({"error": "solicitud mal formada"}, status=400)
        return self._reply({name: asked[name] for name in names})

    def _reply(self, asked: Mapping[str, str]) -> SandboxReply:
        run = Run.parse(asked["run"])
        if run == BROKEN:
            return SandboxReply.json({"error": "error interno"}, status=500)
        if run == PAGE:
            return SandboxReply.html("<!doctype html><title>Mantención</title><p>Volvemos pronto.</p>")
        status, reason = _STATUSES.get(run, ("VIGENTE", None))
        days = -1 if run == NO_LONGER else 4 * 365
        told: Json = {
            **asked,
            **({"run": str(Run(run.number + 1))} if run == OF_ANOTHER else {}),
            "estado": status,
            "motivo": reason,
            "fechaVencimiento": (local_day(self.clock()) + timedelta(days=days)).isoformat(),
        }
        return SandboxReply.json(told, conduct=_CONDUCTS.get(run, Conduct.WHOLE))
