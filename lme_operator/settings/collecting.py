"""Gathers the values of the settings: files, then variables, then what a test system fills in by itself."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lme_operator.settings.sections import SettingsRefused
from lme_operator.settings.variables import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
DATABASE_ROLES = ("application", "worker", "owner", "reader")


def addresses_file(home: Path) -> Path:
    """Where the launcher of the embedded PostgreSQL writes the URL of each role."""
    return home / "postgres" / "direcciones.json"


def collected(given: Mapping[str, str]) -> dict[str, Any]:
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


_PLAYED = {"rnpi": "/rnpi", "registro_civil": "/registro-civil", "biometrics": "/biometria", "sms": "/sms"}
"""The parties that are played beside a test system, and where."""
PLAYED_TOKEN = "simulado-2b7c91"  # noqa: S105 - known to all: it opens nothing but a party that is played


def _add_played_parties(values: dict[str, Any]) -> None:
    """Outside production who has no other address is played at the port after the web's, and mail at the one after.

    At the third our own witnesses answer, so that they do when the parties do not. Only a demonstration plays them.
    """
    values["mail"].setdefault("sender", "no-responder@operador.localhost")
    values["sms"].setdefault("sender", "+56223456789")
    for section in _PLAYED:
        values[section].setdefault("token", PLAYED_TOKEN)
    port = str(values["web"]["port"])
    if not port.isdigit():
        return
    http_port, mail_port, witness_port = (int(port) + after for after in (1, 2, 3))
    for section, prefix in _PLAYED.items():
        values[section].setdefault("url", f"http://127.0.0.1:{http_port}{prefix}")
    values["mail"].setdefault("server", f"smtp://127.0.0.1:{mail_port}")
    witnesses = [f"http://{name}:{witness_port}/testigo" for name in ("127.0.0.1", "localhost")]
    values["rnpi"].setdefault("controls", witnesses)
    if values["demonstration"]["pages"]:
        ports = {"http_port": http_port, "mail_port": mail_port, "witness_port": witness_port}
        values.setdefault("sandbox", {"host": values["web"]["host"], **ports})


def _add_embedded_addresses(values: dict[str, Any]) -> None:
    """Fill in the URLs of the embedded PostgreSQL, as its launcher left them."""
    file = addresses_file(values["home"])
    if not file.is_file():
        return
    addresses: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    for role in DATABASE_ROLES:
        values["database"].setdefault(role, addresses[role])
    values["jobs"].setdefault("broker", addresses["broker"])
