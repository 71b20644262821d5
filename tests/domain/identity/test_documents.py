"""Documents: kept sealed under their own key, given back as brought, gone once the key is."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from lme_operator.core.canonical import sha256
from lme_operator.core.database import Database, Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.core.sealing import SealBroken, Sealer
from lme_operator.domain.identity import Defect, DocumentKind, DocumentStore, Inspection
from tests.conftest import SettableClock
from tests.factories.identity import CreditingInspector, bill_pdf, document_store, photo

BY = "persona:11111111-1"


@pytest.fixture
def store(sealer: Sealer) -> DocumentStore:
    return document_store(sealer)


def kept(database: Database, store: DocumentStore, content: bytes, kind: DocumentKind = DocumentKind.ADDRESS) -> UUID:
    inspected = store.inspect(content, deadline=Deadline(5))
    with database.unit_of_work(deadline=Deadline(5)) as work:
        return store.keep(work, content, inspected, kind=kind, by=BY)


@pytest.mark.norm("N-2.1c")
def test_a_document_comes_back_as_it_was_brought(
    database: Database, store: DocumentStore, clock: SettableClock
) -> None:
    for content, media_type in ((photo(), "image/jpeg"), (photo(kind="PNG"), "image/png")):
        with database.reading(deadline=Deadline(5)) as connection:
            found = store.read(connection, kept(database, store, content))
        assert (found.content, found.digest) == (content, sha256(content))
        assert (found.media_type, found.kind, found.brought_by, found.at) == (media_type, "domicilio", BY, clock())
        assert found.preview == photo("VISTA")
    with database.reading(deadline=Deadline(5)) as connection:
        bill = store.read(connection, kept(database, store, bill_pdf()))
    assert (bill.media_type, bill.content, bill.preview) == ("application/pdf", bill_pdf(), None)


@pytest.mark.norm("N-2.6b")
def test_nothing_of_a_document_is_readable_in_the_database(database: Database, store: DocumentStore) -> None:
    content = bill_pdf()
    kept(database, store, content)
    with database.reading(deadline=Deadline(5)) as connection:
        row = connection.execute(sa.text("SELECT * FROM identity.document, identity.document_key")).one()
    stored = b"".join(bytes(value) for value in row if isinstance(value, bytes | memoryview))
    assert len(stored) > len(content)
    for readable in (b"PDF", b"Aromos", b"application", sha256(content), sha256(content).hex().encode()):
        assert readable not in stored


@pytest.mark.norm("N-2.6b")
def test_a_document_without_its_key_is_gone(database: Database, store: DocumentStore, owner_url: str) -> None:
    document_id = kept(database, store, photo())
    owner = sa.create_engine(owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        connection.execute(sa.text("DELETE FROM identity.document_key"))
    with database.reading(deadline=Deadline(5)) as connection:
        for unknown in (document_id, uuid4()):
            with pytest.raises(Refusal) as refused:
                store.read(connection, unknown)
            assert refused.value.kind.code == "documento_inexistente"


@pytest.mark.norm("N-2.6b")
def test_bytes_moved_to_another_document_do_not_open(database: Database, store: DocumentStore, owner_url: str) -> None:
    first, second = kept(database, store, photo("UNO")), kept(database, store, photo("DOS"))
    owner = sa.create_engine(owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        connection.execute(sa.text("ALTER TABLE identity.document DISABLE TRIGGER refuse_change"))
        connection.execute(
            sa.text(
                "UPDATE identity.document SET content = (SELECT content FROM identity.document WHERE id = :from)"
                " WHERE id = :to"
            ),
            {"from": first, "to": second},
        )
    with database.reading(deadline=Deadline(5)) as connection, pytest.raises(SealBroken):
        store.read(connection, second)


def test_only_what_was_inspected_is_kept(database: Database, store: DocumentStore) -> None:
    inspected = store.inspect(photo(), deadline=Deadline(5))
    with database.unit_of_work(deadline=Deadline(5)) as work:
        with pytest.raises(ValueError, match="not what was inspected"):
            store.keep(work, photo("OTRA"), inspected, kind=DocumentKind.CARD, by=BY)
        with pytest.raises(ValueError, match="not a valid DocumentKind"):
            store.keep(work, photo(), inspected, kind="cualquiera", by=BY)  # type: ignore[arg-type]


@pytest.mark.norm("N-2.1c")
def test_every_defect_is_told_with_what_to_do(sealer: Sealer) -> None:
    found = Inspection("application/pdf", defects=tuple(Defect))
    store = DocumentStore(sealer=sealer, inspector=CreditingInspector(lambda _content: found))
    with pytest.raises(Refusal) as refused:
        store.inspect(b"%PDF-1.7", deadline=Deadline(5))
    assert refused.value.kind.code == "documento_no_admitido"
    findings = refused.value.findings
    assert [one.code for one in findings] == [defect.value for defect in Defect]
    assert all(one.cause.endswith(".") and one.remedy.endswith(".") for one in findings)
    assert len({one.cause for one in findings}) == len(Defect)
