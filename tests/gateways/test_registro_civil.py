"""The Registro Civil over real sockets: every behaviour to its verdict, and nothing believed that was not said."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core import clock as clocks
from lme_operator.core.database import Deadline
from lme_operator.core.outside import Failure
from lme_operator.core.refusal import Refusal
from lme_operator.core.run import Run
from lme_operator.domain.identity import CardKind, DocumentStatus, IdentityChecks
from lme_operator.gateways.parties import build_party
from lme_operator.gateways.registro_civil import CivilRegistryClient, CivilRegistrySandbox, sandbox
from lme_operator.gateways.sandbox import Sandbox, SandboxReply, SandboxRequest, play
from lme_operator.settings import PartySettings, SettingsRefused
from tests.conftest import SettableClock
from tests.factories.identity import CARD_NUMBER, StaticBiometrics
from tests.factories.tls import Certificates, make_certificates

TOKEN = "secreto-del-convenio"
PERSON = Run(11111111)


@pytest.fixture
def played(clock: SettableClock) -> Iterator[Sandbox]:
    with play([CivilRegistrySandbox(clock=clock, token=TOKEN)]) as running:
        yield running


def client(url: str, clock: SettableClock, *, token: str = TOKEN, **settings: Any) -> CivilRegistryClient:
    told = PartySettings(
        **{
            "url": url and f"{url}/registro-civil",
            "budget_seconds": 1.0,
            "largest_answer": 65536,
            "failures": 100,
            "rest_seconds": 1.0,
            **settings,
        }
    )
    return CivilRegistryClient(build_party("registro_civil", told, clock=clock, plain_http=True), token=token)


def ask(registry: CivilRegistryClient, run: Run = PERSON, **changes: Any) -> tuple[DocumentStatus, str]:
    checks = IdentityChecks(civil_registry=registry, biometrics=StaticBiometrics())
    check = checks.document_status(**{"run": run, "number": CARD_NUMBER, "deadline": Deadline(5), **changes})
    return check.status, check.reason


@pytest.mark.norm("N-2.1a")
@pytest.mark.parametrize(
    ("run", "status", "reason"),
    [
        (PERSON, DocumentStatus.IN_FORCE, ""),
        (sandbox.EXPIRED, DocumentStatus.NOT_IN_FORCE, "vencida"),
        (sandbox.BLOCKED, DocumentStatus.NOT_IN_FORCE, "bloqueada"),
        (sandbox.NO_LONGER, DocumentStatus.NOT_IN_FORCE, "vencida"),
        (sandbox.NO_MATCH, DocumentStatus.NO_MATCH, ""),
        (sandbox.PROVISIONAL, DocumentStatus.NO_MATCH, "no_emitida"),
        (sandbox.OF_ANOTHER, DocumentStatus.NO_ANSWER, "respuesta_de_otro_documento"),
        (sandbox.SILENT, DocumentStatus.NO_ANSWER, "tiempo_agotado"),
        (sandbox.SLOW, DocumentStatus.NO_ANSWER, "tiempo_agotado"),
        (sandbox.BROKEN, DocumentStatus.NO_ANSWER, "estado_http_500"),
        (sandbox.PAGE, DocumentStatus.NO_ANSWER, "respuesta_ilegible"),
    ],
)
def test_each_behaviour_has_its_verdict(
    played: Sandbox, clock: SettableClock, run: Run, status: DocumentStatus, reason: str
) -> None:
    started = clocks.monotonic()
    assert ask(client(played.url, clock), run) == (status, reason)
    assert clocks.monotonic() - started < 2


def test_every_behaviour_is_on_its_page(clock: SettableClock) -> None:
    shown = {one.trigger for one in CivilRegistrySandbox(clock=clock, token=TOKEN).behaviours}
    assert shown == {str(value) for value in vars(sandbox).values() if isinstance(value, Run)}


@pytest.mark.norm("N-2.1a")
@pytest.mark.parametrize("kind", list(CardKind))
def test_what_is_asked_is_the_card_and_no_address_names_the_person(
    played: Sandbox, clock: SettableClock, kind: CardKind
) -> None:
    checks = IdentityChecks(civil_registry=client(played.url, clock), biometrics=StaticBiometrics())
    check = checks.document_status(run=PERSON, number=" b12.345.678", kind=kind, deadline=Deadline(5))
    (call,) = played.calls
    assert call.json() == {"run": str(PERSON), "numeroDocumento": "B12345678", "tipoDocumento": kind.value}
    assert call.query == {}
    assert str(PERSON) not in call.path
    record = json.dumps(check.exchange.render())
    assert TOKEN not in record
    assert check.exchange.status == 200
    assert json.loads(check.exchange.body)["estado"] == "VIGENTE"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("11111111-1", "numero_documento_es_el_run"),
        ("11.111.111-1", "numero_documento_es_el_run"),
        ("011111111", "numero_documento_es_el_run"),
        ("", "numero_documento_mal_escrito"),
        ("51234567", "numero_documento_mal_escrito"),
        ("AB1234567", "numero_documento_mal_escrito"),
        ("5123456789", "numero_documento_mal_escrito"),
        ("٥١٢٣٤٥٦٧٨", "numero_documento_mal_escrito"),
    ],
)
def test_what_is_no_document_number_is_not_asked(played: Sandbox, clock: SettableClock, number: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        ask(client(played.url, clock), number=number)
    assert refused.value.kind.code == "numero_documento_invalido"
    assert [finding.code for finding in refused.value.findings] == [code]
    assert not played.calls


def test_who_is_not_known_there_has_no_answer(played: Sandbox, clock: SettableClock) -> None:
    assert ask(client(played.url, clock, token="otro")) == (DocumentStatus.NO_ANSWER, "estado_http_401")


def test_nobody_there_is_no_answer(played: Sandbox, clock: SettableClock) -> None:
    played.refuse()
    assert ask(client(played.url, clock)) == (DocumentStatus.NO_ANSWER, "conexion_rechazada")


def test_without_an_address_the_failure_is_ours(clock: SettableClock) -> None:
    nobody = client("", clock)
    check = nobody.document_status(run=PERSON, number=CARD_NUMBER, kind=CardKind.CITIZEN, deadline=Deadline(5))
    assert (check.status, check.exchange.failure) == (DocumentStatus.NO_ANSWER, Failure.OUR_OWN)


@dataclass(frozen=True)
class Played:
    """A party that answers as told."""

    reply: Callable[[Any], SandboxReply]
    prefix: str = "/registro-civil"
    title: str = "x"
    behaviours: tuple[()] = ()

    def answer(self, request: SandboxRequest) -> SandboxReply:
        return self.reply(request.json())


def told(asked: Any, **changes: Any) -> dict[str, Any]:
    return {**asked, "estado": "VIGENTE", "fechaVencimiento": "2030-01-01", **changes}


@pytest.mark.norm("N-2.1a")
@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (lambda asked: SandboxReply.json(told(asked, estado="EN_TRAMITE")), "respuesta_desconocida"),
        (lambda asked: SandboxReply.json(told(asked, estado=None)), "respuesta_ilegible"),
        (lambda asked: SandboxReply.json(told(asked, estado=["VIGENTE"])), "respuesta_ilegible"),
        (lambda asked: SandboxReply.json(told(asked, numeroDocumento="X")), "respuesta_de_otro_documento"),
        (lambda asked: SandboxReply.json(told(asked, tipoDocumento="PASAPORTE")), "respuesta_de_otro_documento"),
        (lambda _: SandboxReply.json({"estado": "VIGENTE"}), "respuesta_ilegible"),
        (lambda asked: SandboxReply.json(told(asked, fechaVencimiento="01-01-2030")), "respuesta_ilegible"),
        (lambda asked: SandboxReply.json(told(asked, fechaVencimiento=None)), "respuesta_ilegible"),
        (lambda asked: SandboxReply.json([told(asked)]), "respuesta_ilegible"),
        (lambda _: SandboxReply(200, b'{"estado":"NO_VIGENTE","estado":"VIGENTE"}'), "respuesta_ilegible"),
        (lambda _: SandboxReply(200, b"[" * 100_000), "respuesta_demasiado_grande"),
        (lambda _: SandboxReply(200, b"[" * 60_000), "respuesta_ilegible"),
        (lambda _: SandboxReply(200, b"\xff\xfe"), "respuesta_ilegible"),
        (lambda asked: SandboxReply.json(told(asked), status=203), "estado_http_203"),
        (lambda _: SandboxReply(302, headers=(("Location", "http://127.0.0.1/"),)), "estado_http_302"),
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(
    clock: SettableClock, reply: Callable[[Any], SandboxReply], reason: str
) -> None:
    with play([Played(reply)]) as running:
        assert ask(client(running.url, clock)) == (DocumentStatus.NO_ANSWER, reason)


def test_a_reason_that_nobody_knows_keeps_the_verdict(clock: SettableClock) -> None:
    with play([Played(lambda asked: SandboxReply.json(told(asked, estado="NO_VIGENTE", motivo="OTRO")))]) as running:
        assert ask(client(running.url, clock)) == (DocumentStatus.NOT_IN_FORCE, "otro_motivo")


def test_after_some_failures_it_is_left_alone(played: Sandbox, clock: SettableClock) -> None:
    registry = client(played.url, clock, failures=2, rest_seconds=60.0)
    said = [ask(registry, sandbox.BROKEN)[1] for _ in range(3)]
    assert said == ["estado_http_500", "estado_http_500", "circuito_abierto"]
    assert len(played.calls) == 2


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path)


@pytest.mark.norm("N-2.6b")
def test_both_sides_show_their_certificates(clock: SettableClock, certificates: Certificates) -> None:
    ours: dict[str, Any] = {"authorities": certificates.authority, "budget_seconds": 3.0}
    with play([CivilRegistrySandbox(clock=clock, token=TOKEN)], tls=certificates.server_context()) as running:
        known = client(running.url, clock, certificate=certificates.ours, private_key=certificates.key, **ours)
        assert ask(known) == (DocumentStatus.IN_FORCE, "")
        assert ask(client(running.url, clock, **ours))[0] is DocumentStatus.NO_ANSWER
        assert ask(client(running.url, clock))[1] == "certificado_no_confiable"


def test_certificates_that_cannot_be_used_refuse_to_start(clock: SettableClock, tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match="registro_civil: no se pueden usar sus certificados"):
        client("https://localhost", clock, certificate=tmp_path / "nada.pem")
