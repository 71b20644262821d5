"""Evidence delivered by earlier editions is read for ever, byte for byte, and no verdict over it gets stronger."""

import json
from pathlib import Path
from typing import Any

import pytest

from lme_operator.core.canonical import sha256
from lme_operator.domain.audit import TrustFile
from lme_operator.domain.exports import Proof, Verdict, judge_evidence

FILES = Path(__file__).parents[1] / "assets" / "evidence"

BY_OPERATOR = "válida según el operador"
WORDS = {
    "consulta-rnpi-circuito-abierto": ("indeterminada", "indeterminada"),
    "consulta-rnpi-imposible": ("válida", BY_OPERATOR),
    "enrolamiento-presencial": ("válida", BY_OPERATOR),
    "licencia-atestiguada": ("válida", BY_OPERATOR),  # a code signed it: a witness proves no author
    "licencia-con-excepcion-rnpi": ("válida", "indeterminada"),  # its second look is not there
    "licencia-excepcion-circuito-abierto": ("indeterminada", "indeterminada"),
    "licencia-excepcion-recontrol-no-inscrito": ("indeterminada", "indeterminada"),
    "licencia-excepcion-recontrol-vigente": ("válida", BY_OPERATOR),
    "licencia-firmada-con-codigo": ("válida", BY_OPERATOR),
    "licencia-firmada-con-llave": ("válida", BY_OPERATOR),
    "licencia-llave-del-profesional-no-firme": ("indeterminada", "indeterminada"),
    "licencia-llave-del-registro-comprometida": ("indeterminada", "indeterminada"),
}
"""The word that each file got when it was delivered, and the one that it gets now."""
WEAKEST_FIRST = ("inválida", "indeterminada", BY_OPERATOR, "válida")

_KEY = "el registro de esa llave lo firma una llave comprometida, y ningún testigo lo atestiguó antes"
REWORDED = {
    "válida, declarada por el operador": (
        "válida: se autorizó con un código; que lo dio el profesional lo declara el operador",
        Proof.OPERATOR,
    ),
    "válida, dispositivo del profesional": (
        "válida: el dispositivo firmó este documento; qué vio en pantalla lo declara el operador",
        Proof.DEVICE,
    ),
    "9100001-6, acreditado, con su segundo factor (declarada por el operador)": (
        "9100001-6, acreditado, con su segundo factor",
        Proof.OPERATOR,
    ),
}
"""What a line said, and what it says now, with by whom it is proven."""
_ATTESTED = "atestiguada desde 20-04-2026 10:00:00 (UTC−4) por testigo.example"
_DECLARED = " (declarado por el operador)"


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
def test_the_word_is_the_one_expected_and_no_stronger(name: str) -> None:
    before, now = WORDS[name]
    assert (told_before(name)["veredicto"], judged(name).overall.word) == (before, now)
    assert WEAKEST_FIRST.index(now) <= WEAKEST_FIRST.index(before)


@pytest.mark.norm("N-2.4b")
@pytest.mark.parametrize("name", WORDS)
def test_every_line_keeps_what_it_said(name: str) -> None:
    verdict = judged(name)
    lines = {str(line.topic): line for line in verdict.lines}
    for before in told_before(name)["lineas"]:
        line, said = lines[before["tema"]], before["respuesta"]
        proof = verdict.proof(line) if verdict.known.trusted else None  # nobody proves what a stolen key signed
        if said in REWORDED:
            words, by = REWORDED[said]
            assert (line.answer, proof or by) == (words, by)
        elif said.endswith(_DECLARED):
            assert (line.answer, proof or Proof.OPERATOR) == (said.removesuffix(_DECLARED), Proof.OPERATOR)
        elif said == f"dispositivo del profesional, pero {_KEY}":  # two questions now, and the second is open
            assert (lines["autor"].answer, lines["autor"].sound) == (_KEY, None)
            continue
        elif before["conforme"] is None:  # it says why it cannot be told
            assert line.answer.startswith(said)
        else:
            told = said.replace("no atestiguada", "atestación pendiente")
            assert line.answer == told.replace("atestiguada por testigo.example", _ATTESTED)
        assert line.sound is before["conforme"]
