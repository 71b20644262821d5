"""Each section of the settings, as a type, and what refuses them."""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from lme_operator.core.run import InvalidRun, Run


class SettingsRefused(Exception):
    """The settings are wrong; `reasons` says every one, in Spanish, for whoever operates."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


def _parsed_run(text: str) -> Run:
    try:
        return Run.parse(text)
    except InvalidRun as error:
        raise ValueError("debe ser un RUT como 76000002-7, sin puntos y con su dígito verificador") from error


_ADDRESS = re.compile(r"https?://[^/?#@\s]+(/[^?#\s]*)?")


def _addresses(value: object) -> object:
    """Addresses in a list, or in one text with commas between them."""
    parts = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(_ADDRESS.fullmatch(str(part)) for part in parts):
        raise ValueError("deben ser direcciones https:// separadas por comas")
    return tuple(parts)


class Section(BaseModel):
    """Frozen, and without options that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OperatorSettings(Section):
    """Who the operator is before the SUSESO; `identity` is its RUT parsed."""

    name: str = Field(min_length=3)
    rut: Annotated[str, AfterValidator(lambda text: str(_parsed_run(text)))]
    code: str = Field(pattern=r"^[0-9]{1,4}$")

    @property
    def identity(self) -> Run:
        """The operator's RUT."""
        return Run.parse(self.rut)


class WebSettings(Section):
    """Where and how the web answers. `request_seconds` is the deadline of a request, in seconds.

    In each process `at_once` requests work and up to `waiting` wait for a turn; blocks have threads of their own, and
    so have the `outside_at_once` that ask third parties, with `outside_seconds`. A body must come whole in
    `body_seconds`; `uploads` large ones at once, in `upload_seconds`.
    """

    host: str
    port: int = Field(ge=1, le=65535)
    origin: str = Field(default="", pattern=r"^$|^https?://[^/]+$")
    workers: int = Field(ge=1, le=64)
    at_once: int = Field(ge=1, le=64)
    waiting: int = Field(ge=0, le=1000)
    body_seconds: float = Field(gt=0, le=60)
    request_seconds: float = Field(gt=0, le=30)
    outside_at_once: int = Field(ge=1, le=64)
    outside_seconds: float = Field(gt=0, le=30)
    uploads: int = Field(ge=1, le=64)
    upload_seconds: float = Field(gt=0, le=600)
    trusted_proxies: int = Field(ge=0, le=4)

    @property
    def rp_id(self) -> str:
        """The WebAuthn relying party: the host of the public address."""
        return urlsplit(self.origin).hostname or ""


class LogSettings(Section):
    """The audit log's name, in every checkpoint from the first on."""

    origin: str = Field(min_length=5, pattern=r"^\S+$")


class DatabaseSettings(Section):
    """One URL a role: each process is given those it needs and no more. Pool waits in seconds."""

    embedded: bool
    application: SecretStr | None = None
    worker: SecretStr | None = None
    owner: SecretStr | None = None
    reader: SecretStr | None = None
    pool_size: int = Field(ge=1, le=200)
    priority_pool_size: int = Field(ge=1, le=50)
    pool_seconds: float = Field(gt=0, le=10)

    def url(self, role: str) -> str:
        """Return the URL of `role`; raise `SettingsRefused` if this process was not given it."""
        secret: SecretStr | None = getattr(self, role)
        if secret is None:
            hint = " o inicie antes la demostración" if self.embedded else ""
            raise SettingsRefused(
                (f"Falta la dirección de la base de datos: defina LME_DATABASE_URL_{role.upper()}{hint}.",)
            )
        return secret.get_secret_value()


class JobsSettings(Section):
    """Celery: its broker, how many processes, and after how many seconds a task is delivered again."""

    broker: SecretStr | None = None
    workers: int = Field(ge=1, le=64)
    visibility_seconds: int = Field(ge=30, le=3600)

    @property
    def task_seconds(self) -> int:
        """How long a task may run before it is ended: less than what makes the messenger deliver it again."""
        return self.visibility_seconds * 5 // 6

    @property
    def broker_url(self) -> str:
        """Return the broker's URL; raise `SettingsRefused` if there is none."""
        if self.broker is None:
            raise SettingsRefused(("Falta la mensajería de las tareas: defina LME_BROKER_URL.",))
        return self.broker.get_secret_value()


class PartySettings(Section):
    """An outside party: where it answers, the secret that it knows us by, how long it is waited for.

    Without `url` it is never asked, and every question to it fails as ours. `authorities`, `certificate` and
    `private_key` are PEM files, for mutual TLS. After `failures` in a row it is left alone for `rest_seconds`.
    `largest_answer` in bytes: two of them still fit a member that the verifier reads.
    """

    url: str = Field(default="", pattern=r"^$|^https?://[^/?#@\s]+(/[^?#\s]*)?$")
    token: SecretStr = SecretStr("")
    authorities: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    budget_seconds: float = Field(gt=0, le=30)
    largest_answer: int = Field(ge=1024, le=1 << 18)
    failures: int = Field(ge=1, le=100)
    rest_seconds: float = Field(gt=0, le=3600)


class RnpiSettings(PartySettings):
    """The RNPI; `token` is the key that the Intendencia de Prestadores grants.

    `controls` are addresses of hosts of our own, elsewhere, each of which answers with our mark: the proof of N-4c.
    """

    controls: Annotated[tuple[str, ...], BeforeValidator(_addresses)] = ()

    def require(self) -> None:
        """Raise `SettingsRefused` unless the RNPI can be asked: without it nobody issues anything."""
        if not (self.url and self.token.get_secret_value()):
            raise SettingsRefused(("Falta el RNPI: defina LME_RNPI_URL y LME_RNPI_APIKEY.",))


class SmsSettings(PartySettings):
    """The SMS provider; `sender` is our telephone in E.164 or a short code."""

    sender: str = Field(default="", pattern=r"^$|^\+?[0-9]{3,15}$")

    @property
    def provider_url(self) -> str:
        """Return the provider's address; raise `SettingsRefused` unless it, token and sender were given."""
        if not (self.url and self.token.get_secret_value() and self.sender):
            raise SettingsRefused(("Falta el proveedor de SMS: defina LME_SMS_URL, LME_SMS_TOKEN y LME_SMS_FROM.",))
        return self.url


class MailSettings(Section):
    """The server that takes our mail, and the address that it comes from; an attempt lasts `seconds` at most.

    After `failures` in a row the server is left alone for `rest_seconds`.
    """

    server: SecretStr = SecretStr("")
    sender: str = Field(default="", pattern=r"^$|^[^\s@<>,;\"]+@[^\s@<>,;\"]+$")
    seconds: float = Field(gt=0, le=30)
    failures: int = Field(ge=1, le=100)
    rest_seconds: float = Field(gt=0, le=3600)

    @property
    def server_url(self) -> str:
        """Return the server's URL; raise `SettingsRefused` unless it and the sender were given."""
        if not (self.server.get_secret_value() and self.sender):
            raise SettingsRefused(("Falta el correo: defina LME_SMTP_URL y LME_MAIL_FROM.",))
        return self.server.get_secret_value()


class SandboxSettings(Section):
    """Where a demonstration plays the outside parties itself: over HTTP, mail, and apart from them our witnesses."""

    host: str
    http_port: int = Field(ge=1, le=65535)
    mail_port: int = Field(ge=1, le=65535)
    witness_port: int = Field(ge=1, le=65535)


class DocumentSettings(Section):
    """What an uploaded document may be, and what looking into it may take (`gateways.inspection`).

    `largest_bytes` of the file (a dossier of five still fits what the verifier reads), `most_pixels` of a picture,
    `most_pages` of a PDF; `memory_mib` and `cpu_seconds` of
    each look, `patience_seconds` of waiting for it, `at_once` looks in each process.
    """

    largest_bytes: int = Field(ge=1, le=12_000_000)
    most_pixels: int = Field(ge=1, le=200_000_000)
    most_pages: int = Field(ge=1, le=1000)
    memory_mib: int = Field(ge=128, le=4096)
    cpu_seconds: int = Field(ge=1, le=60)
    patience_seconds: float = Field(gt=0, le=60)
    at_once: int = Field(ge=1, le=16)


class AdvancedSignatureSettings(Section):
    """Firma electrónica avanzada: `acreditadas` is a PEM file of the authorities under which one may endorse a key.

    Without it no key is endorsed. The trust file carries what it names.
    """

    acreditadas: Path | None = None


class DemonstrationSettings(Section):
    """What only a demonstration has: people with known passwords, a clock that moves, the pages under /pruebas."""

    people: bool
    movable_clock: bool
    pages: bool
