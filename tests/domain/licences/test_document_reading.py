"""What the renderer wrote is read back whole: the reader is its exact inverse, for signed documents too."""

import unicodedata
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lme_operator.core.run import Run
from lme_operator.domain.licences import read_document
from lme_operator.domain.licences.document import DocumentNotValid, OperatorIdentity, Payer, render_document
from lme_operator.domain.licences.order import (
    Address,
    Attention,
    Diagnosis,
    Employer,
    Issuer,
    LicenceOrder,
    PatientCertification,
    Person,
    Rest,
    RestPlace,
)
from lme_operator.domain.professionals.context import PracticeContext
from lme_operator.domain.signing import Signer
from lme_operator.gateways.key_store import FileKeyStore, create_keys
from tests.factories.orders import MONDAY, licence_order

OPERATOR = OperatorIdentity(Run(76000002), 9)
ISSUER = Issuer(
    run=Run(12345678),
    given_names="Íñigo",
    paternal_surname="Núñez",
    maternal_surname=None,
    speciality="Medicina general",
    kind=1,
    college_registry="12345-6",
    email="inigo.nunez@example.cl",
    telephone="+56221234567",
    address=Address("Av. Providencia", "1234", None, "13123", None, "CL"),
)

_CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\ufffe\uffff")
_text = st.text(_CHARACTERS, min_size=1, max_size=40)
_words = st.sampled_from(["Ñandú <&> \"'", "]]>", '{"a":1}', "dos\nlíneas\ty tab", " espacios ", "e\u0301"]) | _text
_maybe = st.none() | _words
_runs = st.integers(1, 99_999_999).map(Run)
_births, _days = st.dates(date(1901, 1, 1), date(1969, 12, 1)), st.dates(date(1970, 1, 1), date(2100, 12, 31))
_instants = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
_telephones = st.sampled_from(["+56912345678", "+56322123456", "+56221234567", "+5491123456789", "+390612345678"])
_people = st.builds(Person, _runs, _words, _words, _maybe, _births, st.sampled_from("MF"))
_addresses = st.builds(Address, _words, _maybe, _maybe, st.sampled_from(["13101", "99999"]), _maybe, _words)
_places = st.builds(RestPlace, st.sampled_from(["domicilio", "hospital", "otro_domicilio"]), _addresses, _maybe)
_shifts = st.lists(st.sampled_from(["manana", "tarde", "noche"]), max_size=2).map(tuple)
_rests = st.builds(
    Rest,
    st.sampled_from(["total", "parcial"]),
    _shifts,
    st.lists(_places, min_size=1, max_size=2).map(tuple),
    st.lists(_telephones, min_size=1, max_size=2).map(tuple),
)
_orders = st.builds(
    LicenceOrder,
    worker=_people,
    child=st.none() | _people,
    employer=st.none() | st.builds(Employer, _runs, _maybe),
    kind=st.integers(1, 7),
    rest_starts_on=_days,
    days=st.integers(1, 365),
    rest=_rests,
    recoverable=st.booleans(),
    disability_procedure=st.booleans(),
    accident_at=st.none() | _instants,
    on_the_way=st.none() | st.booleans(),
    conceived_on=st.none() | _days,
    diagnosis=st.builds(Diagnosis, _words, _words, _maybe, _maybe, _maybe, _maybe),
    attention=st.builds(
        Attention, st.sampled_from(["presencial", "telemedicina"]), st.just("13101"), _maybe, _maybe, _maybe
    ),
    certification=st.builds(PatientCertification, st.just("cedula_presencial"), _words),
)
_issuers = st.builds(
    Issuer,
    run=_runs,
    given_names=_words,
    paternal_surname=_words,
    maternal_surname=_maybe,
    speciality=_words,
    kind=st.integers(1, 3),
    college_registry=_maybe,
    email=st.sampled_from(["", "a.b@example.cl"]),
    telephone=st.just("") | _telephones,
    address=_addresses,
)


def composed(value: Any) -> Any:
    """The same value with its texts as the document keeps them."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, tuple):
        return tuple(composed(one) for one in value)
    if is_dataclass(value) and not isinstance(value, Run):
        return replace(value, **{one.name: composed(getattr(value, one.name)) for one in fields(value)})  # type: ignore[type-var]
    return value


def render(order: LicenceOrder, *, issuer: Issuer = ISSUER, at: datetime = MONDAY, **extra: Any) -> bytes:
    extra.setdefault("context", PracticeContext())
    return render_document(order, issuer=issuer, folio=str(Run(1181597)), operator=OPERATOR, issued_at=at, **extra)


@pytest.mark.norm("N-2.4b")
@settings(max_examples=150, deadline=None)
@given(
    order=_orders,
    issuer=_issuers,
    at=_instants,
    provider=st.tuples(st.none() | _runs, st.booleans()),
    payer=st.builds(Payer, st.integers(1, 99), st.booleans()),
)
def test_what_was_written_is_read_and_writes_the_same(
    order: LicenceOrder, issuer: Issuer, at: datetime, provider: tuple[Run | None, bool], payer: Payer
) -> None:
    institution, public = provider
    extra = {"context": PracticeContext(institution), "public_institution": public, "payer": payer}
    document = render(order, issuer=issuer, at=at, **extra)
    read = read_document(document)
    assert read.order == composed(order)
    assert read.issuer == composed(issuer)
    assert (read.folio, read.operator, read.issued_at) == (str(Run(1181597)), OPERATOR, at)
    assert (read.entity, read.employer_subscribed) == (payer.entity, payer.employer_subscribed)
    expected = (issuer.run, "3") if institution is None else (institution, "1" if public else "2")
    assert (read.provider_rut, read.provider_kind) == expected
    assert render(read.order, issuer=read.issuer, at=read.issued_at, **extra) == document


@pytest.mark.parametrize("document", [b"", b"<LME/>", b"<?xml version='1.0' encoding='UTF-8'?>\n<LME/>"])
def test_what_is_not_a_document_is_not_read(document: bytes) -> None:
    with pytest.raises(DocumentNotValid):
        read_document(document)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<rut>11111111-1</rut>", b"<rut>11111111-2</rut>"),
        (b"<fecha_nacimiento>1985-03-14</fecha_nacimiento>", b""),
        (b"<tra_ndias>5</tra_ndias>", b"<tra_ndias>0</tra_ndias>"),
        (b"{\"modo\":", b"{ \"modo\":"),
        (b"\"atencion\":{", b"\"atencion\":[{"),
        (b"<ZONA_A3>", b"<ZONA_A3><!-- -->"),
        (b"<calle>", b"<calle >"),
    ],
)  # fmt: skip
def test_what_the_renderer_never_writes_is_not_read(old: bytes, new: bytes) -> None:
    document = render(licence_order())
    assert old in document
    with pytest.raises(DocumentNotValid):
        read_document(document.replace(old, new))


def test_a_signed_document_reads_as_the_prepared_one(tmp_path: Path) -> None:
    create_keys(tmp_path / "llaves", at=MONDAY, operator="Operador de prueba", production=False)
    signer = Signer(FileKeyStore(tmp_path / "llaves", at=MONDAY, production=False))
    prepared = render(licence_order())
    signed = signer.sign(
        prepared, run=ISSUER.run, authorisation=b"{}", key_thumbprint=None, context="individual", at=MONDAY
    ).document
    assert signed != prepared
    assert read_document(signed) == read_document(prepared)


def test_cut_short_anywhere_it_is_not_read() -> None:
    document = render(licence_order())
    for length in range(0, len(document) - 1, 37):
        with pytest.raises(DocumentNotValid):
            read_document(document[:length])


def test_the_day_without_midnight_is_read_as_written() -> None:
    for day in (date(2026, 4, 5), date(2026, 9, 6), date(2026, 9, 5), date(2027, 4, 4)):
        at = datetime(day.year, day.month, day.day, 15, tzinfo=UTC) - timedelta(days=1)
        assert read_document(render(licence_order(rest_starts_on=day), at=at)).order.rest_starts_on == day
