"""Receipts: whoever has the trust file checks them alone, and no altered one passes (N-2.6c)."""

from dataclasses import replace
from typing import Any

import pytest

from lme_operator.core.canonical import encode, to_base64url
from lme_operator.domain.audit import KeyEnd, ReceiptFault, Standing, read_receipt, verify_receipt
from tests.factories.log import Key, MemoryLog, trust_in

KEY = Key(1)
TRUST = trust_in(KEY.trusted())


@pytest.fixture(scope="module")
def receipts() -> list[dict[str, Any]]:
    log = MemoryLog(KEY)
    return [log.append({"folio": f"{number}", "dias": number}) for number in range(12)]


@pytest.mark.norm("N-2.6c", "N-2.4b")
def test_every_receipt_verifies_alone(receipts: list[dict[str, Any]]) -> None:
    for number, receipt in enumerate(receipts):
        verified = verify_receipt(read_receipt(encode(receipt)), TRUST)
        assert verified.disclosed == {"actor": "persona:11111111-1", "folio": f"{number}", "dias": number}
        assert (verified.index, verified.size, verified.key_id) == (number, number + 1, "llave-1")
        assert verified.standing is Standing.FIRM


@pytest.mark.norm("N-2.6b")
def test_hidden_values_leave_the_receipt_valid(receipts: list[dict[str, Any]]) -> None:
    masked = {**receipts[7], "divulgaciones": receipts[7]["divulgaciones"][:1]}
    assert verify_receipt(masked, TRUST).disclosed == {"actor": "persona:11111111-1"}


def test_without_a_trust_file_the_origin_is_not_known(receipts: list[dict[str, Any]]) -> None:
    verified = verify_receipt(receipts[5], None)
    assert (verified.key_id, verified.standing) == (None, Standing.INDETERMINATE)


@pytest.mark.norm("N-2.6c")
def test_no_changed_byte_passes(receipts: list[dict[str, Any]]) -> None:
    """Every byte of a receipt, two ways: the lowest bit, and the letter case or its like."""
    data = encode(receipts[6])
    for position in range(len(data)):
        for bit in (0x01, 0x20):
            changed = data[:position] + bytes([data[position] ^ bit]) + data[position + 1 :]
            try:
                verified = verify_receipt(read_receipt(changed), TRUST)
            except ReceiptFault:
                continue
            # Only in whose signature it is: somebody whom the trust file does not know, and nothing is firm.
            assert position > data.index("—".encode())
            assert (verified.key_id, verified.standing) == (None, Standing.UNKNOWN)


def test_each_fault_has_its_kind(receipts: list[dict[str, Any]]) -> None:
    good, other = receipts[6], receipts[5]
    foreign = MemoryLog(KEY, origin="otro.example/registro").append({"folio": "0"})
    faults: list[tuple[str, Any]] = [
        ("no_canonico", None),
        ("no_canonico", {**good, "otro": 1}),
        ("no_canonico", {name: value for name, value in good.items() if name != "prueba"}),
        ("no_canonico", {**good, "indice": True}),
        ("no_canonico", {**good, "prueba": "x"}),
        ("no_canonico", {**good, "prueba": [1]}),
        ("no_canonico", {**good, "raiz": "*"}),
        ("no_canonico", {**good, "punto_de_control": "x"}),
        ("entrada", {**good, "entrada": {**good["entrada"], "v": 2}}),
        ("entrada", {**good, "entrada": float("nan")}),
        ("prueba", {**good, "entrada": {**good["entrada"], "tipo": "licencia_anulada"}}),
        ("prueba", {**good, "entrada": other["entrada"], "divulgaciones": []}),
        ("prueba", {**good, "indice": 5}),
        ("prueba", {**good, "tamano": 6}),
        ("prueba", {**good, "prueba": good["prueba"][:-1]}),
        ("prueba", {**good, "prueba": [*good["prueba"], to_base64url(bytes(32))]}),
        ("divulgacion", {**good, "divulgaciones": other["divulgaciones"]}),
        ("divulgacion", {**good, "divulgaciones": good["divulgaciones"] * 2}),
        ("divulgacion", {**good, "divulgaciones": [1]}),
        ("punto_de_control", {**good, "punto_de_control": other["punto_de_control"]}),
        ("origen", foreign),
    ]
    for kind, receipt in faults:
        with pytest.raises(ReceiptFault) as fault:
            verify_receipt(receipt, TRUST)
        assert fault.value.kind == kind


def test_a_strangers_key_and_a_compromised_key(receipts: list[dict[str, Any]]) -> None:
    strange = verify_receipt(receipts[3], trust_in(Key(2).trusted()))
    assert (strange.key_id, strange.standing) == (None, Standing.UNKNOWN)
    compromised = trust_in(replace(KEY.trusted(), until_index=5, end=KeyEnd.COMPROMISE))
    assert verify_receipt(receipts[5], compromised).standing is Standing.INDETERMINATE
    assert verify_receipt(receipts[6], compromised).standing is Standing.INDETERMINATE
    with pytest.raises(ReceiptFault, match="llave_fuera_de_vigencia"):
        verify_receipt(receipts[6], trust_in(replace(KEY.trusted(), until_index=5, end=KeyEnd.ROTATION)))


def test_a_receipt_in_another_unicode_form_is_refused() -> None:
    receipt = MemoryLog(KEY).append({"nombre": "Ñandú"})
    receipt["divulgaciones"][1][2] = "N\u0303andu\u0301"
    with pytest.raises(ReceiptFault, match="no_canonico"):
        verify_receipt(receipt, TRUST)
