"""A biometric provider, played: each RUN of its table brings one behaviour about; any other's two faces are one."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from lme_operator.core.canonical import Json, sha256
from lme_operator.core.run import Run
from lme_operator.gateways.biometrics.client import PATH
from lme_operator.gateways.sandbox import Behaviour, Conduct, SandboxReply, SandboxRequest

NO_MATCH, NO_DATA, SILENT, DOUBTFUL = Run(21000001), Run(21000002), Run(21000003), Run(21000004)
NOT_ALIVE, BROKEN, SLOW = Run(21000005), Run(21000006), Run(21000007)

_WORDS: Mapping[Run, str] = {
    NO_MATCH: "las caras no coinciden (puntaje 0,12)",
    NO_DATA: "no hay datos con qué comparar",
    SILENT: "no contesta",
    DOUBTFUL: "dice que coinciden con puntaje 0,61, bajo su umbral de 0,80",
    NOT_ALIVE: "coinciden, pero la prueba de vida fue rechazada",
    BROKEN: "contesta 500",
    SLOW: "contesta de a un byte por segundo",
}
_VERDICTS: Mapping[Run, tuple[str, float | None, str]] = {
    NO_MATCH: ("NO_COINCIDE", 0.12, "APROBADA"),
    NO_DATA: ("SIN_DATOS", None, "NO_REALIZADA"),
    DOUBTFUL: ("COINCIDE", 0.61, "APROBADA"),
    NOT_ALIVE: ("COINCIDE", 0.95, "RECHAZADA"),
}
_CONDUCTS = {SILENT: Conduct.HANG, SLOW: Conduct.DRIP}


@dataclass(frozen=True, slots=True, kw_only=True)
class BiometricsSandbox:
    """Compares for whoever has `token`; it does not look at the pictures."""

    token: str
    prefix: str = "/biometria"
    title: str = "Proveedor de verificación biométrica"

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """What each RUN brings about."""
        return tuple(Behaviour(str(run), words) for run, words in _WORDS.items())

    def answer(self, request: SandboxRequest) -> SandboxReply:
        """Answer one comparison."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return SandboxReply.json({"error": "no autorizado"}, status=401)
        if (request.method, request.path) != ("POST", PATH):
            return SandboxReply.json({"error": "no existe"}, status=404)
        asked = request.json()
        if not isinstance(asked, dict) or not all(_is_picture(asked.get(name)) for name in ("documento", "vivo")):
            return SandboxReply.json({"error": "solicitud mal formada"}, status=400)
        run = Run.parse(asked["run"])
        if run == BROKEN:
            return SandboxReply.json({"error": "error interno"}, status=500)
        return SandboxReply.json(_told(run, request.body), conduct=_CONDUCTS.get(run, Conduct.WHOLE))


def _told(run: Run, question: bytes) -> Json:
    """The verdict on one question; the same question has the same reference."""
    result, score, presentation = _VERDICTS.get(run, ("COINCIDE", 0.97, "APROBADA"))
    name = sha256(question).hex()
    return {
        "resultado": result,
        "puntaje": score,
        "umbral": None if score is None else 0.8,
        "pruebaDeVida": presentation,
        "proveedor": "Biometría de pruebas",
        "version": "2026.1",
        "solicitud": name[:32],
        "referencia": f"prueba-{name[32:48]}",
    }


def _is_picture(text: Json) -> bool:
    try:
        return isinstance(text, str) and len(base64.b64decode(text, validate=True)) > 0
    except binascii.Error:
        return False
