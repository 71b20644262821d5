"""The one way to call outside, over real sockets: every bad day recorded as what it was, in the time given."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from lme_operator.core.clock import system_clock
from lme_operator.core.outside import Failure, OutsideExchange
from lme_operator.gateways.sandbox import Behaviour, Conduct, Sandbox, SandboxReply, SandboxRequest, play
from lme_operator.gateways.wire import REDACTED, CircuitBreaker, Party
from tests.factories.certificates import ELSEWHERE, TestAuthority, yesterday

SECRET = "clave/secreta+1"


class Echo:
    """Answers by its path."""

    prefix = "/eco"
    title = "Eco"
    behaviours = (Behaviour("11111111-1", "contesta <b>nada</b>"), Behaviour("Otro", "lleva a su página", "/suya"))

    def __init__(self) -> None:
        self.broken = False

    def answer(self, request: SandboxRequest) -> SandboxReply:
        conducts = {f"/{conduct.name.lower()}": conduct for conduct in Conduct}
        if request.path == "/otra":
            return SandboxReply.see("https://otra.example/robo")
        if request.path == "/cae":
            raise ValueError("se cayó")
        if self.broken:
            return SandboxReply.json({}, status=503)
        told = {"metodo": request.method, "consulta": dict(request.query), "cuerpo": request.body.decode(),
                "llave": request.headers.get("x-llave"), "lleva": request.path}  # fmt: skip
        return SandboxReply.json(told, conduct=conducts.get(request.path, Conduct.WHOLE))


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def played(echo: Echo) -> Iterator[Sandbox]:
    with play([echo]) as running:
        yield running


def party(url: str, **changes: Any) -> Party:
    made: dict[str, Any] = {
        "name": "eco",
        "base_url": url,
        "budget_seconds": 1.0,
        "largest_body": 4096,
        "clock": system_clock,
        "secret_names": frozenset({"ApiKey", "X-Llave"}),
        "plain_http": True,
    }
    return Party(**{**made, **changes})


def timed(call: Callable[[], OutsideExchange]) -> tuple[OutsideExchange, float]:
    began = time.monotonic()
    return call(), time.monotonic() - began


def test_whole_answer_is_recorded_without_its_secrets(played: Sandbox) -> None:
    said = party(f"{played.url}/eco").call(
        "POST", "/entera", query=(("apikey", SECRET), ("a b", "ñ&")), headers=(("x-llave", SECRET),), body=b"hola"
    )
    assert (said.failure, said.status, said.address) == (None, 200, "127.0.0.1")
    assert said.url == f"{played.url}/eco/entera?apikey={REDACTED}&a%20b=%C3%B1%26"
    assert said.request_headers == (("x-llave", REDACTED),)
    assert said.request_digest is not None
    assert b"ecret" not in said.body
    assert said.body.count(REDACTED.encode()) == 2
    assert OutsideExchange.parse(said.render()) == said
    assert "secreta" not in str(said)
    (received,) = played.calls
    assert (received.query["apikey"], received.query["a b"], received.body) == (SECRET, "ñ&", b"hola")


@pytest.mark.parametrize(
    ("path", "failure", "status"),
    [
        ("/hang", Failure.TIMED_OUT, None),
        ("/drip", Failure.TIMED_OUT, None),
        ("/reset", Failure.RESET, None),
        ("/truncate", Failure.TRUNCATED, 200),
    ],
)
def test_bad_day_is_recorded_in_the_time_given(
    played: Sandbox, path: str, failure: Failure, status: int | None
) -> None:
    said, took = timed(lambda: party(f"{played.url}/eco").call("GET", path, budget=0.5))
    assert (said.failure, said.status, said.budget_ms) == (failure, status, 500)
    assert took < 0.8


def test_redirect_is_an_answer_and_never_followed(played: Sandbox) -> None:
    said = party(f"{played.url}/eco").call("GET", "/otra")
    assert (said.failure, said.status) == (None, 303)
    assert ("Location", "https://otra.example/robo") in said.headers


def test_answer_larger_than_allowed_is_cut(played: Sandbox) -> None:
    said = party(f"{played.url}/eco", largest_body=10).call("GET", "/entera")
    assert (said.failure, len(said.body)) == (Failure.TOO_LARGE, 10)


def test_party_that_breaks_answers_as_a_broken_server(played: Sandbox) -> None:
    assert party(f"{played.url}/eco").call("GET", "/cae").status == 500


def test_really_refused_port(played: Sandbox) -> None:
    played.refuse()
    said = party(f"{played.url}/eco").call("GET", "/entera")
    assert (said.failure, said.address) == (Failure.REFUSED, "127.0.0.1")
    played.listen()
    assert party(f"{played.url}/eco").call("GET", "/entera").status == 200


def test_name_that_does_not_resolve() -> None:
    said = party("http://no-existe.invalid").call("GET", "/")
    assert (said.failure, said.address) == (Failure.NAME_NOT_RESOLVED, None)


def test_resolver_that_hangs_is_cut_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """F33: the system's resolver knows nothing of our limit."""
    asleep = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kw: asleep.wait(5) or [])
    said, took = timed(lambda: party("http://lento.example").call("GET", "/", budget=0.3))
    asleep.set()
    assert said.failure is Failure.NAME_NOT_RESOLVED
    assert took < 0.6


def test_what_our_resolver_takes_is_no_wait_for_the_other_side(
    played: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def slow(*given: Any, **named: Any) -> Any:
        time.sleep(0.3)
        return real(*given, **named)

    quick = party(f"{played.url}/eco").call("GET", "/hang", budget=0.5)
    monkeypatch.setattr(socket, "getaddrinfo", slow)
    late = party(f"{played.url}/eco").call("GET", "/hang", budget=0.5)
    assert (quick.failure, late.failure) == (Failure.TIMED_OUT, Failure.TIMED_OUT)
    assert quick.left_ms is not None
    assert late.left_ms is not None
    assert quick.left_ms > 400
    assert late.left_ms < 210
    assert OutsideExchange.parse(late.render()) == late
    assert party("http://no-existe.invalid").call("GET", "/").left_ms is None


def test_what_is_not_http() -> None:
    with served(b"SSH-2.0-OpenSSH_9.9\r\n") as url:
        assert party(url).call("GET", "/").failure is Failure.NOT_HTTP
    with served(b"") as url:
        assert party(url).call("GET", "/").failure is Failure.RESET
    with served(b"HTTP/1.1 200 OK\r\nContent-Le") as url:
        assert party(url).call("GET", "/").failure is Failure.TRUNCATED
    with served(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: " + b"a" * 200_000) as url:
        assert party(url).call("GET", "/").failure is Failure.NOT_HTTP


def test_no_time_left_calls_nobody(played: Sandbox) -> None:
    assert party(f"{played.url}/eco").call("GET", "/entera", budget=-1).failure is Failure.OUR_OWN
    assert not played.calls


@pytest.mark.parametrize(
    "address",
    ["http://eco.example", "ftp://eco.example", "https://", "https://u:p@eco.example", "https://eco.example/?a=1"],
)
def test_address_that_is_not_a_party_s_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        party(address, plain_http=False)


def test_path_cannot_change_the_host(played: Sandbox) -> None:
    """M42: whatever a path says, the request goes to the host of the settings."""
    for path in ("//otra.example/x", "/@otra.example", "/..//otra.example", "/\r\nHost: otra.example"):
        said = party(f"{played.url}/eco").call("GET", path)
        assert said.address in ("127.0.0.1", None)
        assert said.status in (200, 404, None)
    assert party(f"{played.url}/eco").call("GET", "/a\r\nX-Otra: 1").failure is Failure.OUR_OWN


@pytest.mark.parametrize(
    ("case", "failure"),
    [
        ("sound", None),
        ("expired", Failure.CERTIFICATE_EXPIRED),
        ("unknown", Failure.CERTIFICATE_UNKNOWN),
        ("elsewhere", Failure.CERTIFICATE_OF_ANOTHER),
        ("authority_expired", Failure.CERTIFICATE_UNKNOWN),
    ],
)
def test_certificate_is_classified(echo: Echo, case: str, failure: Failure | None) -> None:
    """Only the party's own expired certificate is its fault; one of our own store that expired is ours."""
    authority = TestAuthority(until=yesterday() if case == "authority_expired" else None)
    server = authority.server(
        until=yesterday() if case == "expired" else None, **({"names": ELSEWHERE} if case == "elsewhere" else {})
    )
    trusted = TestAuthority("Otra autoridad") if case == "unknown" else authority
    with play([echo], tls=server) as running:
        said = party(f"{running.url}/eco", trust=trusted.trust(), plain_http=False).call("GET", "/entera")
    assert said.failure is failure
    assert said.address == "127.0.0.1"
    if case == "expired":
        assert said.detail.startswith("venció el ")
        assert not running.calls


def test_tls_that_ends_without_saying_so_is_truncated(echo: Echo) -> None:
    authority = TestAuthority()
    with play([echo], tls=authority.server()) as running:
        said = party(f"{running.url}/eco", trust=authority.trust()).call("GET", "/truncate")
        hung, took = timed(
            lambda: party(f"{running.url}/eco", trust=authority.trust()).call("GET", "/drip", budget=0.5)
        )
    assert said.failure in (Failure.TRUNCATED, Failure.RESET)
    assert hung.failure is Failure.TIMED_OUT
    assert took < 0.8


def test_plain_server_where_tls_is_expected(played: Sandbox) -> None:
    said = party(played.url.replace("http://", "https://")).call("GET", "/")
    assert said.failure is Failure.TLS


def test_circuit_opens_probes_once_and_closes(played: Sandbox, echo: Echo) -> None:
    """F23: after two failures nobody is called for a moment; then one call decides for all."""
    one = party(f"{played.url}/eco", breaker=CircuitBreaker(failures=2, seconds=0.3))
    echo.broken = True
    first = [one.call("GET", "/entera") for _ in range(3)]
    assert [said.status for said in first] == [503, 503, None]
    assert first[2].failure is Failure.CIRCUIT_OPEN
    what, _, began = first[2].detail.partition(" ")
    assert (what, datetime.fromisoformat(began)) == ("http_503", first[1].started_at)
    time.sleep(0.35)
    assert one.call("GET", "/entera").status == 503  # the probe
    assert one.call("GET", "/entera").failure is Failure.CIRCUIT_OPEN
    time.sleep(0.35)
    echo.broken = False
    assert [one.call("GET", "/entera").status for _ in range(2)] == [200, 200]


def test_half_open_circuit_lets_one_call_through(played: Sandbox, echo: Echo) -> None:
    breaker = CircuitBreaker(failures=1, seconds=0.1)
    one = party(f"{played.url}/eco", breaker=breaker)
    one.call("GET", "/hang", budget=0.1)
    time.sleep(0.15)
    answers: list[OutsideExchange] = []
    threads = [threading.Thread(target=lambda: answers.append(one.call("GET", "/hang", budget=0.4))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said.failure.value for said in answers if said.failure) == ["circuito_abierto"] * 7 + [
        "tiempo_agotado"
    ]


def test_page_lists_every_behaviour_and_its_switch_refuses_for_a_while(played: Sandbox) -> None:
    page = party(played.url, largest_body=50_000).call("GET", "/")
    text = page.body.decode()
    assert "PRUEBAS – sin validez legal" in text
    assert '<html lang="es-CL">' in text
    assert "contesta &lt;b&gt;nada&lt;/b&gt;" in text
    assert '<a href="/eco/suya">Otro</a>' in text
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    assert party(played.url, largest_body=50_000).call("POST", "/", headers=form, body=b"segundos=0").status == 400
    assert party(played.url).call("POST", "/", headers=form, body=b"segundos=1").status == 200
    time.sleep(0.2)
    assert party(played.url).call("GET", "/eco/entera").failure is Failure.REFUSED
    time.sleep(1.2)
    assert party(played.url).call("GET", "/eco/entera").status == 200


@contextlib.contextmanager
def served(answer: bytes) -> Iterator[str]:
    """A server that says `answer` to whoever comes, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()
