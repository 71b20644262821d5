"""A changed byte, wherever it falls, is refused and named: also those that XML signatures do not see."""

import logging

import pytest

from lme_operator.domain.signing import SignatureFault, Signer, verify_document
from tests.domain.signing.conftest import AT

STRIDE = 3


def test_flipped_bits_none_accepted(signed: bytes, signer: Signer) -> None:
    accepted, kinds = [], set()
    for position in range(0, len(signed), STRIDE):
        flipped = bytearray(signed)
        flipped[position] ^= 1 << position % 8
        try:
            verify_document(bytes(flipped), trust=signer.trust, instant=AT)
        except SignatureFault as fault:
            kinds.add(fault.kind)
        else:
            accepted.append(position)
    assert accepted == []
    assert len(kinds) >= 8


def test_truncated_or_repeated_none_accepted(signed: bytes, signer: Signer) -> None:
    pieces = [signed[:cut] for cut in range(0, len(signed), 97)] + [signed * 2, signed[1:]]
    for piece in pieces:
        with pytest.raises(SignatureFault):
            verify_document(piece, trust=signer.trust, instant=AT)


def test_documents_are_never_logged(signed: bytes, signer: Signer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        verify_document(signed, trust=signer.trust, instant=AT)
    assert "12345678-5" not in caplog.text
