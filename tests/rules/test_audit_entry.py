"""Entries: one byte form, salted digests, and nothing personal."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from lme_operator.core.canonical import NotCanonical, decode, encode
from lme_operator.domain.audit import Disclosure, EventKind, parse_entry
from lme_operator.domain.audit.entry import compose, decode_disclosures, disclosed, encode_disclosures

AT = datetime(2026, 4, 20, 14, 2, 7, 123456, tzinfo=UTC)
KIND = EventKind("licencia_emitida", ("N-2.4a",))
DATA = {"run": "11111111-1", "nombre": "Ñandú", "dias": 30, "motivos": [{"codigo": "x"}], "nada": None}


def composed(**data: Any) -> tuple[bytes, tuple[Disclosure, ...]]:
    return compose(
        entry_id=UUID("019db000-0000-7000-8000-000000000000"),
        kind=KIND,
        at=AT,
        actor="persona:11111111-1",
        data=data or DATA,
        on_account_of=None,
    )


@pytest.mark.norm("N-2.6b")
def test_no_value_stands_in_the_entry_and_every_salt_differs() -> None:
    leaf, disclosures = composed()
    for personal in ("11111111", "Ñandú", "codigo"):
        assert personal.encode() not in leaf
    assert len({disclosure.salt for disclosure in disclosures}) == len(DATA) + 1
    again, _ = composed()
    assert parse_entry(again).data.keys() == parse_entry(leaf).data.keys()
    assert not set(parse_entry(again).data.values()) & set(parse_entry(leaf).data.values())


def test_entry_and_disclosures_are_read_back() -> None:
    leaf, disclosures = composed()
    entry = parse_entry(leaf)
    assert (entry.kind, entry.at, entry.norm, entry.on_account_of) == ("licencia_emitida", AT, ("N-2.4a",), None)
    values = disclosed(entry, decode_disclosures(encode_disclosures(disclosures)))
    assert values == {"actor": "persona:11111111-1", **DATA}


def test_a_text_counts_the_same_in_either_unicode_form() -> None:
    _, disclosures = composed(nombre="N\u0303andu\u0301")
    assert decode_disclosures(encode_disclosures(disclosures))[1].value == "Ñandú"


@pytest.mark.parametrize("data", [{"actor": "x"}, {"Nombre": 1}, {"": 1}, {"a b": 1}, {"x": 1.5}, {"x": [{"y": 0.1}]}])
def test_names_and_values_out_of_form_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"datum|float"):
        composed(**data)


@pytest.mark.parametrize("value", [2**53, float("nan"), object()])
def test_what_json_cannot_say_everywhere_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever layer refuses first
        composed(x=value)


def test_a_disclosure_of_another_entry_or_twice_does_not_match() -> None:
    leaf, disclosures = composed()
    entry = parse_entry(leaf)
    _, foreign = composed()
    renamed = Disclosure(disclosures[1].salt, disclosures[2].name, disclosures[1].value)
    for wrong in ([foreign[1]], [disclosures[1]] * 2, [renamed], [Disclosure(bytes(16), "otro", 1)]):
        with pytest.raises(NotCanonical):
            disclosed(entry, wrong)


def broken_entries() -> list[Any]:
    good = decode(composed()[0])
    changes: list[dict[str, Any]] = [
        {"v": 2},
        {"v": True},
        {"v": "1"},
        {"id": "x"},
        {"id": good["id"].upper().replace("B", "b", 1) + " "},
        {"id": "{" + good["id"] + "}"},
        {"id": good["id"].replace("-", "")},
        {"id": 7},
        {"tipo": 1},
        {"instante": "2026-04-20T14:02:07Z"},
        {"instante": "2026-04-20T14:02:07.12345Z"},
        {"instante": None},
        {"nonce": "AAAA"},
        {"nonce": good["nonce"] + "="},
        {"actor": "persona:11111111-1"},
        {"por_cuenta_de": "x"},
        {"por_cuenta_de": 1},
        {"norma": "N-2.4a"},
        {"norma": [1]},
        {"datos": []},
        {"datos": {"run": "11111111-1"}},
        {"datos": {"run": 1}},
        {"datos": {"actor": good["actor"]}},
        {"datos": {"RUN": good["actor"]}},
        {"otro": 1},
    ]
    shorter = {name: value for name, value in good.items() if name != "nonce"}
    return [[], "x", None, shorter, *({**good, **change} for change in changes)]


@pytest.mark.parametrize("value", broken_entries(), ids=range(len(broken_entries())))
def test_any_other_object_is_not_an_entry(value: Any) -> None:
    with pytest.raises(NotCanonical):
        parse_entry(encode(value))


@pytest.mark.parametrize("change", [lambda leaf: leaf + b" ", lambda leaf: leaf.replace(b'"v":1', b'"v":1.0')])
def test_bytes_must_be_canonical(change: Any) -> None:
    with pytest.raises(NotCanonical):
        parse_entry(change(composed()[0]))


@pytest.mark.parametrize("parts", [None, "x", [], ["AA", "run", 1], ["A" * 22, 1, 1], ["A" * 22, "Run", 1], [1, 2, 3]])
def test_any_other_list_is_not_a_disclosure(parts: Any) -> None:
    with pytest.raises(NotCanonical):
        Disclosure.parse(parts)


def test_disclosures_are_a_list() -> None:
    with pytest.raises(NotCanonical):
        decode_disclosures(encode({"x": str(uuid4())}))
