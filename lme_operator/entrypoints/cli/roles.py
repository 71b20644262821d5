"""The roles of the database, and who may do what (N-2.4a: nobody who writes facts can change them).

`lme_owner` owns the schema and migrates; `lme_application` and `lme_worker` receive what each migration grants, never
UPDATE or DELETE of facts; `lme_reader` only reads. `lme_broker` owns a database of its own: the messenger makes its
queues while it runs, and must be able to make nothing else.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql

OWNER, APPLICATION, WORKER, READER, BROKER = "lme_owner", "lme_application", "lme_worker", "lme_reader", "lme_broker"
ROLES = (OWNER, APPLICATION, WORKER, READER, BROKER)
DATABASE = "lme"


def provision_roles(administrator: psycopg.Connection[tuple[object, ...]], *, passwords: Mapping[str, str]) -> None:
    """Create or renew the login roles that `passwords` names. Safe to repeat."""
    for role, password in passwords.items():
        known = administrator.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        administrator.execute(
            sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                verb, sql.Identifier(role), sql.Literal(password)
            )
        )


def provision_database(administrator: psycopg.Connection[tuple[object, ...]], *, name: str, owner: str) -> None:
    """Create the database `name` of `owner`, closed to everybody else but its four roles. Safe to repeat."""
    known = administrator.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if not known:
        administrator.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
        )
    close_database(administrator, name=name, roles=() if owner == BROKER else (APPLICATION, WORKER, READER))


def close_database(administrator: psycopg.Connection[tuple[object, ...]], *, name: str, roles: tuple[str, ...]) -> None:
    """Let only the owner and `roles` connect to the database `name`."""
    administrator.execute(sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    for role in roles:
        administrator.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), sql.Identifier(role))
        )


def roles_for_people() -> str:
    """The statements that a database administrator runs once, in psql, on a PostgreSQL of his own."""
    lines = ["-- En psql, como administrador de PostgreSQL 15 o posterior; \\password pide cada clave sin mostrarla."]
    for role in ROLES:
        lines += [f"CREATE ROLE {role} LOGIN;", f"\\password {role}"]
    for name, owner in ((DATABASE, OWNER), (BROKER, BROKER)):
        lines += [
            f"CREATE DATABASE {name} OWNER {owner};",
            f"REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM PUBLIC;",
        ]
    lines.append(f"GRANT CONNECT ON DATABASE {DATABASE} TO {APPLICATION}, {WORKER}, {READER};")
    return "\n".join(lines)
