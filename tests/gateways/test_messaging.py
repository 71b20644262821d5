"""Mail and SMS over real sockets: what was taken is told from what was not, and what cannot be told is said so."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lme_operator.core.clock import system_clock
from lme_operator.domain.notices import Channel, Delivery, Message, Outgoing, Result
from lme_operator.gateways.breaker import CircuitBreaker
from lme_operator.gateways.messaging import Carriers, MailServer, OneApi, Smtp, build_carriers
from lme_operator.gateways.messaging.mail import Encryption
from lme_operator.gateways.messaging.sandbox import Mailbox, MailCatcher, MailParty, SmsParty
from lme_operator.gateways.outsiders import play_outsiders
from lme_operator.gateways.sandbox import Sandbox, play
from lme_operator.gateways.wire import Party
from lme_operator.settings import Settings, SettingsRefused

AT = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)
ID = UUID("019da000-0000-7000-8000-000000000001")
TEXT = "Señora Ñancupil:\n\nSu código es 123456.\n.\nEsta línea sigue a un punto solo.\n\n«Compañía»\n"


def outgoing(address: str = "antonia@example.cl", text: str = TEXT, subject: str = "Su código, señora Ñ") -> Outgoing:
    return Outgoing(ID, Message(Channel.MAIL, address, "prueba", subject, text), AT)


def sms(telephone: str = "+56912345678", text: str = "Su código es 654321, señora Ñ") -> Outgoing:
    return Outgoing(ID, Message(Channel.SMS, telephone, "prueba", None, text), AT)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def client(port: int, **changes: Any) -> Smtp:
    given: dict[str, Any] = {
        "server": MailServer("127.0.0.1", port, Encryption.NONE),
        "sender": "no-responder@operador.cl",
        "name": "Operador Ñandú",
        "budget_seconds": 2.0,
        "clock": system_clock,
        "trust": ssl.create_default_context(),
        "breaker": CircuitBreaker(failures=100, seconds=60),
    }
    return Smtp(**{**given, **changes})


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "buzon", system_clock)


@pytest.fixture
def catcher(mailbox: Mailbox) -> Iterator[tuple[MailCatcher, int]]:
    port = free_port()
    with MailCatcher(mailbox, "127.0.0.1", port) as running:
        yield running, port


def caught(mailbox: Mailbox) -> list[dict[str, Any]]:
    return [json.loads(file.read_text("utf-8")) for file in sorted(mailbox.folder.glob("*.json"))]


def record(delivery: Delivery) -> dict[str, Any]:
    """The recorded call, opened."""
    opened: dict[str, Any] = json.loads(delivery.answer)
    return opened


@contextmanager
def server_that(*steps: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of one connection that does `steps`, then waits for the other side to hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connected, _ = listening.accept()
            with connected:
                connected.settimeout(10)
                for step in steps:
                    step(connected)
                while connected.recv(4096):
                    pass

        def quietly() -> None:
            with suppress(OSError):
                serve()

        thread = threading.Thread(target=quietly, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
    thread.join(10)


def say(text: str) -> Callable[[socket.socket], None]:
    return lambda connected: connected.sendall(text.encode() + b"\r\n")


def hear(end: bytes = b"\r\n") -> Callable[[socket.socket], None]:
    def listen(connected: socket.socket) -> None:
        heard = b""
        while not heard.endswith(end):
            more = connected.recv(4096)
            if not more:
                raise OSError("gone")
            heard += more

    return listen


GREETED = (say("220 hola"), hear(), say("250 hola"))
ENVELOPE = (*GREETED, hear(), say("250 remitente"), hear(), say("250 destinatario"))
CONTENT = (*ENVELOPE, hear(), say("354 adelante"))
WHOLE = (*CONTENT, hear(b"\r\n.\r\n"))


@pytest.mark.norm("N-2.6e")
def test_spanish_arrives_whole(catcher: tuple[MailCatcher, int], mailbox: Mailbox) -> None:
    delivery = client(catcher[1]).deliver(outgoing())
    assert (delivery.result, delivery.reason) == (Result.ACCEPTED, "recibido")
    (mail,) = caught(mailbox)
    assert (mail["canal"], mail["direccion"], mail["asunto"]) == ("correo", "antonia@example.cl", "Su código, señora Ñ")
    assert mail["texto"] == TEXT.rstrip("\n")
    assert mail["referencia"] == f"<{ID}@operador.cl>"


def test_the_servers_words_are_on_record(catcher: tuple[MailCatcher, int]) -> None:
    said = record(client(catcher[1]).deliver(outgoing()))
    assert (said["parte"], said["metodo"], said["direccion_ip"], said["falla"]) == ("correo", "SMTP", "127.0.0.1", None)
    assert said["cabeceras_enviadas"] == [["Message-ID", f"<{ID}@operador.cl>"]]
    assert said["digest_enviado"]


def test_is_the_same_bytes_each_time_and_says_that_a_machine_wrote_it() -> None:
    one, other = (client(25).compose(outgoing()) for _ in range(2))
    assert one == other
    mail = message_from_bytes(one, policy=default)
    assert mail["Message-ID"] == f"<{ID}@operador.cl>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert str(mail["From"]) == "Operador Ñandú <no-responder@operador.cl>"
    assert mail["Date"].datetime == AT
    assert one.isascii()
    assert max(map(len, one.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "subject", ["Hola?= =?utf-8?q?Bcc:_x=40y?=", "a" * 2000, "Bcc: otro@example.cl", "=?utf-8?b?DQpCY2M6IHg=?="]
)
def test_no_subject_adds_a_header_or_an_addressee(
    catcher: tuple[MailCatcher, int], mailbox: Mailbox, subject: str
) -> None:
    plain = message_from_bytes(client(25).compose(outgoing(subject="Hola")), policy=default)
    written = message_from_bytes(client(25).compose(outgoing(subject=subject)), policy=default)
    assert written.keys() == plain.keys()
    assert "\n" not in str(written["Subject"])
    assert client(catcher[1]).deliver(outgoing(subject=subject)).result is Result.ACCEPTED
    assert [mail["direccion"] for mail in caught(mailbox)] == ["antonia@example.cl"]


def test_a_domain_beyond_ascii_goes_in_the_form_of_the_wire(catcher: tuple[MailCatcher, int], mailbox: Mailbox) -> None:
    assert client(catcher[1]).deliver(outgoing("ana@ñandú.cl")).result is Result.ACCEPTED
    assert caught(mailbox)[0]["direccion"] == "ana@xn--and-6ma2c.cl"
    refused = client(catcher[1]).deliver(outgoing("ñusta@example.cl"))
    assert (refused.result, refused.reason) == (Result.REFUSED, "direccion_no_admitida")


@pytest.mark.parametrize(
    ("address", "result", "reason", "arrived"),
    [
        ("rechazado@example.cl", Result.REFUSED, "smtp_550", 0),
        ("ocupado@example.cl", Result.POSTPONED, "smtp_450", 0),
        ("callado@example.cl", Result.UNKNOWN, "tiempo_agotado", 0),
        ("cortado@example.cl", Result.UNKNOWN, "conexion_cortada", 1),
    ],
)
def test_each_behaviour_of_the_played_server_is_told_apart(
    catcher: tuple[MailCatcher, int], mailbox: Mailbox, *, address: str, result: Result, reason: str, arrived: int
) -> None:
    delivery = client(catcher[1]).deliver(outgoing(address))
    assert (delivery.result, delivery.reason) == (result, reason)
    assert len(caught(mailbox)) == arrived


@pytest.mark.parametrize(
    ("steps", "result", "reason"),
    [
        ((), Result.POSTPONED, "tiempo_agotado"),
        ((say("220 "),), Result.POSTPONED, "tiempo_agotado"),
        ((say("554 no atiendo"),), Result.POSTPONED, "smtp_554"),
        ((say("421 vuelva"),), Result.POSTPONED, "smtp_421"),
        ((say("HTTP/1.1 400 Bad Request"),), Result.POSTPONED, "smtp_-1"),
        ((*GREETED, hear(), say("550 remitente no")), Result.POSTPONED, "smtp_550"),
        ((*GREETED, hear(), say("250 ok"), hear(), say("553 casilla no")), Result.REFUSED, "smtp_553"),
        ((*GREETED, hear(), say("250 ok"), hear(), say("452 lleno")), Result.POSTPONED, "smtp_452"),
        ((*ENVELOPE, hear(), say("554 contenido no")), Result.REFUSED, "smtp_554"),
        ((*CONTENT,), Result.UNKNOWN, "tiempo_agotado"),
        ((*WHOLE, say("552 muy grande")), Result.REFUSED, "smtp_552"),
        ((*WHOLE, say("451 más tarde")), Result.POSTPONED, "smtp_451"),
        ((*WHOLE,), Result.UNKNOWN, "tiempo_agotado"),
        ((*WHOLE, say("¿qué?")), Result.UNKNOWN, "smtp_-1"),
        ((*WHOLE, say("250-recibido")), Result.UNKNOWN, "tiempo_agotado"),
        ((*WHOLE, say("250 recibido")), Result.ACCEPTED, "recibido"),
    ],
)
def test_what_each_answer_means_depends_on_whether_the_dot_had_gone(
    steps: tuple[Callable[[socket.socket], None], ...], result: Result, reason: str
) -> None:
    with server_that(*steps) as port:
        began = time.monotonic()
        delivery = client(port, budget_seconds=0.6).deliver(outgoing())
        assert time.monotonic() - began < 3
    assert (delivery.result, delivery.reason) == (result, reason)


def test_a_server_that_hangs_up_in_the_content_has_not_taken_it() -> None:
    """More content than the network holds in its hands, so that the end cannot have been sent."""
    with server_that(*CONTENT, lambda connected: connected.close()) as port:
        delivery = client(port).deliver(outgoing(text="a" * 30_000_000))
    assert (delivery.result, delivery.reason) == (Result.POSTPONED, "conexion_cortada")


def test_a_byte_a_second_ends_with_the_budget() -> None:
    def drip(connected: socket.socket) -> None:
        for byte in b"220 " + b"a" * 100:
            connected.sendall(bytes((byte,)))
            time.sleep(0.2)

    with server_that(drip) as port:
        began = time.monotonic()
        delivery = client(port, budget_seconds=0.7).deliver(outgoing())
        assert time.monotonic() - began < 1.5
    assert (delivery.result, delivery.reason) == (Result.POSTPONED, "tiempo_agotado")


def test_nobody_listening_and_no_such_name_are_put_off() -> None:
    refused = client(free_port()).deliver(outgoing())
    assert (refused.result, refused.reason) == (Result.POSTPONED, "conexion_rechazada")
    nowhere = client(25, server=MailServer("no.existe.invalid", 25, Encryption.NONE)).deliver(outgoing())
    assert nowhere.result is Result.POSTPONED
    assert nowhere.reason in {"nombre_no_resuelto", "tiempo_agotado"}


def test_a_server_that_is_down_is_left_alone_for_a_while() -> None:
    port = free_port()
    breaker = CircuitBreaker(failures=3, seconds=60)
    reasons = [client(port, breaker=breaker).deliver(outgoing()).reason for _ in range(5)]
    assert reasons == ["conexion_rechazada"] * 3 + ["circuito_abierto"] * 2


def test_a_casilla_that_does_not_exist_opens_no_circuit(catcher: tuple[MailCatcher, int]) -> None:
    breaker = CircuitBreaker(failures=2, seconds=60)
    for _ in range(4):
        assert client(catcher[1], breaker=breaker).deliver(outgoing("rechazado@example.cl")).reason == "smtp_550"


# --- encrypted


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `localhost`, its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = system_clock()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "servidor.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.norm("N-2.6b")
@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_encrypted_mail_goes_only_to_a_server_that_proves_its_name(
    mailbox: Mailbox, certificate: Path, encryption: Encryption
) -> None:
    port, context = free_port(), server_context(certificate)
    options: dict[str, Any] = (
        {"require_starttls": True, "tls_context": context}
        if encryption is Encryption.STARTTLS
        else {"ssl_context": context}
    )
    trusting = ssl.create_default_context(cafile=str(certificate))
    with MailCatcher(mailbox, "127.0.0.1", port, **options):
        known = client(port, server=MailServer("localhost", port, encryption), trust=trusting)
        assert known.deliver(outgoing()).result is Result.ACCEPTED
        for wrong in (
            replace(known, trust=ssl.create_default_context()),
            replace(known, server=MailServer("127.0.0.1", port, encryption)),
        ):
            delivery = wrong.deliver(outgoing())
            assert (delivery.result, delivery.reason) == (Result.POSTPONED, "certificado_no_confiable")
    assert len(caught(mailbox)) == 1


@pytest.mark.norm("N-2.6b")
def test_without_starttls_nothing_is_sent_in_the_clear(catcher: tuple[MailCatcher, int], mailbox: Mailbox) -> None:
    demanding = client(catcher[1], server=MailServer("127.0.0.1", catcher[1], Encryption.STARTTLS))
    delivery = demanding.deliver(outgoing())
    assert (delivery.result, delivery.reason) == (Result.POSTPONED, "sin_tls")
    assert caught(mailbox) == []


def test_user_and_password_open_the_server_and_a_wrong_one_is_put_off(mailbox: Mailbox, certificate: Path) -> None:
    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (b"operador", b"contra:se@a")
        return AuthResult(success=right, handled=False)

    port = free_port()
    with MailCatcher(
        mailbox, "127.0.0.1", port,
        tls_context=server_context(certificate), require_starttls=True,
        authenticator=authenticate, auth_required=True,
    ):  # fmt: skip
        knowing = client(
            port,
            server=MailServer.parse(f"smtp+starttls://operador:contra%3Ase%40a@localhost:{port}"),
            trust=ssl.create_default_context(cafile=str(certificate)),
        )
        delivery = knowing.deliver(outgoing())
        assert delivery.result is Result.ACCEPTED, delivery
        assert "contra:se" not in delivery.answer
        wrong = replace(knowing, server=replace(knowing.server, password="otra")).deliver(outgoing())
        assert (wrong.result, wrong.reason) == (Result.POSTPONED, "smtp_535")
    assert len(caught(mailbox)) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://correo.cl",
        "smtp://",
        "smtps://correo.cl/ruta",
        "smtp://correo.cl?tls=no",
        "correo.cl",
        "",
        "smtps://operador:contrase%C3%B1a@correo.cl",
    ],
)
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        MailServer.parse(url)


def test_a_servers_url_is_read_whole_and_its_password_not_shown() -> None:
    server = MailServer.parse("smtps://usuario%40x:cl%3Aave@correo.cl")
    assert (server.host, server.port, server.encryption) == ("correo.cl", 465, Encryption.TLS)
    assert (server.user, server.password) == ("usuario@x", "cl:ave")
    assert "ave" not in repr(server)
    assert MailServer.parse("smtp+starttls://correo.cl").port == 587
    assert MailServer.parse("smtp://correo.cl:2525").port == 2525


# --- SMS


@pytest.fixture
def provider(mailbox: Mailbox) -> Iterator[Sandbox]:
    with play([SmsParty(mailbox), MailParty(25)]) as sandbox:
        yield sandbox


def one_api(url: str) -> OneApi:
    party = Party(
        name="sms",
        base_url=f"{url}/sms",
        budget_seconds=1.0,
        largest_body=65_536,
        clock=system_clock,
        secret_names=frozenset(("authorization",)),
        plain_http=True,
    )
    return OneApi(party=party, budget_seconds=1.0, sender="+56223456789", token="ficha-secreta")


@pytest.mark.norm("N-2.6e")
def test_an_sms_is_taken_with_our_reference_and_the_record_holds_no_token(provider: Sandbox, mailbox: Mailbox) -> None:
    delivery = one_api(provider.url).deliver(sms())
    assert (delivery.result, delivery.reason) == (Result.ACCEPTED, "http_201")
    (taken,) = caught(mailbox)
    assert (taken["canal"], taken["direccion"], taken["texto"]) == ("sms", "+56912345678", sms().message.text)
    assert taken["referencia"] == str(ID)
    (asked,) = provider.calls
    assert asked.headers["idempotency-key"] == str(ID)
    assert asked.headers["authorization"] == "Bearer ficha-secreta"
    assert "ficha-secreta" not in delivery.answer
    assert sms().message.text not in delivery.answer


def test_the_provider_takes_one_reference_once(provider: Sandbox, mailbox: Mailbox) -> None:
    for _ in range(3):
        assert one_api(provider.url).deliver(sms()).result is Result.ACCEPTED
    assert len(caught(mailbox)) == 1


@pytest.mark.parametrize(
    ("telephone", "result", "reason", "arrived"),
    [
        ("+56990000400", Result.REFUSED, "http_400", 0),
        ("+56990000401", Result.POSTPONED, "http_401", 0),
        ("+56990000429", Result.POSTPONED, "http_429", 0),
        ("+56990000500", Result.UNKNOWN, "http_500", 0),
        ("+56990000503", Result.POSTPONED, "http_503", 0),
        ("+56990000001", Result.UNKNOWN, "tiempo_agotado", 0),
        ("+56990000002", Result.UNKNOWN, "conexion_cortada", 1),
    ],
)
def test_each_behaviour_of_the_provider_is_told_apart(
    provider: Sandbox, mailbox: Mailbox, *, telephone: str, result: Result, reason: str, arrived: int
) -> None:
    delivery = one_api(provider.url).deliver(sms(telephone))
    assert (delivery.result, delivery.reason) == (result, reason)
    assert len(caught(mailbox)) == arrived


def test_a_provider_that_is_down_is_put_off(provider: Sandbox) -> None:
    provider.refuse()
    delivery = one_api(provider.url).deliver(sms())
    assert (delivery.result, delivery.reason) == (Result.POSTPONED, "conexion_rechazada")


def test_what_the_provider_does_not_understand_is_refused(provider: Sandbox) -> None:
    import httpx

    url = f"{provider.url}/sms/outbound/tel%3A%2B56223456789/requests"
    whole = {"Authorization": "Bearer x"}
    assert httpx.post(url, json={}).status_code == 401
    assert httpx.post(url, json={}, headers=whole).status_code == 400
    assert httpx.post(url, json=[], headers=whole).status_code == 400
    assert httpx.get(url, headers=whole).status_code == 404
    assert httpx.get(f"{provider.url}/correo/").status_code == 404


def test_the_page_lists_what_can_be_brought_about(provider: Sandbox) -> None:
    import httpx

    page = httpx.get(provider.url).text
    assert "rechazado@…" in page
    assert "+56990000503" in page


# --- both


def test_each_channel_has_its_carrier(catcher: tuple[MailCatcher, int], provider: Sandbox, mailbox: Mailbox) -> None:
    carriers = Carriers(mail=client(catcher[1]), sms=one_api(provider.url))
    assert carriers.longest(Channel.MAIL) == timedelta(seconds=2)
    assert carriers.longest(Channel.SMS) == timedelta(seconds=1)
    assert {carriers.deliver(one).result for one in (outgoing(), sms())} == {Result.ACCEPTED}
    assert {one["canal"] for one in caught(mailbox)} == {"correo", "sms"}


def test_a_demonstration_sends_to_itself(tmp_path: Path) -> None:
    """As `lme externos` plays them and the worker is wired, by the settings alone."""
    settings = Settings.load({"LME_HOME": str(tmp_path), "LME_PORT": str(free_port())})
    carriers = build_carriers(settings, system_clock)
    with play_outsiders(settings):
        assert {carriers.deliver(one).result for one in (outgoing(), sms())} == {Result.ACCEPTED}
    assert {one["canal"] for one in caught(Mailbox(tmp_path / "buzon", system_clock))} == {"correo", "sms"}


def test_only_a_demonstration_plays_the_outside_parties(tmp_path: Path) -> None:
    settings = Settings.load({"LME_ENV": "testing", "LME_HOME": str(tmp_path)})
    with pytest.raises(SettingsRefused, match="demostración"), play_outsiders(settings):
        pass


def test_a_mail_server_that_is_none_is_named(tmp_path: Path) -> None:
    given = {"LME_ENV": "testing", "LME_HOME": str(tmp_path), "LME_SMTP_URL": "correo.example"}
    with pytest.raises(SettingsRefused, match="LME_SMTP_URL"):
        build_carriers(Settings.load(given), system_clock)


def test_the_mailbox_keeps_the_newest(tmp_path: Path) -> None:
    now = AT
    mailbox = Mailbox(tmp_path / "buzon", lambda: now)
    for number in range(205):
        now = AT + timedelta(seconds=number)
        mailbox.put(channel="sms", address="+56912345678", subject=None, text=str(number), reference="x")
    assert [one["texto"] for one in caught(mailbox)] == [str(number) for number in range(5, 205)]
    assert (tmp_path / "buzon").stat().st_mode & 0o777 == 0o700
