"""Changing the password, registering keys, the own block."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
import sqlalchemy as sa

from lme_operator.core.database import Database, Deadline
from lme_operator.core.idempotency import IdempotentRequest
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import Sealer
from lme_operator.domain.access import KeyRegistered
from lme_operator.domain.credentials import Session, causes, count_live_sessions
from lme_operator.domain.credentials.keys import KeyPurpose
from lme_operator.domain.identity import find_epoch
from tests.conftest import SettableClock
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.people import ORIGIN, OTHER_PASSWORD, PASSWORD, People, norms


@pytest.fixture
def people(database: Database, log: object, sealer: Sealer) -> People:
    return People(database, log, sealer)


@pytest.fixture
def session(people: People, clock: SettableClock) -> Session:
    session = people.enter(people.enrol()).session
    clock.advance(seconds=30)
    return session


def change(people: People, session: Session, *, current: str = PASSWORD, new: str = OTHER_PASSWORD) -> object:
    return people.access.change_password(
        session=session, current=current, new=new, origin=ORIGIN, deadline=Deadline(10)
    )


def register(
    people: People, session: Session, device: SoftwareAuthenticator, *, purpose: KeyPurpose = "firma"
) -> KeyRegistered:
    begun = people.access.register_key_options(
        session=session,
        purpose=purpose,
        code=people.code(),
        origin=ORIGIN,
        deadline=Deadline(10),
    )
    return people.access.register_key(
        session=session,
        attempt=begun.attempt,
        credential=device.create(begun.options),
        origin=ORIGIN,
        deadline=Deadline(10),
    )


@pytest.mark.norm("N-2.3a", "N-2.3b")
def test_change_of_password_ends_every_session_and_is_logged(
    people: People, session: Session, database: Database, clock: SettableClock
) -> None:
    changed = people.access.change_password(
        session=session, current=PASSWORD, new=OTHER_PASSWORD, origin=ORIGIN, deadline=Deadline(10)
    )
    with database.reading(deadline=Deadline(5)) as connection:
        assert count_live_sessions(connection, session.run, clock()) == 0
        receipt = people.log.receipt(connection, changed.entry_id)
    assert receipt["entrada"]["tipo"] == "clave_cambiada"
    with pytest.raises(Refusal):
        people.enter(session.run)
    people.enter(session.run, password=OTHER_PASSWORD)


@pytest.mark.parametrize(
    ("current", "new", "code", "reason"),
    [
        ("no es la clave actual", OTHER_PASSWORD, "clave_actual_incorrecta", None),
        (PASSWORD, "corta", "clave_no_aceptada", "clave_corta"),
        (PASSWORD, "la doctora ñancupil atiende", "clave_no_aceptada", "clave_personal"),
        (PASSWORD, PASSWORD, "clave_no_aceptada", "clave_repetida"),
        (PASSWORD, PASSWORD.upper() + " 2026!", "clave_no_aceptada", "clave_repetida"),
    ],
)
def test_change_of_password_refused_changes_nothing(
    people: People, session: Session, *, current: str, new: str, code: str, reason: str | None
) -> None:
    with pytest.raises(Refusal) as error:
        change(people, session, current=current, new=new)
    assert error.value.kind.code == code
    assert reason in [finding.code for finding in error.value.findings] or reason is None
    people.enter(session.run)


@pytest.mark.norm("N-2.3b")
def test_password_of_long_ago_does_not_come_back(people: People, session: Session, clock: SettableClock) -> None:
    run = session.run
    used = [PASSWORD, OTHER_PASSWORD, "cuatro cerezas bailan solas"]
    for before, after in pairwise(used):
        change(people, session, current=before, new=after)
        clock.advance(seconds=30)
        session = people.enter(run, password=after).session
    with pytest.raises(Refusal) as error:
        change(people, session, current=used[-1], new="Volantín AZUL sobre el cerro 7")
    assert [finding.code for finding in error.value.findings] == ["clave_repetida"]


@pytest.mark.norm("N-2.2a", "N-2.6a")
def test_registering_a_key_keeps_the_session_and_raises_the_epoch(
    people: People, session: Session, database: Database, clock: SettableClock
) -> None:
    with database.reading(deadline=Deadline(5)) as connection:
        before = find_epoch(connection, session.run)
    registered = register(people, session, SoftwareAuthenticator())
    with database.reading(deadline=Deadline(5)) as connection:
        after = find_epoch(connection, session.run)
        assert before is not None
        assert after == before + 1
        assert count_live_sessions(connection, session.run, clock()) == 1
        shown = people.log.disclosed(connection, registered.entry_id)
        receipt = people.log.receipt(connection, registered.entry_id)
    assert receipt["entrada"]["tipo"] == "llave_registrada"
    assert (shown["proposito"], shown["huella"]) == ("firma", registered.key.thumbprint)


@pytest.mark.norm("N-2.6d")
def test_key_needs_a_fresh_code_each_time(people: People, clock: SettableClock) -> None:
    """Who finds a session open cannot add a key of his own."""
    run = people.enrol()
    used = people.code()
    session = people.enter(run).session
    for code, expected in ((used, "codigo_ya_usado"), ("000000", "codigo_incorrecto"), ("", "codigo_incorrecto")):
        with pytest.raises(Refusal) as error:
            people.access.register_key_options(
                session=session, purpose="firma", code=code, origin=ORIGIN, deadline=Deadline(5)
            )
        assert error.value.kind.code == expected


@pytest.mark.parametrize(
    ("change_of", "code"),
    [
        ({"origin": "https://otra.example"}, "llave_rechazada"),
        ({"rp_id": "otra.example"}, "llave_rechazada"),
        ({"flags": 0x01}, "llave_rechazada"),
        ({"extra": {"crossOrigin": True}}, "llave_rechazada"),
        ({"extra": {"topOrigin": "https://otra.example"}}, "llave_rechazada"),
        ({"extra": {"challenge": "AAAA"}}, "llave_rechazada"),
    ],
)
def test_key_from_elsewhere_is_refused(
    people: People, session: Session, change_of: dict[str, object], code: str
) -> None:
    with pytest.raises(Refusal) as error:
        register(people, session, SoftwareAuthenticator(**change_of))  # type: ignore[arg-type]
    assert error.value.kind.code == code


def test_challenge_of_registration_serves_once_in_time_and_for_its_session(
    people: People, session: Session, clock: SettableClock
) -> None:
    device = SoftwareAuthenticator()
    begun = people.access.register_key_options(
        session=session, purpose="firma", code=people.code(), origin=ORIGIN, deadline=Deadline(5)
    )
    credential = device.create(begun.options)
    clock.advance(seconds=301)
    with pytest.raises(Refusal) as error:
        people.access.register_key(
            session=session, attempt=begun.attempt, credential=credential, origin=ORIGIN, deadline=Deadline(5)
        )
    assert error.value.kind.code == "desafio_vencido"


@pytest.mark.norm("N-2.7a")
def test_own_block_ends_sessions_stands_as_a_cause_and_has_a_receipt(
    people: People, session: Session, database: Database, clock: SettableClock
) -> None:
    key = IdempotentRequest.of(who=f"persona:{session.run}:individual", route="bloqueo", key="k", body=b"")
    block = people.access.block_self(session=session, origin=ORIGIN, deadline=Deadline(5), idempotency=key)
    again = people.access.block_self(session=session, origin=ORIGIN, deadline=Deadline(5), idempotency=key)
    assert again == replace(block, replayed=True)
    with database.reading(deadline=Deadline(5)) as connection:
        assert count_live_sessions(connection, session.run, clock()) == 0
        assert [found.code for found in causes(connection, session.run, clock(), norms())] == ["bloqueo_propio"]
        assert people.log.receipt(connection, block.entry_id)["entrada"]["tipo"] == "bloqueo_propio"
    entered = people.enter(session.run)
    with pytest.raises(Refusal) as error:
        change(people, entered.session)
    assert error.value.kind.code == "acceso_bloqueado"
    people.access.block_self(session=entered.session, origin=ORIGIN, deadline=Deadline(5))


@pytest.mark.norm("N-2.7a")
def test_session_over_cannot_act_though_its_guard_looked_before(people: People, session: Session) -> None:
    """The guard saw it alive; the lock is what counts."""
    people.access.block_self(session=session, origin=ORIGIN, deadline=Deadline(5))
    acts: tuple[Callable[[], object], ...] = (
        lambda: change(people, session),
        lambda: people.access.block_self(session=session, origin=ORIGIN, deadline=Deadline(5)),
        lambda: register(people, session, SoftwareAuthenticator()),
    )
    for act in acts:
        with pytest.raises(Refusal) as error:
            act()
        assert error.value.kind.code == "sesion_terminada"


def test_state_tells_due_dates_and_factors(people: People, session: Session) -> None:
    register(people, session, SoftwareAuthenticator())
    state = people.access.state(session=session, deadline=Deadline(5))
    assert state.password_due_at is not None
    assert state.password_due_at.isoformat() == "2026-10-20T03:00:00+00:00"
    assert state.data_due_at == state.password_due_at
    assert (state.totp, [key.purpose for key in state.keys], state.blocked) == (True, ["firma"], False)


def test_no_secret_and_no_name_stands_readable_in_the_database(
    people: People, session: Session, owner_url: str
) -> None:
    """N-2.6b: what a thief of the database would read."""
    engine = sa.create_engine(owner_url)
    with engine.connect() as connection:
        tables = connection.execute(
            sa.text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname IN ('identity', 'professionals', 'credentials', 'enrolment', 'audit')"
            )
        ).scalars()
        everything = "".join(
            str([bytes(value) if isinstance(value, memoryview) else value for row in rows for value in row])
            for rows in [connection.execute(sa.text(f"SELECT * FROM {table}")).all() for table in list(tables)]
        )
    engine.dispose()
    for secret in ("ncupil", "antonia@", "912345678", "JBSWY3DP", "argon2", "192.0.2.10", "Los Aromos"):
        assert secret not in everything
