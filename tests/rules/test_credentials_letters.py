"""What is written about keys fits where it goes."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from lme_operator.core.canonical import to_base64url
from lme_operator.core.origin import Origin
from lme_operator.core.run import Run
from lme_operator.core.thumbprint import _list, to_words
from lme_operator.domain.credentials import SigningKey
from lme_operator.domain.credentials.keys import KeyPurpose
from lme_operator.domain.credentials.letters import (
    AT_THE_DESK,
    KeyLetter,
    endorsed_letter,
    registered_letter,
    retired_letter,
)
from lme_operator.domain.notices import LONGEST_SMS, Channel

AT = datetime(2026, 4, 20, 14, 2, 7, tzinfo=UTC)
LONGEST_NAME = "O" * 200
MARK = "PRUEBAS – sin validez legal. "


def longest_thumbprint() -> str:
    """One whose words are as long as twelve words get: each has eight letters but the last, which the sum chooses."""
    long = next(word for word in _list().wordlist if len(word) == 8)
    bits = "".join(f"{_list().wordlist.index(long):011b}" for _ in range(12))[:128]
    return to_base64url(int(bits, 2).to_bytes(16, "big") + bytes(16))


def key(purpose: KeyPurpose) -> SigningKey:
    return SigningKey(UUID(int=1), Run(15000001), purpose, b"", b"", longest_thumbprint(), False, UUID(int=2), AT)


WHERE = f"desde {Origin('2001:db8:1::1', '', '').roughly}"
LETTERS = {
    "both": registered_letter([key("entrada"), key("firma")], operator=LONGEST_NAME, where=WHERE),
    "desk": registered_letter([key("firma")], operator=LONGEST_NAME, where=AT_THE_DESK),
    "endorsed": endorsed_letter(key("firma"), at=AT, operator=LONGEST_NAME, where=WHERE),
    "retired": retired_letter(key("entrada"), at=AT, operator=LONGEST_NAME, where=WHERE),
}


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_sms_fits_with_the_longest_words_and_a_long_name(letter: KeyLetter) -> None:
    assert len(to_words(longest_thumbprint())) >= 11 * 9
    _, sms = letter.to(email="a@example.cl", telephone="+56912345678")
    assert len(MARK + sms.text) <= LONGEST_SMS


def test_who_has_no_telephone_is_told_by_mail_alone() -> None:
    (mail,) = LETTERS["both"].to(email="a@example.cl", telephone=None)
    assert mail.channel is Channel.MAIL
