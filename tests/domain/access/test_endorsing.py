"""A signing key endorsed by its owner: kept, logged, and carried by what the key signs from then on."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import decode, from_base64url, parse_instant, sha256, to_base64url
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.domain.access import Access
from lme_operator.domain.credentials import Session
from lme_operator.domain.issuance import WebauthnAuthorisation
from lme_operator.domain.issuance.evidence import ENDORSEMENT
from lme_operator.domain.notices import Channel
from lme_operator.domain.signing import EndorsementFaultKind, verify_endorsement
from tests.conftest import SettableClock
from tests.factories.accredited import Provider, person, provider, sign
from tests.factories.authenticator import SoftwareAuthenticator
from tests.factories.people import ORIGIN
from tests.factories.stage import Stage

pytestmark = pytest.mark.needs("openssl")
BY: dict[str, Any] = {"origin": ORIGIN, "deadline": Deadline(3600)}


@pytest.fixture
def accredited(clock: SettableClock) -> Provider:
    return provider(clock())


@pytest.fixture
def stage(database: Database, tmp_path: Path, accredited: Provider) -> Stage:
    made = Stage(database, tmp_path)
    made.people.accredited = tuple(accredited.roots)
    return made


@pytest.fixture
def device() -> SoftwareAuthenticator:
    return SoftwareAuthenticator()


@pytest.fixture
def session(stage: Stage, device: SoftwareAuthenticator) -> Session:
    return stage.register(stage.doctor(), device)


def own_key(access: Access, session: Session) -> UUID:
    return access.own_keys(session=session, deadline=Deadline(5))[0].key.id


def signed(stage: Stage, session: Session, accredited: Provider, folder: Path, **changes: Any) -> bytes:
    found = stage.people.access.endorsable_key(
        session=session, key_id=own_key(stage.people.access, session), deadline=Deadline(5)
    )
    holder = person(session.run, at=accredited.at, by=accredited.intermediate, **changes)
    return sign(found.content, folder, holder)


def refused(act: Callable[..., Any], **values: Any) -> Refusal:
    with pytest.raises(Refusal) as error:
        act(**values, **BY)
    return error.value


def log_size(stage: Stage) -> int:
    with stage.database.reading(deadline=Deadline(5)) as connection:
        return stage.log.size(connection)


def kept(database: Database) -> int:
    with database.reading(deadline=Deadline(5)) as connection:
        count: int = connection.execute(sa.text("SELECT count(*) FROM credentials.key_endorsement")).scalar_one()
        return count


@pytest.mark.norm("N-2.6a", "N-2.6c")
def test_endorsed_key_is_kept_logged_and_carried_by_its_licences(
    stage: Stage, session: Session, device: SoftwareAuthenticator, accredited: Provider, tmp_path: Path
) -> None:
    access = stage.people.access
    before = issued(stage, session, device)
    assert ENDORSEMENT not in before
    key_id, cms = own_key(access, session), signed(stage, session, accredited, tmp_path)
    told = access.endorse_key(session=session, key_id=key_id, cms=cms, **BY)
    assert told.root == "CN=Prestador de pruebas: raíz"
    found = access.endorsable_key(session=session, key_id=key_id, deadline=Deadline(5))
    assert found.endorsement == told
    with stage.database.reading(deadline=Deadline(5)) as connection:
        entry = connection.execute(sa.text("SELECT entry_id FROM credentials.key_endorsement")).scalar_one()
        receipt, shown = stage.log.receipt(connection, entry), stage.log.disclosed(connection, entry)
    assert (receipt["entrada"]["tipo"], receipt["entrada"]["norma"]) == ("llave_avalada", ["N-2.6a", "N-2.6c"])
    told_by_log = (shown["run"], shown["huella"], shown["aval"])
    assert told_by_log == (str(session.run), found.key.thumbprint, to_base64url(sha256(cms)))
    messages = [message for message in stage.people.messages(session.run) if message.kind == "llave_avalada"]
    assert {message.channel for message in messages} == {Channel.MAIL, Channel.SMS}
    after = issued(stage, session, device)
    assert after[ENDORSEMENT] == cms
    assert decode(after["v1/manifiesto.json"]) != decode(before["v1/manifiesto.json"])
    assert to_base64url(sha256(cms)).encode() in after["v1/manifiesto.json"]
    assert_verifiable_from_the_file_alone(after, session, accredited)


def issued(stage: Stage, session: Session, device: SoftwareAuthenticator) -> dict[str, bytes]:
    """The members of the evidence of a licence that the key signs."""
    prepared = stage.prepare(session)
    licence = stage.issue(session, prepared.id, WebauthnAuthorisation(device.sign(prepared.digest)))
    with zipfile.ZipFile(BytesIO(stage.evidence(session, licence.id))) as container:
        return {name: container.read(name) for name in container.namelist()}


def assert_verifiable_from_the_file_alone(members: dict[str, bytes], session: Session, accredited: Provider) -> None:
    """What an auditor has: the thumbprint and the instant stand in the receipt of the key's registration."""
    key = decode(members["v1/autorizacion.json"])["llave"]
    verify_endorsement(
        members[ENDORSEMENT],
        thumbprint=from_base64url(key["huella"]),
        run=session.run,
        at=parse_instant(key["registro"]["entrada"]["instante"]),
        roots=accredited.roots,
    )


@pytest.mark.norm("N-2.6c")
def test_a_bad_endorsement_is_refused_in_words_and_kept_nowhere(
    stage: Stage, session: Session, accredited: Provider, tmp_path: Path, clock: SettableClock
) -> None:
    access, stranger = stage.people.access, provider(clock(), "Otro")
    endorse, key_id = access.endorse_key, own_key(access, session)
    foreign = signed(stage, session, stranger, tmp_path)
    for cms, kind in {
        foreign: EndorsementFaultKind.CHAIN,
        signed(stage, session, accredited, tmp_path, told=["11111111-1"]): EndorsementFaultKind.RUN,
        b"": EndorsementFaultKind.UNREADABLE,
        bytes(70_000): EndorsementFaultKind.TOO_LARGE,
    }.items():
        before = log_size(stage)
        refusal = refused(endorse, session=session, key_id=key_id, cms=cms)
        assert log_size(stage) == before  # an attempt, of the next batch: nobody fills the log with bad files
        assert refusal.kind.code == "aval_rechazado"
        assert [finding.code for finding in refusal.findings] == [kind.value]
    short = signed(stage, session, accredited, tmp_path, until=timedelta(minutes=10))
    clock.advance(seconds=660)
    again = stage.enter(session.run.number)
    assert refused(endorse, session=again, key_id=key_id, cms=short).kind.code == "certificado_ya_vencido"
    assert kept(stage.database) == 0


@pytest.mark.norm("N-2.6c", "N-2.6a")
def test_who_may_endorse_what(
    stage: Stage, session: Session, accredited: Provider, tmp_path: Path, database: Database
) -> None:
    access = stage.people.access
    key_id, cms = own_key(access, session), signed(stage, session, accredited, tmp_path)
    other = stage.doctor(15000002)
    for who, key in ((other, key_id), (session, uuid4())):
        assert refused(access.endorse_key, session=who, key_id=key, cms=cms).kind.code == "llave_no_avalable"
    stage.people.accredited = ()
    without = stage.people.access
    assert refused(without.endorse_key, session=session, key_id=key_id, cms=cms).kind.code == (
        "sin_prestadores_acreditados"
    )
    assert kept(database) == 0
    access.endorse_key(session=session, key_id=key_id, cms=cms, **BY)
    assert refused(access.endorse_key, session=session, key_id=key_id, cms=cms).kind.code == "llave_ya_avalada"
    # The provider taken off the bundle: the endorsement stays kept, and is not called good any more.
    found = without.endorsable_key(session=session, key_id=key_id, deadline=Deadline(5))
    assert (found.endorsed_at is None, found.endorsement, found.possible) == (False, None, False)
