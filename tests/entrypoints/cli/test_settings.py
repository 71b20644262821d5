"""Settings that are wrong refuse to start, each reason in Spanish, and never show a secret."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lme_operator.settings import VARIABLES, Settings, SettingsRefused
from lme_operator.settings.collecting import collected
from lme_operator.settings.refusing import LEAST_WITNESSES
from tests.factories.people import norms

PRODUCTION = {
    "LME_ENV": "production",
    "LME_OPERATOR_NAME": "Operador Uno SpA",
    "LME_OPERATOR_RUT": "76000002-7",
    "LME_OPERATOR_CODE": "12",
    "LME_ORIGIN": "https://lme.operador.example",
    "LME_TRUSTED_PROXIES": "1",
    "LME_LOG_ORIGIN": "lme.operador.example/registro",
    "LME_DATABASE_URL_APPLICATION": "postgresql://lme_application:secreta@db/lme",
}


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    return {**PRODUCTION, "LME_HOME": str(tmp_path)}


def refused(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsRefused) as error:
        Settings.load(environment)
    return "\n".join(error.value.reasons)


def test_each_environment_loads(tmp_path: Path, production: dict[str, str]) -> None:
    for name in ("development", "testing"):
        assert Settings.load({"LME_ENV": name, "LME_HOME": str(tmp_path)}).environment == name
    loaded = Settings.load(production)
    assert loaded.web.rp_id == "lme.operador.example"
    assert loaded.clock_file is None
    assert not any(loaded.demonstration.model_dump().values())


def test_they_are_frozen(production: dict[str, str]) -> None:
    with pytest.raises(Exception, match="frozen"):
        Settings.load(production).environment = "testing"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("LME_ENV", "producción", "no es un entorno"),
        ("LME_ENV", "default", "no es un entorno"),
        ("LME_ORIGIN", "http://lme.operador.example", "https://"),
        ("LME_TRUSTED_PROXIES", "0", "termina TLS"),
        ("LME_ORIGIN", "https://lme.operador.example/ruta", "forma esperada"),
        ("LME_LOG_ORIGIN", "lme.operador.example/PRUEBAS/registro", "PRUEBAS"),
        ("LME_LOG_ORIGIN", "con espacio", "forma esperada"),
        ("LME_OPERATOR_RUT", "76000002-8", "dígito verificador"),
        ("LME_OPERATOR_RUT", "76.000.002-7", "sin puntos"),
        ("LME_OPERATOR_CODE", "doce", "forma esperada"),
        ("LME_SMTP_URL", "smtp://correo.operador.example", "va cifrado"),
        ("LME_SMS_URL", "http://sms.example", "https://"),
        ("LME_SMS_FROM", "el operador", "forma esperada"),
        ("LME_MAIL_FROM", "a@example.cl, b@example.cl", "forma esperada"),
        ("LME_PORT", "0", "pequeño"),
        ("LME_PORT", "ochenta", "entero"),
        ("LME_PUERTO", "80", "no existe esa variable"),
        ("LME_REGISTRO_CIVIL_URL", "http://registro.example", "https://"),
        ("LME_BIOMETRICS_URL", "http://biometria.example/v2", "https://"),
        ("LME_BIOMETRICS_URL", "https://usuario@biometria.example", "forma esperada"),
    ],
)
def test_a_wrong_value_is_named(production: dict[str, str], variable: str, value: str, words: str) -> None:
    said = refused({**production, variable: value})
    assert variable in said
    assert words in said


@pytest.mark.parametrize("variable", ["LME_OPERATOR_RUT", "LME_OPERATOR_CODE", "LME_LOG_ORIGIN", "LME_ORIGIN"])
def test_production_needs_its_own_identity(production: dict[str, str], variable: str) -> None:
    del production[variable]
    assert variable in refused(production)


@pytest.mark.parametrize(
    ("section", "option"),
    [
        ("demonstration", "people"),
        ("demonstration", "movable_clock"),
        ("demonstration", "pages"),
        ("database", "embedded"),
    ],
)
def test_production_refuses_what_only_a_demonstration_has(
    production: dict[str, str], monkeypatch: pytest.MonkeyPatch, section: str, option: str
) -> None:
    def planted(given: Any) -> dict[str, Any]:
        values = collected(given)
        values[section][option] = True
        return values

    monkeypatch.setattr("lme_operator.settings.collected", planted)
    assert f"{section}.{option}" in refused(production)


def test_production_refuses_to_play_the_outside_parties(
    production: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"host": "127.0.0.1", "http_port": 8021, "mail_port": 8022, "witness_port": 8023}
    monkeypatch.setattr("lme_operator.settings.collected", lambda given: {**collected(given), "sandbox": places})
    assert "sandbox: en producción" in refused(production)


def test_a_demonstration_plays_the_parties_beside_its_web_and_speaks_to_them(tmp_path: Path) -> None:
    settings = Settings.load({"LME_HOME": str(tmp_path), "LME_PORT": "9000"})
    assert settings.sandbox is not None
    assert (settings.sandbox.http_port, settings.sandbox.mail_port) == (9001, 9002)
    assert settings.mail.server_url == "smtp://127.0.0.1:9002"
    assert settings.sms.provider_url == "http://127.0.0.1:9001/sms"
    assert settings.rnpi.url == "http://127.0.0.1:9001/rnpi"
    assert settings.rnpi.controls == ("http://127.0.0.1:9003/testigo", "http://localhost:9003/testigo")
    assert Settings.load({"LME_ENV": "testing", "LME_HOME": str(tmp_path)}).sandbox is None


def test_production_asks_the_rnpi_over_tls_and_with_its_key(production: dict[str, str]) -> None:
    with pytest.raises(SettingsRefused, match="LME_RNPI_URL y LME_RNPI_APIKEY"):
        Settings.load(production).rnpi.require()
    address = {"LME_RNPI_URL": "https://apis.superdesalud.gob.cl", "LME_RNPI_APIKEY": "una-clave"}
    controls = "https://uno.operador.example/lme, https://dos.operador.example/lme"
    loaded = Settings.load({**production, **address, "LME_RNPI_CONTROLS": controls})
    loaded.rnpi.require()
    assert len(loaded.rnpi.controls) == 2
    assert "una-clave" not in repr(loaded)
    assert "LME_RNPI_URL" in refused({**production, **address, "LME_RNPI_URL": "http://apis.superdesalud.gob.cl"})
    assert "LME_RNPI_APIKEY" in refused({**production, **address, "LME_RNPI_APIKEY": ""})
    assert "LME_RNPI_CONTROLS" in refused({**production, **address, "LME_RNPI_CONTROLS": "http://uno.example"})
    assert "LME_RNPI_CONTROLS" in refused({**production, **address, "LME_RNPI_CONTROLS": "uno.example"})


@pytest.mark.norm("N-4c")
@pytest.mark.parametrize(
    ("controls", "words"),
    [
        ("", "2 servidores de nombre distinto"),
        ("https://uno.example", "2 servidores de nombre distinto"),
        ("https://uno.example/a, https://UNO.example:444/b, https://uno.example./c", "2 servidores de nombre distinto"),
        ("https://uno.example, https://apis.superdesalud.gob.cl/x", "del propio RNPI"),
        ("https://uno.example, https://lme.operador.example:8443", "de este sistema"),
        ("https://uno.example, https://localhost", "esta misma máquina"),
        ("https://uno.example, https://127.0.0.9", "esta misma máquina"),
        ("https://uno.example, https://[::1]:8443", "esta misma máquina"),
    ],
)
def test_witness_that_proves_nothing_is_refused_in_production(
    production: dict[str, str], controls: str, words: str
) -> None:
    address = {"LME_RNPI_URL": "https://apis.superdesalud.gob.cl", "LME_RNPI_APIKEY": "una-clave"}
    assert words in refused({**production, **address, "LME_RNPI_CONTROLS": controls})


def test_witnesses_demanded_at_the_start_are_those_of_the_protocol() -> None:
    assert norms().parameter("rnpi.testigos_minimo", at=datetime(2026, 4, 20, tzinfo=UTC)).number == LEAST_WITNESSES


def test_a_process_that_carries_messages_says_what_it_lacks(production: dict[str, str]) -> None:
    settings = Settings.load(production)
    with pytest.raises(SettingsRefused, match="LME_SMTP_URL y LME_MAIL_FROM"):
        _ = settings.mail.server_url
    with pytest.raises(SettingsRefused, match="LME_SMS_URL, LME_SMS_TOKEN y LME_SMS_FROM"):
        _ = settings.sms.provider_url


def test_a_task_outlives_the_longest_sending(production: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(given: Any) -> dict[str, Any]:
        values = collected(given)
        values["jobs"]["visibility_seconds"] = 30
        values["mail"]["seconds"] = 16
        return values

    monkeypatch.setattr("lme_operator.settings.collected", planted)
    assert "jobs.visibility_seconds" in refused(production)


def test_outside_production_the_log_says_that_it_is_a_test(tmp_path: Path) -> None:
    assert "PRUEBAS" in refused({"LME_HOME": str(tmp_path), "LME_LOG_ORIGIN": "lme.operador.example/registro"})


@pytest.mark.norm("N-2.6b")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_production_refuses_keys_that_others_can_reach(production: dict[str, str], tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "llaves"
    folder.mkdir(mode=0o700)
    key = folder / "registro.pem"
    key.touch(mode=0o600)
    Settings.load(production)
    key.chmod(mode)
    assert str(key) in refused(production)
    key.chmod(0o600)
    folder.chmod(0o750)
    assert str(folder) in refused(production)


def test_every_reason_at_once(production: dict[str, str]) -> None:
    said = refused({**production, "LME_PORT": "x", "LME_OPERATOR_CODE": "x", "LME_WEB_WORKERS": "0"})
    assert all(name in said for name in ("LME_PORT", "LME_OPERATOR_CODE", "LME_WEB_WORKERS"))


def test_secrets_are_never_shown(production: dict[str, str]) -> None:
    secrets = {"LME_SMTP_URL": "smtps://operador:secreta@correo.example", "LME_SMS_TOKEN": "secreta"}
    assert "secreta" not in repr(Settings.load({**production, **secrets}))
    broken = {**production, "LME_BROKER_URL": "postgresql://lme_broker:secreta@db/x", "LME_PORT": "secreta"}
    assert "secreta" not in refused(broken)


def test_a_process_without_an_address_says_which_variable(production: dict[str, str]) -> None:
    with pytest.raises(SettingsRefused, match="LME_DATABASE_URL_OWNER"):
        Settings.load(production).database.url("owner")
    with pytest.raises(SettingsRefused, match="LME_BROKER_URL"):
        _ = Settings.load(production).jobs.broker_url


def test_every_variable_goes_somewhere(production: dict[str, str]) -> None:
    model = Settings.load(production)
    for place, _ in VARIABLES.values():
        value: Any = model
        for part in place:
            assert part in type(value).model_fields
            value = getattr(value, part)
