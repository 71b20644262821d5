"""Settings: frozen, typed, read once from config/ and the environment; wrong ones refuse to start, and say why.

`config/default.toml`, then `config/<environment>.toml`, then the variables of `VARIABLES`. A variable that begins with
`LME_` and is not one of them is refused: a misspelt name must not quietly leave a default in force. What would make a
test system look real, or a real one behave like a test, is refused (N-2.4a, N-2.6b).
"""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from lme_operator.core.run import InvalidRun, Run

ROOT = Path(__file__).resolve().parents[1]
TEST_MARK = "PRUEBAS"
DATABASE_ROLES = ("application", "worker", "owner", "reader")

VARIABLES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "LME_ENV": (("environment",), "development, testing o production (por omisión development)"),
    "LME_HOME": (("home",), "carpeta de los datos y archivos propios (por omisión .lme en el proyecto)"),
    "LME_KEYS": (("keys",), "carpeta de las llaves (por omisión «llaves» dentro de LME_HOME)"),
    "LME_HOST": (("web", "host"), "dirección en que atiende la web"),
    "LME_PORT": (("web", "port"), "puerto en que atiende la web"),
    "LME_ORIGIN": (("web", "origin"), "dirección pública, por ejemplo https://lme.operador.cl"),
    "LME_WEB_WORKERS": (("web", "workers"), "procesos de la web"),
    "LME_TRUSTED_PROXIES": (("web", "trusted_proxies"), "cuántos servidores intermedios propios hay delante"),
    "LME_OPERATOR_NAME": (("operator", "name"), "nombre del operador"),
    "LME_OPERATOR_RUT": (("operator", "rut"), "RUT del operador"),
    "LME_OPERATOR_CODE": (("operator", "code"), "código del operador ante la SUSESO"),
    "LME_LOG_ORIGIN": (("log", "origin"), "nombre del registro de auditoría, para siempre el mismo"),
    "LME_DATABASE_URL_APPLICATION": (("database", "application"), "PostgreSQL para la web (rol lme_application)"),
    "LME_DATABASE_URL_WORKER": (("database", "worker"), "PostgreSQL para las tareas (rol lme_worker)"),
    "LME_DATABASE_URL_OWNER": (("database", "owner"), "PostgreSQL para migrar (rol lme_owner)"),
    "LME_DATABASE_URL_READER": (("database", "reader"), "PostgreSQL para leer (rol lme_reader)"),
    "LME_BROKER_URL": (("jobs", "broker"), "mensajería: postgresql://, redis:// o amqp://"),
    "LME_REGISTRO_CIVIL_URL": (("registro_civil", "url"), "servicio de vigencia de cédulas, https://"),
    "LME_REGISTRO_CIVIL_TOKEN": (("registro_civil", "token"), "secreto del convenio con el Registro Civil"),
    "LME_REGISTRO_CIVIL_AUTHORITIES": (("registro_civil", "authorities"), "autoridades en que se confía, archivo PEM"),
    "LME_REGISTRO_CIVIL_CERTIFICATE": (("registro_civil", "certificate"), "certificado propio ante él, archivo PEM"),
    "LME_REGISTRO_CIVIL_KEY": (("registro_civil", "private_key"), "llave de ese certificado, archivo PEM"),
    "LME_BIOMETRICS_URL": (("biometrics", "url"), "proveedor de verificación biométrica, https://"),
    "LME_BIOMETRICS_TOKEN": (("biometrics", "token"), "secreto del contrato con ese proveedor"),
}  # fmt: skip
"""Environment variable → where it goes, and what it is, for people."""

_NOT_SETTINGS = ("LME_TEST_", "LME_DUTIES")


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


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OperatorSettings(_Frozen):
    """Who the operator is before the SUSESO; `identity` is its RUT parsed."""

    name: str = Field(min_length=3)
    rut: Annotated[str, AfterValidator(lambda text: str(_parsed_run(text)))]
    code: str = Field(pattern=r"^[0-9]{1,4}$")

    @property
    def identity(self) -> Run:
        """The operator's RUT."""
        return Run.parse(self.rut)


class WebSettings(_Frozen):
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


class LogSettings(_Frozen):
    """The audit log's name, in every checkpoint from the first on."""

    origin: str = Field(min_length=5, pattern=r"^\S+$")


class DatabaseSettings(_Frozen):
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


class JobsSettings(_Frozen):
    """Celery: its broker, how many processes, and after how many seconds a task is delivered again."""

    broker: SecretStr | None = None
    workers: int = Field(ge=1, le=64)
    visibility_seconds: int = Field(ge=30, le=3600)

    @property
    def broker_url(self) -> str:
        """Return the broker's URL; raise `SettingsRefused` if there is none."""
        if self.broker is None:
            raise SettingsRefused(("Falta la mensajería de las tareas: defina LME_BROKER_URL.",))
        return self.broker.get_secret_value()


class PartySettings(_Frozen):
    """An outside party: where it answers, the secret that it knows us by, how long it is waited for.

    Without `url` it is never asked, and every question to it fails as ours. `authorities`, `certificate` and
    `private_key` are PEM files, for mutual TLS. After `failures` in a row it is left alone for `rest_seconds`.
    """

    url: str = Field(default="", pattern=r"^$|^https?://[^/?#@\s]+(/[^?#\s]*)?$")
    token: SecretStr = SecretStr("")
    authorities: Path | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    budget_seconds: float = Field(gt=0, le=30)
    largest_answer: int = Field(ge=1024, le=1 << 24)
    failures: int = Field(ge=1, le=100)
    rest_seconds: float = Field(gt=0, le=3600)


class DocumentSettings(_Frozen):
    """What an uploaded document may be, and what looking into it may take (`gateways.inspection`).

    `largest_bytes` of the file, `most_pixels` of a picture, `most_pages` of a PDF; `memory_mib` and `cpu_seconds` of
    each look, `patience_seconds` of waiting for it, `at_once` looks in each process.
    """

    largest_bytes: int = Field(ge=1, le=30_000_000)
    most_pixels: int = Field(ge=1, le=200_000_000)
    most_pages: int = Field(ge=1, le=1000)
    memory_mib: int = Field(ge=128, le=4096)
    cpu_seconds: int = Field(ge=1, le=60)
    patience_seconds: float = Field(gt=0, le=60)
    at_once: int = Field(ge=1, le=16)


class DemonstrationSettings(_Frozen):
    """What only a demonstration has: people with known passwords, a clock that moves, the pages under /pruebas."""

    people: bool
    movable_clock: bool
    pages: bool


class Settings(_Frozen):
    """Everything that a process is told when it starts."""

    environment: Literal["development", "testing", "production"]
    home: Path
    keys: Path
    operator: OperatorSettings
    web: WebSettings
    log: LogSettings
    database: DatabaseSettings
    jobs: JobsSettings
    documents: DocumentSettings
    registro_civil: PartySettings
    biometrics: PartySettings
    demonstration: DemonstrationSettings

    @property
    def clock_file(self) -> Path | None:
        """The file that moves the clock of all processes; None where the clock is the machine's."""
        return self.home / "reloj" if self.demonstration.movable_clock else None

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read and check the settings; raise `SettingsRefused` with every reason."""
        given = os.environ if environment is None else environment
        unknown = sorted(
            name for name in given if name.startswith("LME_") and name not in VARIABLES
            and not name.startswith(_NOT_SETTINGS)
        )  # fmt: skip
        if unknown:
            raise SettingsRefused(
                tuple(f"{name}: no existe esa variable; revise cómo está escrita." for name in unknown)
            )
        try:
            settings = cls.model_validate(_collected(given))
        except ValidationError as error:
            raise SettingsRefused(_reasons(error)) from error
        refused = _contradictions(settings)
        if refused:
            raise SettingsRefused(refused)
        return settings


def addresses_file(home: Path) -> Path:
    """Where the launcher of the embedded PostgreSQL writes the URL of each role."""
    return home / "postgres" / "direcciones.json"


def _collected(given: Mapping[str, str]) -> dict[str, Any]:
    """Merge the files and the variables, the later over the earlier."""
    name = given.get("LME_ENV", "development")
    chosen = ROOT / "config" / f"{name}.toml"
    if name == "default" or not chosen.is_file():
        raise SettingsRefused((f"LME_ENV: «{name}» no es un entorno; use development, testing o production.",))
    values: dict[str, Any] = {"environment": name, "log": {}, "operator": {}}
    for file in (ROOT / "config" / "default.toml", chosen):
        for name_of_section, options in tomllib.loads(file.read_text(encoding="utf-8")).items():
            values.setdefault(name_of_section, {}).update(options)
    for variable, (place, _) in VARIABLES.items():
        if given.get(variable):
            section: dict[str, Any] = values if len(place) == 1 else values.setdefault(place[0], {})
            section[place[-1]] = given[variable]
    values["home"] = Path(values.get("home", ROOT / ".lme")).resolve()
    values.setdefault("keys", values["home"] / "llaves")
    if name != "production":
        values["web"].setdefault("origin", f"http://localhost:{values['web']['port']}")
        _add_played_parties(values)
    if values["database"]["embedded"]:
        _add_embedded_addresses(values)
    return values


_PLAYED = {"registro_civil": "/registro-civil", "biometrics": "/biometria"}
"""The parties that are played beside a test system, and where."""
PLAYED_TOKEN = "pruebas"  # noqa: S105 - known to all: it opens nothing but a party that is played


def _add_played_parties(values: dict[str, Any]) -> None:
    """Outside production who has no other address is played at the port after the web's."""
    port = str(values["web"]["port"])
    for section, prefix in _PLAYED.items():
        if port.isdigit():
            values[section].setdefault("url", f"http://127.0.0.1:{int(port) + 1}{prefix}")
        values[section].setdefault("token", PLAYED_TOKEN)


def _add_embedded_addresses(values: dict[str, Any]) -> None:
    """Fill in the URLs of the embedded PostgreSQL, as its launcher left them."""
    file = addresses_file(values["home"])
    if not file.is_file():
        return
    addresses: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    for role in DATABASE_ROLES:
        values["database"].setdefault(role, addresses[role])
    values["jobs"].setdefault("broker", addresses["broker"])


def _contradictions(settings: Settings) -> tuple[str, ...]:
    """What each option allows and all together do not."""
    if settings.environment != "production":
        if TEST_MARK in settings.log.origin:
            return ()
        return (f"LME_LOG_ORIGIN: fuera de producción debe llevar «{TEST_MARK}», para que nada parezca verdadero.",)
    shown = settings.demonstration
    checks = (
        (shown.people, "demonstration.people: en producción no hay cuentas de demostración."),
        (shown.movable_clock, "demonstration.movable_clock: en producción el reloj no se mueve."),
        (shown.pages, "demonstration.pages: en producción no existen las páginas /pruebas."),
        (settings.database.embedded, "database.embedded: en producción PostgreSQL es un servidor aparte; dé sus URL."),
        (TEST_MARK in settings.log.origin, f"LME_LOG_ORIGIN: en producción no puede llevar «{TEST_MARK}»."),
        (not settings.web.origin.startswith("https://"), "LME_ORIGIN: en producción debe comenzar con https://."),
        (
            settings.web.trusted_proxies < 1,
            "LME_TRUSTED_PROXIES: en producción hay al menos un servidor propio delante, que termina TLS.",
        ),
    )
    named = {"LME_REGISTRO_CIVIL_URL": settings.registro_civil, "LME_BIOMETRICS_URL": settings.biometrics}
    plain = [name for name, party in named.items() if party.url.startswith("http://")]
    return (
        *(reason for wrong, reason in checks if wrong),
        *(f"{name}: en producción debe comenzar con https://." for name in plain),
        *_exposed_keys(settings.keys),
    )


def _exposed_keys(folder: Path) -> tuple[str, ...]:
    """Keys that other users of the machine could read or change."""
    if not folder.exists():
        return ()
    exposed = [path for path in (folder, *sorted(folder.iterdir())) if path.stat().st_mode & 0o077]
    return tuple(
        f"LME_KEYS: otros usuarios tienen acceso a {path}; ejecute chmod go-rwx sobre ella." for path in exposed
    )


_WORDS = {
    "missing": "falta este valor",
    "extra_forbidden": "no existe esa opción",
    "int_parsing": "debe ser un número entero",
    "float_parsing": "debe ser un número",
    "bool_parsing": "debe ser true o false",
    "string_pattern_mismatch": "no tiene la forma esperada",
    "string_too_short": "es demasiado corto",
    "greater_than_equal": "es demasiado pequeño",
    "greater_than": "es demasiado pequeño",
    "less_than_equal": "es demasiado grande",
}


def _reasons(error: ValidationError) -> tuple[str, ...]:
    """The reasons in Spanish, each with the variable or option that is wrong; never the value, it may be a secret."""
    names = {place: variable for variable, (place, _) in VARIABLES.items()}
    reasons = []
    for fault in error.errors(include_url=False, include_input=False):
        place = tuple(str(part) for part in fault["loc"])
        words = _WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        reasons.append(f"{names.get(place, '.'.join(place))}: {words}.")
    return tuple(reasons)
