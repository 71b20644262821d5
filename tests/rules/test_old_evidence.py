"""Evidence delivered by earlier editions is read for ever, byte for byte, and no verdict over it gets stronger."""

import json
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.canonical import sha256
from lme_operator.domain.audit import TrustFile
from lme_operator.domain.exports import Verdict, judge_evidence

FILES = Path(__file__).parents[1] / "assets" / "evidence"

WORDS = {
    "consulta-rnpi-circuito-abierto": "indeterminada",
    "consulta-rnpi-imposible": "válida",
    "enrolamiento-presencial": "válida",
    "licencia-atestiguada": "válida",
    "licencia-con-excepcion-rnpi": "válida",
    "licencia-excepcion-circuito-abierto": "indeterminada",
    "licencia-excepcion-recontrol-no-inscrito": "indeterminada",
    "licencia-excepcion-recontrol-vigente": "válida",
    "licencia-firmada-con-codigo": "válida",
    "licencia-firmada-con-llave": "válida",
    "licencia-llave-del-profesional-no-firme": "indeterminada",
    "licencia-llave-del-registro-comprometida": "indeterminada",
}
"""The word that each file gets now."""

DELIVERED = "aa4537265cf66c64ae080d2ba9bc3778f1655249b6ec020828d08439cc3bcdb0"
"""SHA-256 over every delivered byte, in the order of the names."""


def judged(name: str) -> Verdict:
    folder = FILES / name
    trust = TrustFile.parse((folder / "confianza.json").read_bytes())
    return judge_evidence((folder / "evidencia.zip").read_bytes(), trust)


def told_before(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((FILES / name / "veredicto.json").read_bytes())
    return told


def test_the_files_are_those_that_were_delivered() -> None:
    delivered = sorted(path for path in FILES.rglob("*") if path.suffix in (".zip", ".json"))
    assert {path.parent.name for path in delivered} == set(WORDS)
    digest = sha256(b"".join(sha256(path.read_bytes()) for path in delivered)).hex()
    assert digest == DELIVERED


@pytest.mark.norm("N-2.4a", "N-2.4b")
@pytest.mark.parametrize("name", WORDS)
def test_the_word_is_the_one_expected(name: str) -> None:
    assert judged(name).overall.word == WORDS[name]


@pytest.mark.norm("N-2.4b")
@pytest.mark.parametrize("name", WORDS)
def test_every_line_keeps_what_it_said(name: str) -> None:
    lines = {line.topic: (line.answer, line.sound) for line in judged(name).lines}
    for before in told_before(name)["lineas"]:
        assert lines[before["tema"]] == (before["respuesta"], before["conforme"])
