"""The commands of whoever operates, on a database of their own, with the exit codes that `lme revisar` documents."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from lme_operator.__main__ import compose
from lme_operator.core.run import Run
from lme_operator.domain.audit import verify_log
from lme_operator.entrypoints.cli import Composition, program
from lme_operator.entrypoints.cli.roles import (
    APPLICATION,
    BROKER,
    OWNER,
    READER,
    WORKER,
    provision_database,
    provision_roles,
)
from lme_operator.entrypoints.cli.schema import newest_revisions

FOUNDERS = (
    "--fundador",
    f"{Run(9000001)}:Ana Soto:ana@operador.example",
    "--fundador",
    f"{Run(9000002)}:Luis Rojas:luis@operador.example:+56990000002",
)
NOTHING = Composition(*(Mock(side_effect=AssertionError) for _ in fields(Composition)))
Lme = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(server: Any, tmp_path: Path) -> dict[str, str]:
    """A production operator: an empty database, a broker, no keys yet."""
    name = f"vacia_{os.getpid()}_{tmp_path.name[-8:]}".replace("-", "_").lower()
    with server.administer() as administrator:
        provision_roles(administrator, passwords={BROKER: "pruebas"})
        provision_database(administrator, name=name, owner=OWNER)
        provision_database(administrator, name=f"{name}_b", owner=BROKER)
    roles = {"APPLICATION": APPLICATION, "WORKER": WORKER, "OWNER": OWNER, "READER": READER}
    return {
        "LME_ENV": "production",
        "LME_HOME": str(tmp_path),
        "LME_OPERATOR_NAME": "Operador Uno SpA",
        "LME_OPERATOR_RUT": "76000002-7",
        "LME_OPERATOR_CODE": "12",
        "LME_ORIGIN": "https://lme.operador.example",
        "LME_TRUSTED_PROXIES": "1",
        "LME_LOG_ORIGIN": "lme.operador.example/registro",
        "LME_BROKER_URL": server.url(BROKER, f"{name}_b"),
        **{f"LME_DATABASE_URL_{short}": server.url(role, name) for short, role in roles.items()},
    }


@pytest.fixture
def lme(environment: dict[str, str]) -> Lme:
    def run(*arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "lme_operator", *arguments],
            env={**os.environ, **environment, **changes}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def within(environment: dict[str, str]) -> Callable[..., Result]:
    """The same program in this process: what each start would cost is paid once."""

    def run(*arguments: str, **changes: str) -> Result:
        given = {**{name: None for name in os.environ if name.startswith("LME_")}, **environment, **changes}
        return CliRunner(env=given).invoke(program, arguments, obj=compose(), prog_name="lme")

    return run


def test_from_nothing_to_a_founded_operator(lme: Lme, environment: dict[str, str]) -> None:
    founded = lme("inicializar", *FOUNDERS)
    assert founded.returncode == 0, founded.stderr
    assert Path(environment["LME_HOME"], "llaves").stat().st_mode & 0o777 == 0o700
    reviewed = lme("revisar", "--registro-completo")
    assert reviewed.returncode == 0, reviewed.stderr
    assert "3 entradas, todas comprobadas" in reviewed.stdout

    again = lme("inicializar", *FOUNDERS)
    assert again.returncode == 0
    assert "ya estaba fundado" in again.stdout
    shown = re.findall(r"(?:clave inicial|secreto TOTP): +(\S+)", founded.stdout)
    assert len(set(shown)) == 4
    assert not [word for word in (*shown, "clave inicial") if word in again.stdout + founded.stderr + again.stderr]
    with sa.create_engine(environment["LME_DATABASE_URL_READER"]).connect() as connection:
        report = verify_log(connection)
        kinds = connection.execute(
            sa.text("SELECT convert_from(leaf, 'UTF8')::json->>'tipo' FROM audit.entry ORDER BY index")
        )
        assert list(kinds.scalars()) == ["operador_fundado", "fundador_designado", "fundador_designado"]
    assert (report.size, report.fault) == (3, None)


def test_each_failure_has_its_code(within: Callable[..., Result], environment: dict[str, str], tmp_path: Path) -> None:
    assert within("revisar", LME_PORT="x").exit_code == 3
    assert within("revisar").exit_code == 4
    assert within("inicializar", *FOUNDERS).exit_code == 0

    wrong = environment["LME_DATABASE_URL_APPLICATION"].replace("pruebas", "otra")
    assert within("revisar", LME_DATABASE_URL_APPLICATION=wrong).exit_code == 5
    assert within("revisar", LME_BROKER_URL=environment["LME_BROKER_URL"].replace("pruebas", "otra")).exit_code == 8

    with sa.create_engine(environment["LME_DATABASE_URL_OWNER"]).begin() as owner:
        owner.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    behind = within("revisar")
    assert behind.exit_code == 6
    assert "lme migrar" in behind.stderr
    (newest,) = newest_revisions()
    with sa.create_engine(environment["LME_DATABASE_URL_OWNER"]).begin() as owner:
        owner.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    ahead = within("migrar")
    assert (ahead.exit_code, within("revisar").exit_code) == (6, 6)
    assert "no conoce" in ahead.stderr
    with sa.create_engine(environment["LME_DATABASE_URL_OWNER"]).begin() as owner:
        owner.execute(sa.text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})
        owner.execute(sa.text("UPDATE public.migration_digest SET digest = sha256('') WHERE revision = '0003'"))
    edited = within("revisar")
    assert (edited.exit_code, within("migrar").exit_code) == (6, 6)
    assert "editadas después de aplicarse: 0003_people;" in edited.stderr
    with sa.create_engine(environment["LME_DATABASE_URL_OWNER"]).begin() as owner:
        owner.execute(sa.text("DROP TABLE public.migration_digest"))
    assert "«lme migrar»" in within("revisar").stdout
    assert "sus archivos actuales" in within("migrar").stdout
    with sa.create_engine(environment["LME_DATABASE_URL_OWNER"]).begin() as owner:
        owner.execute(sa.text("ALTER TABLE audit.entry DISABLE TRIGGER ALL"))
        owner.execute(sa.text("UPDATE audit.entry SET leaf = leaf || '\\x20'::bytea WHERE index = 1"))
    altered = within("revisar", "--registro-completo")
    assert altered.exit_code == 7
    assert "índice 1" in altered.stderr

    (tmp_path / "llaves/registro.pem").chmod(0o644)
    exposed = within("revisar")
    assert exposed.exit_code == 3
    assert "registro.pem" in exposed.stderr


def test_founding_needs_two_people() -> None:
    for wrong in (FOUNDERS[:2], FOUNDERS[:2] * 2, FOUNDERS * 2):
        assert CliRunner().invoke(program, ["inicializar", *wrong], obj=NOTHING).exit_code == 2


@pytest.mark.parametrize(
    ("second", "word"),
    [
        ("12345678-9:Luis:luis@operador.example", "RUN"),
        (f"{Run(9000002)}::luis@operador.example", "nombre"),
        (f"{Run(9000002)}:Luis", "correo"),
        (f"{Run(9000002)}:Luis:luis", "correo"),
        (f"{Run(9000002)}:Luis:luis@x.cl,otra@x.cl", "correo"),
        (f"{Run(9000002)}:Luis:luis@operador.example:912345678", "teléfono"),
        (f"{Run(9000002)}:Luis:luis@operador.example:+56912345678:algo", "RUN:nombre:correo"),
    ],
)
def test_founder_that_cannot_be_reached_is_refused(second: str, word: str) -> None:
    refused = CliRunner().invoke(program, ["inicializar", *FOUNDERS[:2], "--fundador", second], obj=NOTHING)
    assert refused.exit_code == 2
    assert word in refused.output


def test_migrating_is_safe_to_repeat(lme: Lme) -> None:
    assert [lme("migrar").returncode for _ in range(2)] == [0, 0]


def test_a_web_process_is_not_given_the_owners_address(lme: Lme) -> None:
    refused = lme("migrar", LME_DATABASE_URL_OWNER="")
    assert refused.returncode == 3
    assert "LME_DATABASE_URL_OWNER" in refused.stderr


def test_the_roles_for_an_administrator_are_all_there() -> None:
    said = CliRunner().invoke(program, ["migrar", "--roles"]).stdout
    assert all(f"CREATE ROLE {role} LOGIN" in said for role in (OWNER, APPLICATION, WORKER, READER, BROKER))


@pytest.mark.parametrize(
    "command", ["inicializar", "migrar", "servir", "trabajar", "agenda", "revisar", "demo", "codigo"]
)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    shown = CliRunner().invoke(program, [command, "--ayuda"])
    assert shown.exit_code == 0
    assert "Ejemplo" in shown.output
