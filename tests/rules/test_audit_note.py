"""Signed notes are read in the one form that C2SP gives them, or not at all."""

import base64
from datetime import UTC, datetime

import pytest

from lme_operator.core.canonical import NotCanonical, sha256
from lme_operator.domain.audit.note import (
    Checkpoint,
    Note,
    SignatureLine,
    cosigned_at,
    is_key_name,
    is_signed_by,
    note_key_id,
    parse_note,
    sign_checkpoint,
)
from tests.factories.log import ORIGIN, Key

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ROOT = sha256(b"raiz")
GOOD = sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), Key(1))


def test_the_note_of_the_go_library_verifies() -> None:
    """Published with golang.org/x/mod/sumdb/note, written by others' code."""
    name, key_id, key = GO_KEY.split("+")
    public = base64.b64decode(key)[1:]
    note = parse_note(GO_NOTE)
    assert (note.lines[0].name, note.lines[0].key_id.hex()) == (name, key_id)
    assert note_key_id(name, public).hex() == key_id
    assert is_signed_by(note, note.lines[0], public)
    assert not is_signed_by(Note(note.body + "x\n", note.lines), note.lines[0], public)


def test_a_checkpoint_is_read_back_and_signed_twice_to_the_same_bytes() -> None:
    assert sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), Key(1)) == GOOD
    note = parse_note(GOOD)
    assert Checkpoint.parse(note.body) == Checkpoint(ORIGIN, 7, ROOT)
    assert is_signed_by(note, note.lines[0], Key(1).public)
    assert not is_signed_by(note, note.lines[0], Key(2).public)
    assert not is_signed_by(note, note.lines[0], b"short")


def test_a_cosignature_binds_its_time() -> None:
    witness = Key(9)
    body = parse_note(GOOD).body
    signature = witness.sign(f"cosignature/v1\ntime 1776693600\n{body}".encode())
    line = SignatureLine("testigo.example", bytes(4), (1776693600).to_bytes(8, "big") + signature)
    assert cosigned_at(Note(body, (line,)), line, witness.public) == datetime(2026, 4, 20, 14, tzinfo=UTC)
    other = SignatureLine("testigo.example", bytes(4), (1776693601).to_bytes(8, "big") + signature)
    assert cosigned_at(Note(body, (other,)), other, witness.public) is None


def test_a_time_that_no_calendar_has_is_no_cosignature() -> None:
    witness = Key(9)
    body = parse_note(GOOD).body
    for seconds in (2**62, 2**64 - 1):
        signature = witness.sign(f"cosignature/v1\ntime {seconds}\n{body}".encode())
        line = SignatureLine("testigo.example", bytes(4), seconds.to_bytes(8, "big") + signature)
        assert cosigned_at(Note(body, (line,)), line, witness.public) is None


LINE = GOOD.split("\n\n")[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n" + LINE,
        GOOD[:-1],
        GOOD + "\n",
        GOOD.replace("\n\n", "\n"),
        GOOD.replace("— ", "- "),
        GOOD.replace("— ", "—  "),
        GOOD.replace("— ", " — "),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("7\n", "7\t\n"),
        GOOD[:-1] + " \n",
        GOOD[:-2] + "\n",
        GOOD[:-2] + "*\n",
        GOOD.replace(LINE, f"— {ORIGIN} AAAA\n"),
        GOOD.replace(LINE, "— con+mas AAAAAAA=\n"),
        GOOD.replace(LINE, LINE.replace("A", "A ", 1)),
        GOOD + LINE * 16,
    ],
)
def test_any_other_text_is_not_a_note(text: str) -> None:
    with pytest.raises(NotCanonical):
        parse_note(text)


@pytest.mark.parametrize(
    "body",
    [
        "",
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n07\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n-7\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n٧\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n7\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"{ORIGIN}\n7\n{base64.b64encode(ROOT).decode()[:-1]}\n",
        f"{ORIGIN}\n7\n{base64.urlsafe_b64encode(b'?' * 32).decode()}x\n",
        f"\n7\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n7\n{base64.b64encode(ROOT).decode()}\n\n",
        f"{ORIGIN}\n7\n{base64.b64encode(ROOT).decode()}\nextension",
    ],
)
def test_any_other_body_is_not_a_checkpoint(body: str) -> None:
    with pytest.raises(NotCanonical):
        Checkpoint.parse(body)


def test_extensions_are_read_and_signed_with_the_rest() -> None:
    checkpoint = Checkpoint(ORIGIN, 7, ROOT, ("una extensión", "otra"))
    note = parse_note(sign_checkpoint(checkpoint, Key(1)))
    assert Checkpoint.parse(note.body) == checkpoint
    assert is_signed_by(note, note.lines[0], Key(1).public)


def test_a_note_of_any_length_is_not_read() -> None:
    with pytest.raises(NotCanonical, match="too long"):
        parse_note(GOOD.replace(LINE, f"{'x' * 20_000}\n\n{LINE}"))


def test_key_names() -> None:
    assert is_key_name(ORIGIN)
    assert not any(is_key_name(name) for name in ("", "a b", "a+b", "a\nb", "a\u00a0b", "a\x01b"))
