"""A key's thumbprint in words and what endorses it, against vectors made by code that shares nothing with ours."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from lme_operator.core.canonical import from_base64url
from lme_operator.core.run import Run
from lme_operator.core.thumbprint import matches, to_words
from lme_operator.domain.signing import endorsed_bytes

VECTORS = json.loads((Path(__file__).parents[1] / "assets" / "formats" / "llaves.json").read_text("utf-8"))


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["run"])
def test_words_and_endorsed_bytes_are_those_of_version_1(vector: dict[str, str]) -> None:
    thumbprint, run = vector["huella"], Run.parse(vector["run"])
    assert to_words(thumbprint) == vector["palabras"]
    assert matches(vector["palabras"], thumbprint)
    content = endorsed_bytes(
        thumbprint=from_base64url(thumbprint), run=run, at=datetime.fromisoformat(vector["instante"])
    )
    assert content.hex() == vector["avalado"]
