"""The biometric provider over real sockets: three verdicts and no answer, and the doubt is never a match."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lme_operator.core.canonical import sha256
from lme_operator.core.database import Deadline
from lme_operator.core.run import Run
from lme_operator.domain.identity import BiometricCheck, FaceMatch, IdentityChecks
from lme_operator.gateways.biometrics import BiometricsClient, BiometricsSandbox, sandbox
from lme_operator.gateways.parties import build_party
from lme_operator.gateways.sandbox import Sandbox, SandboxReply, SandboxRequest, play
from lme_operator.settings import PartySettings
from tests.conftest import SettableClock
from tests.factories.identity import StaticCivilRegistry, photo

TOKEN = "secreto-del-contrato"
PERSON = Run(11111111)
CARD, LIVE = photo("CEDULA"), photo("CARA")


@pytest.fixture
def played() -> Iterator[Sandbox]:
    with play([BiometricsSandbox(token=TOKEN)]) as running:
        yield running


def match(url: str, clock: SettableClock, run: Run = PERSON, *, token: str = TOKEN) -> BiometricCheck:
    told = PartySettings(
        url=f"{url}/biometria", budget_seconds=1.0, largest_answer=65536, failures=100, rest_seconds=1.0
    )
    party = build_party("biometria", told, clock=clock, plain_http=True)
    checks = IdentityChecks(civil_registry=StaticCivilRegistry(), biometrics=BiometricsClient(party, token=token))
    return checks.match_face(run=run, document_picture=CARD, live_picture=LIVE, deadline=Deadline(5))


@pytest.mark.norm("N-2.2a", "N-2.2b")
@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (PERSON, (FaceMatch.MATCH, "", 970)),
        (sandbox.NO_MATCH, (FaceMatch.NO_MATCH, "", 120)),
        (sandbox.NO_DATA, (FaceMatch.NO_DATA, "", None)),
        (sandbox.DOUBTFUL, (FaceMatch.NO_DATA, "puntaje_dudoso", 610)),
        (sandbox.NOT_ALIVE, (FaceMatch.NO_MATCH, "prueba_de_vida_rechazada", 950)),
        (sandbox.SILENT, (FaceMatch.NO_ANSWER, "tiempo_agotado", None)),
        (sandbox.SLOW, (FaceMatch.NO_ANSWER, "tiempo_agotado", None)),
        (sandbox.BROKEN, (FaceMatch.NO_ANSWER, "estado_http_500", None)),
    ],
)
def test_each_behaviour_has_its_verdict(
    played: Sandbox, clock: SettableClock, run: Run, expected: tuple[FaceMatch, str, int | None]
) -> None:
    check = match(played.url, clock, run)
    assert (check.result, check.reason, check.score) == expected


def test_every_behaviour_is_on_its_page() -> None:
    shown = {one.trigger for one in BiometricsSandbox(token=TOKEN).behaviours}
    assert shown == {str(value) for value in vars(sandbox).values() if isinstance(value, Run)}


@pytest.mark.norm("N-2.2a")
def test_a_verdict_says_who_gave_it_on_what(played: Sandbox, clock: SettableClock) -> None:
    check = match(played.url, clock)
    (call,) = played.calls
    asked = call.json()
    assert base64.b64decode(asked["documento"]) == CARD
    assert base64.b64decode(asked["vivo"]) == LIVE
    assert (check.document_digest, check.live_digest) == (sha256(CARD), sha256(LIVE))
    assert (check.provider, check.version, check.threshold) == ("Biometría de pruebas", "2026.1", 800)
    assert check.presentation == "aprobada"
    assert check.request_id
    assert check.reference
    record = json.dumps(check.exchange.render())
    assert TOKEN not in record
    assert asked["vivo"] not in record
    assert check.exchange.request_digest is not None


def test_who_is_not_known_there_has_no_answer(played: Sandbox, clock: SettableClock) -> None:
    check = match(played.url, clock, token="otro")
    assert (check.result, check.reason) == (FaceMatch.NO_ANSWER, "estado_http_401")


@dataclass(frozen=True)
class Played:
    """A party that answers as told."""

    value: Any
    prefix: str = "/biometria"
    title: str = "x"
    behaviours: tuple[()] = ()

    def answer(self, _request: SandboxRequest) -> SandboxReply:
        return SandboxReply.json(self.value)


GOOD: dict[str, Any] = {
    "resultado": "COINCIDE",
    "puntaje": 0.97,
    "umbral": 0.8,
    "pruebaDeVida": "APROBADA",
    "proveedor": "P",
    "version": "1",
    "solicitud": "s",
    "referencia": "r",
}


@pytest.mark.norm("N-2.2b")
@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, FaceMatch.MATCH),
        ({"puntaje": 1}, FaceMatch.MATCH),
        ({"puntaje": 0.8}, FaceMatch.MATCH),
        ({"puntaje": 0.7999}, FaceMatch.NO_DATA),
        ({"pruebaDeVida": "NO_REALIZADA"}, FaceMatch.MATCH),
        ({"resultado": "NO_COINCIDE"}, FaceMatch.NO_MATCH),
        ({"resultado": "coincide"}, FaceMatch.NO_ANSWER),
        ({"resultado": True}, FaceMatch.NO_ANSWER),
        ({"pruebaDeVida": None}, FaceMatch.NO_ANSWER),
        ({"puntaje": None}, FaceMatch.NO_ANSWER),
        ({"umbral": None}, FaceMatch.NO_ANSWER),
        ({"puntaje": "0.97"}, FaceMatch.NO_ANSWER),
        ({"puntaje": True}, FaceMatch.NO_ANSWER),
        ({"puntaje": 97}, FaceMatch.NO_ANSWER),
        ({"puntaje": -0.1}, FaceMatch.NO_ANSWER),
        ({"puntaje": 1e400}, FaceMatch.NO_ANSWER),
        ({"puntaje": float("nan")}, FaceMatch.NO_ANSWER),
        ({"puntaje": [0.97]}, FaceMatch.NO_ANSWER),
        ({"proveedor": ""}, FaceMatch.NO_ANSWER),
        ({"referencia": "r" * 201}, FaceMatch.NO_ANSWER),
        ({"solicitud": None}, FaceMatch.NO_ANSWER),
    ],
)
def test_only_a_whole_verdict_is_one(clock: SettableClock, changes: dict[str, Any], result: FaceMatch) -> None:
    with play([Played({**GOOD, **changes})]) as running:
        check = match(running.url, clock)
    assert check.result is result
    if result is FaceMatch.NO_ANSWER:
        assert (check.provider, check.score, check.reference) == ("", None, "")
