"""RUN, periods, canonical form, sealing: the values everything else stands on."""

import sys
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lme_operator.core.canonical import (
    NotCanonical,
    decode,
    encode,
    format_instant,
    from_base64url,
    nfc,
    normalise,
    parse_instant,
    to_base64url,
)
from lme_operator.core.ids import uuid7
from lme_operator.core.periods import Period, first_instant, local_day
from lme_operator.core.run import InvalidRun, Run, check_digit
from lme_operator.core.sealing import SealBroken, Sealer

KNOWN_DIGITS = {61603000: "0", 81461700: "9", 94954000: "6", 96572800: "7", 89441300: "K", 44444444: "4", 1181597: "9"}


@pytest.mark.parametrize(("number", "digit"), KNOWN_DIGITS.items())
def test_check_digit_of_public_entities(number: int, digit: str) -> None:
    assert check_digit(number) == digit


@pytest.mark.norm("N-6b")
@pytest.mark.parametrize(
    "spelling",
    [
        "12.345.678-5", "12345678-5 ", " 12345678-5", "012345678-5", "12345678", "123456785", "12345678–5",
        "１２３４５６７８-5", "12345678-５", "8944130-k", "0-0", "", "-", "12345678-5\n", "+12345678-5", "123456789-2",
    ],
)  # fmt: skip
def test_run_has_one_spelling(spelling: str) -> None:
    """Threat M23: no other spelling dodges a list."""
    with pytest.raises(InvalidRun, match="formato"):
        Run.parse(spelling)


def test_run_with_wrong_digit_is_refused() -> None:
    with pytest.raises(InvalidRun, match="digito"):
        Run.parse("12345678-6")


@given(st.integers(min_value=1, max_value=99_999_999))
def test_run_round_trip(number: int) -> None:
    run = Run(number)
    assert Run.parse(str(run)) == run
    assert run.display.replace(".", "") == str(run)


CLOCK_CHANGE_NIGHTS = [
    (date(2026, 4, 4), 25),  # 23:00–23:59 happens twice
    (date(2026, 9, 6), 23),  # 00:00–00:59 does not exist
    (date(2027, 4, 3), 25),
    (date(2027, 9, 5), 23),
]


@pytest.mark.norm("N-6a")
@pytest.mark.parametrize(("day", "hours"), CLOCK_CHANGE_NIGHTS)
def test_days_meet_without_gap_on_clock_change_nights(day: date, hours: int) -> None:
    start, end = first_instant(day), first_instant(day + timedelta(days=1))
    assert end - start == timedelta(hours=hours)
    assert local_day(start) == day
    assert local_day(start - timedelta(microseconds=1)) == day - timedelta(days=1)
    assert local_day(end - timedelta(microseconds=1)) == day


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2035, 1, 1)), st.integers(min_value=0, max_value=400))
def test_period_of_days_covers_exactly_those_days(first: date, more: int) -> None:
    period = Period.of_days(first=first, last=first + timedelta(days=more))
    assert period.covers(first_instant(first))
    assert not period.covers(first_instant(first) - timedelta(microseconds=1))
    assert period.end is not None
    assert period.covers(period.end - timedelta(microseconds=1))
    assert not period.covers(period.end)


def test_period_backward_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        Period.of_days(first=date(2026, 4, 20), last=date(2026, 4, 18))


def test_period_without_end_never_ends() -> None:
    assert Period.of_days(first=date(2026, 4, 20), last=None).covers(datetime(2999, 1, 1, tzinfo=UTC))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_canonical_form_reads_back_to_the_same_bytes(value: object) -> None:
    try:
        data = encode(value)
    except UnicodeEncodeError:
        return  # lone surrogates have no UTF-8 form
    assert encode(decode(data)) == data


def _written(write: Callable[[object], bytes], value: object) -> bytes | None:
    try:
        return write(value)
    except (UnicodeEncodeError, rfc8785.CanonicalizationError):
        return None


@given(
    json_values | st.floats() | st.integers() | st.dictionaries(st.text(st.characters(min_codepoint=0xD7F0)), st.none())
)
def test_canonical_form_is_rfc_8785_whoever_writes_it(value: object) -> None:
    """What the standard library writes faster has the bytes of the reference, and what it cannot is refused alike."""
    assert _written(encode, value) == _written(lambda one: rfc8785.dumps(normalise(one)), value)


@pytest.mark.parametrize(
    "data",
    [b'{"a":1,"a":2}', b'{"b":1,"a":2}', b'{ "a":1}', b'{"a":1.0}', b"NaN", b'"e\xcc\x81"', b"\xff", b"", b"[1,]"],
)
def test_reader_refuses_every_other_form(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        decode(data)


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "A+", "ñ", "AA\n"])
def test_base64url_that_would_not_re_encode_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        from_base64url(text)
    assert from_base64url(to_base64url(b"\xfb\xff")) == b"\xfb\xff"


def test_instant_has_one_form() -> None:
    at = datetime(2026, 4, 20, 14, 2, 7, 123456, tzinfo=UTC)
    assert format_instant(at) == "2026-04-20T14:02:07.123456Z"
    assert parse_instant(format_instant(at)) == at
    with pytest.raises(NotCanonical):
        parse_instant("2026-04-20T14:02:07Z")


def test_ids_sort_by_instant() -> None:
    at = datetime(2026, 4, 20, tzinfo=UTC)
    ids = [uuid7(at + timedelta(milliseconds=step)) for step in range(50)]
    assert ids == sorted(ids)
    assert all(made.version == 7 for made in ids)
    assert all(made.variant == "specified in RFC 4122" for made in ids)


@pytest.mark.norm("N-2.6b")
def test_sealed_field_opens_only_in_its_place() -> None:
    sealer = Sealer(bytes(32))
    sealed = sealer.seal(b"secreto", where="t.c:1")
    assert sealer.open(sealed, where="t.c:1") == b"secreto"
    assert b"secreto" not in sealed
    for broken, where in ((sealed, "t.c:2"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), "t.c:1"), (b"", "t.c:1")):
        with pytest.raises(SealBroken):
            sealer.open(broken, where=where)
    with pytest.raises(SealBroken):
        Sealer(bytes([1]) * 32).open(sealed, where="t.c:1")


def test_destroying_a_documents_key_leaves_nothing_readable() -> None:
    sealer = Sealer(bytes(32))
    own, wrapped = sealer.new_document_key(where="k:1")
    sealed = own.seal(b"diagnostico", where="d:1")
    assert sealer.document(wrapped, where="k:1").open(sealed, where="d:1") == b"diagnostico"
    with pytest.raises(SealBroken):
        sealer.open(sealed, where="d:1")


def test_every_character_that_falls_apart_into_marks_alone_counts_as_one() -> None:
    """Over all of Unicode: whatever begins with a mark once it is decomposed."""
    hidden = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if not unicodedata.combining(character)
        and any(unicodedata.combining(unicodedata.normalize(form, character)[0]) for form in ("NFD", "NFKD"))
    }
    assert hidden == set("\u0f73\u0f75\u0f81\uff9e\uff9f")
    for character in hidden:
        assert nfc("a" + character * 30)
        with pytest.raises(NotCanonical, match="marks"):
            nfc("a" + character * 31)
