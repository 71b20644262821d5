"""The trust file: who is believed, and for which stretch of the log."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lme_operator.core.canonical import NotCanonical, decode, encode, sha256
from lme_operator.domain.audit import (
    Attestation,
    Checkpoint,
    KeyEnd,
    KeyRole,
    Note,
    Standing,
    TrustedKey,
    TrustFile,
    note_key_id,
    parse_note,
)
from lme_operator.domain.audit.note import COSIGNATURE, SignatureLine, sign_checkpoint
from lme_operator.domain.audit.trust import NoteRefused
from tests.factories.accredited import provider
from tests.factories.log import ORIGIN, Key, trust_in

OLD, NEW, WITNESS, STRANGER = Key(1), Key(2), Key(3, "testigo.example"), Key(4)
TRUST = trust_in(
    replace(OLD.trusted(), until_index=9, end=KeyEnd.ROTATION),
    replace(NEW.trusted(), from_index=10, until_index=19, end=KeyEnd.COMPROMISE),
    WITNESS.trusted(KeyRole.WITNESS),
)


def note_of(key: Key, *, size: int = 5, origin: str = ORIGIN) -> Note:
    return parse_note(sign_checkpoint(Checkpoint(origin, size, sha256(b"raiz")), key))


def cosigned(note: Note, witness: Key, seconds: int = 1776693600) -> Note:
    signature = witness.sign(f"cosignature/v1\ntime {seconds}\n{note.body}".encode())
    key_id = note_key_id(witness.key_id, witness.public, algorithm=COSIGNATURE)
    line = SignatureLine(witness.key_id, key_id, seconds.to_bytes(8, "big") + signature)
    return Note(note.body, (*note.lines, line))


def test_written_and_read_back() -> None:
    assert TrustFile.parse(TRUST.render()) == TRUST
    assert TRUST.key("llave-2") == TRUST.keys[1]
    assert TRUST.key("otra") is None


@pytest.mark.parametrize(
    ("key", "index", "standing"),
    [
        (OLD, 0, Standing.FIRM),
        (OLD, 9, Standing.FIRM),
        (NEW, 10, Standing.INDETERMINATE),
        (NEW, 19, Standing.INDETERMINATE),
        (NEW, 20, Standing.INDETERMINATE),
    ],
)
def test_a_signature_is_worth_what_its_range_says(key: Key, index: int, standing: Standing) -> None:
    signers = TRUST.signers(note_of(key, size=index + 1), index=index)
    assert signers.key is not None
    assert (signers.key.id, signers.standing, signers.witnesses) == (key.key_id, standing, ())


@pytest.mark.parametrize(("key", "index"), [(OLD, 10), (NEW, 9)])
def test_a_key_out_of_its_range_is_refused(key: Key, index: int) -> None:
    with pytest.raises(NoteRefused, match="llave_fuera_de_vigencia"):
        TRUST.signers(note_of(key, size=index + 1), index=index)


def test_witnesses_are_named() -> None:
    assert TRUST.signers(cosigned(note_of(OLD), WITNESS), index=4).witnesses == (
        Attestation("testigo.example", datetime(2026, 4, 20, 14, tzinfo=UTC)),
    )


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize(
    ("index", "standing"), [(10, Standing.FIRM), (19, Standing.FIRM), (20, Standing.INDETERMINATE)]
)
def test_under_a_compromised_key_only_what_was_witnessed_before_its_end_is_firm(index: int, standing: Standing) -> None:
    """The thief writes whatever index he likes: without a witness an early one proves nothing."""
    note = note_of(NEW, size=index + 1)
    assert TRUST.signers(note, index=index).standing is Standing.INDETERMINATE
    assert TRUST.signers(cosigned(note, WITNESS), index=index).standing is standing


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize(
    "witness",
    [
        replace(WITNESS.trusted(KeyRole.WITNESS), until_index=30, end=KeyEnd.COMPROMISE),
        replace(WITNESS.trusted(KeyRole.WITNESS), until_index=5, end=KeyEnd.COMPROMISE),
    ],
)
def test_a_compromised_witness_does_not_vouch_for_a_compromised_key(witness: TrustedKey) -> None:
    trust = trust_in(*TRUST.keys[:2], witness)
    assert trust.signers(cosigned(note_of(NEW, size=11), WITNESS), index=10).standing is Standing.INDETERMINATE


@pytest.mark.norm("N-2.6c")
def test_a_witness_of_a_sound_key_vouches_also_after_its_rotation() -> None:
    rotated = replace(WITNESS.trusted(KeyRole.WITNESS), until_index=30, end=KeyEnd.ROTATION)
    trust = trust_in(*TRUST.keys[:2], rotated)
    assert trust.signers(cosigned(note_of(NEW, size=11), WITNESS), index=10).standing is Standing.FIRM


def test_whoever_the_file_does_not_name_leaves_the_note_in_doubt() -> None:
    """A key added since the trust file was given looks just so: it is no forgery, and nothing rests on it."""
    good = note_of(OLD)
    strange = {
        None: [note_of(STRANGER), Note(good.body, (replace(good.lines[0], name="otro.example"),))],
        "llave-1": [
            Note(good.body, (*good.lines, *note_of(STRANGER).lines)),
            cosigned(good, Key(5, "testigo.example")),
            cosigned(cosigned(good, WITNESS), Key(6, "otro.example")),
        ],
    }
    for key_id, notes in strange.items():
        for note in notes:
            signers = TRUST.signers(note, index=4)
            assert (signers.key.id if signers.key else None, signers.standing) == (key_id, Standing.UNKNOWN)


def test_broken_repeated_and_missing_signatures_are_refused() -> None:
    good = note_of(OLD)
    broken = replace(good.lines[0], signature=bytes(64))
    refused = {
        "firma_invalida": [Note(good.body, (broken,)), Note(good.body.replace("5", "6"), good.lines)],
        "firmante_repetido": [
            Note(good.body, good.lines * 2),
            Note(good.body, (*good.lines, *note_of(STRANGER).lines * 2)),
        ],
        "sin_firma_del_registro": [Note(good.body, cosigned(good, WITNESS).lines[1:])],
    }
    for kind, notes in refused.items():
        for note in notes:
            with pytest.raises(NoteRefused, match=kind):
                TRUST.signers(note, index=4)


def broken_files() -> list[Any]:
    good = decode(TRUST.render())
    first = good["claves"][0]
    files: list[Any] = [[], {}, {**good, "otro": 1}, {**good, "origen": "con espacio"}, {**good, "rp_id": ""}]
    files += [{**good, "origenes": []}, {**good, "origenes": [1]}, {**good, "claves": []}, {**good, "claves": [1]}]
    changes: list[dict[str, Any]] = [
        {"id": 5},
        {"id": ""},
        {"id": "llave-2"},
        {"rol": "otro"},
        {"rol": "sello"},
        {"publica": "AAAA"},
        {"publica": first["publica"] + "="},
        {"desde_indice": -1},
        {"desde_indice": "0"},
        {"desde_indice": True},
        {"hasta_indice": 10},
        {"desde_indice": 11},
        {"causa": "otra"},
        {"nota": "x"},
    ]
    files += [{**good, "claves": [{**first, **change}, *good["claves"][1:]]} for change in changes]
    without_end = {name: value for name, value in first.items() if name != "causa"}
    return [*files, {**good, "claves": [without_end, *good["claves"][1:]]}, {**good, "claves": good["claves"][2:]}]


@pytest.mark.parametrize("value", broken_files(), ids=range(len(broken_files())))
def test_any_other_file_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        TrustFile.parse(encode(value))


def test_bytes_must_be_canonical() -> None:
    for data in (TRUST.render() + b"\n", b" " + TRUST.render(), b"{", b"\xff"):
        with pytest.raises(NotCanonical):
            TrustFile.parse(data)


ACCREDITED = tuple(provider(datetime(2026, 4, 20, tzinfo=UTC), name).root.pem for name in ("Uno", "Dos"))


@pytest.mark.norm("N-2.6c")
def test_accredited_providers_are_named_and_absent_when_there_are_none() -> None:
    """A file without them keeps the bytes that it had before the field existed."""
    named = replace(TRUST, accredited=ACCREDITED)
    assert TrustFile.parse(named.render()) == named
    assert decode(named.render()) == {**decode(TRUST.render()), "acreditadas": [pem.decode() for pem in ACCREDITED]}
    assert b"acreditadas" not in TRUST.render()
    assert TrustFile.parse(TRUST.render()).accredited == ()


def test_accredited_certificates_have_one_form() -> None:
    first = ACCREDITED[0].decode()
    lists: list[Any] = [[], "", None, [1], [""], [first, first], [first + "\n"], [first.replace("\n", "\r\n")]]
    lists += [["Uno " + first], [first + ACCREDITED[1].decode()], ["no es un certificado"], ["\u00f1"]]
    for listed in lists:
        with pytest.raises(NotCanonical):
            TrustFile.parse(encode({**decode(TRUST.render()), "acreditadas": listed}))


def test_no_more_than_sixty_four_accredited() -> None:
    """Judged by their number before any is read."""
    texts = [f"{number}" for number in range(65)]
    with pytest.raises(NotCanonical, match="too many"):
        TrustFile.parse(encode({**decode(TRUST.render()), "acreditadas": texts}))
