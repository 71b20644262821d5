"""JSON that two readers could read differently is refused, and never by a crash."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lme_operator.core.refusal import Refusal
from lme_operator.entrypoints.http.strict_json import parse_json


def refused(body: bytes) -> tuple[str, list[tuple[str | None, str]]]:
    with pytest.raises(Refusal) as caught:
        parse_json(body)
    return caught.value.kind.code, [(finding.pointer, finding.code) for finding in caught.value.findings]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a":1,}',
        b"{'a':1}",
        b'{"a":1} {"b":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":01}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\x00"}',
        b'{"a":"line\nbreak"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":undefined}',
    ],
)
def test_parse_json_refuses_what_is_not_json(body: bytes) -> None:
    assert refused(body) == ("json_invalido", [])


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        (b'{"a":1,"a":2}', [("", "campo_repetido")]),
        (b'{"a":{"b":1,"c":[{"d":1,"d":1}]}}', [("/a/c/0", "campo_repetido")]),
        (b'{"a/b~":{"d":1,"d":1}}', [("/a~1b~0", "campo_repetido")]),
        (b'{"a":9007199254740992}', [("/a", "numero_fuera_de_rango")]),
        (b'{"a":-9007199254740992}', [("/a", "numero_fuera_de_rango")]),
        (b'{"a":1e400,"b":' + b"9" * 5000 + b"}", [("/a", "numero_fuera_de_rango"), ("/b", "numero_fuera_de_rango")]),
        (b'{"a":"\\u0000"}', [("/a", "caracter_no_permitido")]),
        (b'{"a":"\\ud800"}', [("/a", "caracter_no_permitido")]),
        (b'{"a":["\\udfff","x"]}', [("/a/0", "caracter_no_permitido")]),
        (b'{"\\ud800":1}', [("", "caracter_no_permitido")]),
        (b"[" * 33 + b"]" * 33, [("/0" * 32, "demasiado_anidado")]),
        (b"[" * 100_000, [("", "demasiado_anidado")]),
        (b'{"a":' * 50_000, [("", "demasiado_anidado")]),
    ],
)
def test_parse_json_names_every_flaw_and_its_place(body: bytes, findings: list[tuple[str, str]]) -> None:
    assert refused(body) == ("datos_invalidos", findings)


def test_parse_json_reads_surrogate_pairs_and_composes_texts() -> None:
    assert parse_json(b'{"a":"\\ud83d\\ude00","b":"n\xcc\x83"}') == {"a": "😀", "b": "ñ"}


@given(st.recursive(st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(), st.lists))
def test_parse_json_reads_what_json_writes(value: object) -> None:
    parsed = outcome(json.dumps(value).encode())
    if parsed != "datos_invalidos":
        assert parsed == json.loads(unicodedata.normalize("NFC", json.dumps(value, ensure_ascii=False)))


@given(st.binary(max_size=200))
def test_parse_json_never_crashes(body: bytes) -> None:
    outcome(body)


def outcome(body: bytes) -> object:
    """What is parsed, or the code of the refusal."""
    try:
        return parse_json(body)
    except Refusal as refusal:
        return refusal.kind.code
