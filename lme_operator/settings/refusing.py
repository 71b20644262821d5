"""Why settings are refused: what contradicts itself, and every reason in words."""

from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import ValidationError

from lme_operator.settings.variables import VARIABLES

if TYPE_CHECKING:
    from lme_operator.settings import Settings

TEST_MARK = "PRUEBAS"
_WRITING_SECONDS = 10
"""What a task does before and after it waits for an outside party."""
LEAST_WITNESSES = 2
"""Control hosts that `rnpi.testigos_minimo` demands: with fewer, no outage of the RNPI is ever proved another's."""


def contradictions(settings: "Settings") -> tuple[str, ...]:
    """What each option allows and all together do not."""
    longest = max(settings.mail.seconds, settings.sms.budget_seconds) + _WRITING_SECONDS
    if longest > settings.jobs.task_seconds:
        return (f"jobs.visibility_seconds: un aviso puede tardar {longest:.0f} s y su tarea se cortaría antes.",)
    if settings.environment != "production":
        if TEST_MARK in settings.log.origin:
            return ()
        return (f"LME_LOG_ORIGIN: fuera de producción debe llevar «{TEST_MARK}», para que nada parezca verdadero.",)
    shown = settings.demonstration
    checks = (
        (shown.people, "demonstration.people: en producción no hay cuentas de demostración."),
        (shown.movable_clock, "demonstration.movable_clock: en producción el reloj no se mueve."),
        (shown.pages, "demonstration.pages: en producción no existen las páginas /pruebas."),
        (settings.sandbox is not None, "sandbox: en producción no se simulan los servicios externos."),
        (settings.database.embedded, "database.embedded: en producción PostgreSQL es un servidor aparte; dé sus URL."),
        (TEST_MARK in settings.log.origin, f"LME_LOG_ORIGIN: en producción no puede llevar «{TEST_MARK}»."),
        (not settings.web.origin.startswith("https://"), "LME_ORIGIN: en producción debe comenzar con https://."),
        (
            settings.mail.server.get_secret_value().startswith("smtp://"),
            "LME_SMTP_URL: en producción el correo va cifrado; use smtps:// o smtp+starttls://.",
        ),
        (
            bool(settings.rnpi.url) and not settings.rnpi.token.get_secret_value(),
            "LME_RNPI_APIKEY: falta la clave de acceso al RNPI.",
        ),
        (
            settings.web.trusted_proxies < 1,
            "LME_TRUSTED_PROXIES: en producción hay al menos un servidor propio delante, que termina TLS.",
        ),
    )
    named = {
        "LME_RNPI_URL": settings.rnpi,
        "LME_REGISTRO_CIVIL_URL": settings.registro_civil,
        "LME_BIOMETRICS_URL": settings.biometrics,
        "LME_SMS_URL": settings.sms,
    }
    plain = [name for name, party in named.items() if party.url.startswith("http://")]
    if any(control.startswith("http://") for control in settings.rnpi.controls):
        plain.append("LME_RNPI_CONTROLS")
    return (
        *(reason for wrong, reason in checks if wrong),
        *(f"{name}: en producción debe comenzar con https://." for name in plain),
        *_unfit_witnesses(settings),
        *_exposed_keys(settings.keys),
    )


def _unfit_witnesses(settings: "Settings") -> tuple[str, ...]:
    """Why the control hosts prove nothing: they are too few, or not elsewhere (consulta-rnpi@v1#testigos)."""
    if not settings.rnpi.url:
        return ()
    hosts = {_host(address) for address in settings.rnpi.controls}
    checks = (
        (len(hosts) < LEAST_WITNESSES, f"se necesitan {LEAST_WITNESSES} servidores de nombre distinto"),
        (_host(settings.rnpi.url) in hosts, "el servidor del propio RNPI no sirve de testigo"),
        (_host(settings.web.origin) in hosts, "el servidor de este sistema no sirve de testigo"),
        (any(_is_this_machine(host) for host in hosts), "esta misma máquina no sirve de testigo"),
    )
    return tuple(f"LME_RNPI_CONTROLS: {words}." for wrong, words in checks if wrong)


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").rstrip(".")


def _is_this_machine(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


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


def reasons(error: ValidationError) -> tuple[str, ...]:
    """The reasons in Spanish, each with the variable or option that is wrong; never the value, it may be a secret."""
    names = {place: variable for variable, (place, _) in VARIABLES.items()}
    reasons = []
    for fault in error.errors(include_url=False, include_input=False):
        place = tuple(str(part) for part in fault["loc"])
        words = _WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        reasons.append(f"{names.get(place, '.'.join(place))}: {words}.")
    return tuple(reasons)
