"""A thumbprint in words: what a person copies from paper is read, and nothing else is."""

import unicodedata
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lme_operator.core.canonical import sha256, to_base64url
from lme_operator.core.thumbprint import LONGEST, _list, _spelt, matches, read, to_words

DIGESTS = st.binary(min_size=32, max_size=32)
ALL_ONES = to_base64url(bytes([0xFF] * 32))


def without_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def refusal_of(said: str) -> str | None:
    """What is said to who typed it; None if it was read."""
    try:
        read(said)
    except ValueError as error:
        return str(error)
    return None


def test_words_are_those_of_bip_39() -> None:
    """The vectors of BIP-39 in Spanish for 128 bits of zeros and of ones, and one of the repeated 0x7f."""
    assert to_words(to_base64url(bytes(32))) == " ".join(["ábaco"] * 11 + ["abierto"])
    assert to_words(ALL_ONES) == " ".join(["zurdo"] * 11 + ["yodo"])
    assert to_words(to_base64url(bytes([0x7F] * 32))) == (
        "ligero vista talar yogur venta queso yacer trozo ligero vista talar zafiro"
    )


def test_words_without_accents_stay_apart() -> None:
    assert len(_spelt()) == len(_list().wordlist) == 2048


@pytest.mark.norm("N-2.2a")
@given(DIGESTS)
def test_twelve_words_in_one_form_come_back_as_the_first_half(digest: bytes) -> None:
    thumbprint = to_base64url(digest)
    words = to_words(thumbprint)
    assert len(words.split(" ")) == 12
    assert (words, words) == (words.lower(), unicodedata.normalize("NFC", words))
    assert (read(words), read(thumbprint)) == (digest[:16], digest)
    assert matches(words, thumbprint)
    assert matches(thumbprint, thumbprint)


@given(DIGESTS, st.data())
def test_whatever_a_person_does_to_them_in_copying_they_are_read(digest: bytes, data: st.DataObject) -> None:
    thumbprint, said = to_base64url(digest), ""
    for number, word in enumerate(to_words(thumbprint).split(), start=1):
        form = data.draw(
            st.sampled_from((str, str.upper, str.title, without_accents, lambda one: unicodedata.normalize("NFD", one)))
        )
        before = data.draw(st.sampled_from(("", f"{number}. ", f"{number}) ", f"{number}.", "- ", "\u200b")))
        said += before + form(word) + data.draw(st.sampled_from((" ", "  ", ", ", "\n", "\r\n\t", ";\n", "\u00a0")))
    assert matches(said, thumbprint)


@given(DIGESTS, DIGESTS)
def test_another_key_is_another(digest: bytes, other: bytes) -> None:
    mine, theirs = to_base64url(digest), to_base64url(other)
    assert matches(mine, theirs) is (digest == other)
    assert matches(to_words(mine), theirs) is (digest[:16] == other[:16])


@given(DIGESTS, st.integers(0, 127))
def test_any_bit_of_the_first_half_changes_the_words(digest: bytes, bit: int) -> None:
    flipped = (int.from_bytes(digest, "big") ^ (1 << (255 - bit))).to_bytes(32, "big")
    assert to_words(to_base64url(flipped)) != to_words(to_base64url(digest))


@given(st.text(max_size=2 * LONGEST))
def test_whatever_is_typed_is_read_or_refused_in_words(said: str) -> None:
    assert not matches(said, ALL_ONES)
    told = refusal_of(said)
    assert told is None or ("uella" in told or "alabra" in told)
    assert len(told or "") < 120


ONES = to_words(ALL_ONES)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "No es una huella"),
        ("zurdo", "No es una huella"),
        ("A" * 42, "No es una huella"),
        ("_" * 43, "no están bien escritos"),
        (ONES.replace("yodo", "yodos"), "La palabra 12, «yodos», no es de la lista"),
        ("zurdo zurrdo otra", "La palabra 2, «zurrdo», no es de la lista"),
        (ONES.removesuffix(" yodo"), "Son 12 palabras, y hay 11."),
        (f"{ONES} yodo", "Son 12 palabras, y hay 13."),
        (ONES.replace("yodo", "zurdo"), "no concuerdan entre sí"),
        ("abandon " * 11 + "about", "La palabra 1, «abandon», no es de la lista"),
        ("a" * LONGEST, "No es una huella"),
        ("a " * (LONGEST // 2) + "b", "demasiado largo"),
    ],
)
def test_what_is_wrong_is_said(said: str, told: str) -> None:
    assert told in (refusal_of(said) or "")
    assert not matches(said, ALL_ONES)


@pytest.mark.parametrize("thumbprint", ["", "x", "A" * 42, "A" * 44, "A" * 42 + "B", "á" * 43, "A" * 42 + "="])
def test_only_a_thumbprint_has_words(thumbprint: str) -> None:
    with pytest.raises(ValueError, match="No es una huella"):
        to_words(thumbprint)
    assert not matches(ONES, thumbprint)


def test_too_much_is_refused_before_it_is_normalised() -> None:
    """Alternating marks are sorted in quadratic time: 200 kB of them take seconds."""
    begun = perf_counter()
    assert not matches("a" + "\u0315\u0300" * 100_000, ALL_ONES)
    assert perf_counter() - begun < 0.05


def test_slip_in_one_word_is_mostly_caught_by_the_checksum() -> None:
    """Four bits: about one wrong word in sixteen passes for other words, never for this key's."""
    thumbprint = to_base64url(sha256(b"una llave"))
    words, passed = to_words(thumbprint).split(), 0
    for other in sorted(set(_spelt()) - {without_accents(words[5])}):
        said = " ".join([*words[:5], other, *words[6:]])
        assert not matches(said, thumbprint)
        passed += refusal_of(said) is None
    assert 2047 // 16 - 60 < passed < 2047 // 16 + 60
