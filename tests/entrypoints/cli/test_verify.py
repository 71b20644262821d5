"""`lme verificar`: each line of the verdict with its own mark, and the exit code of the whole."""

import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path
from unittest.mock import Mock

import pytest
from click.testing import CliRunner, Result

from lme_operator.core.canonical import to_base64url
from lme_operator.core.database import Database
from lme_operator.core.thumbprint import to_words
from lme_operator.entrypoints.cli import Composition, program
from tests.factories.stage import Stage

OTHER = to_base64url(bytes(range(32)))
NOTHING = Mock(spec=Composition)


@pytest.fixture
def files(database: Database, tmp_path: Path) -> tuple[Path, Path]:
    """The evidence file of a licence, and the trust file that judges it."""
    stage = Stage(database, tmp_path)
    session = stage.doctor()
    evidence, trust = tmp_path / "evidencia.zip", tmp_path / "confianza.json"
    evidence.write_bytes(stage.evidence(session, stage.issue(session, stage.prepare(session).id).id))
    trust.write_bytes(stage.trust.render())
    return evidence, trust


def verify(evidence: Path, *arguments: str) -> Result:
    return CliRunner().invoke(program, ["verificar", str(evidence), *arguments], obj=NOTHING)


def marks(shown: str) -> dict[str, str]:
    """Topic → mark, of each line below the verdict."""
    lines = (line.strip().split(" ", 1) for line in shown.splitlines()[1:])
    return {topic.split(":")[0]: mark for mark, topic in lines}


@pytest.mark.norm("N-2.4a", "N-2.4b")
def test_what_a_third_party_has_yet_to_add_has_a_mark_of_its_own(files: tuple[Path, Path]) -> None:
    evidence, trust = files
    shown = verify(evidence, "--confianza", str(trust))
    found = marks(shown.output)
    assert shown.exit_code == 0
    assert (found.pop("tiempo"), found.pop("registro")) == ("…", "…")
    assert set(found.values()) == {"✓"}
    told = json.loads(verify(evidence, "--confianza", str(trust), "--json").output)["lineas"]
    assert {line["tema"] for line in told if line["pendiente"]} == {"tiempo", "registro"}
    assert all(line["conforme"] for line in told)


def test_what_cannot_be_told_and_what_is_wrong_keep_theirs(files: tuple[Path, Path]) -> None:
    evidence, trust = files
    untold = verify(evidence)
    assert (untold.exit_code, marks(untold.output)["origen"]) == (3, "?")
    evidence.write_bytes(evidence.read_bytes()[:-1] + b"x")
    wrong = verify(evidence, "--confianza", str(trust))
    assert (wrong.exit_code, marks(wrong.output)["integridad"]) == (5, "✗")


@pytest.mark.norm("N-2.6c")
@pytest.mark.parametrize(("demand", "code"), [((), 0), (("operador",), 0), (("testigo",), 4), (("autor",), 4)])
def test_how_far_it_must_go_chooses_the_exit_code_and_never_the_word(
    files: tuple[Path, Path], demand: tuple[str, ...], code: int
) -> None:
    evidence, trust = files
    asked = [argument for word in demand for argument in ("--exige", word)]
    shown = verify(evidence, "--confianza", str(trust), *asked)
    assert (shown.exit_code, shown.output.splitlines()[0]) == (code, "Veredicto: válida según el operador")


@pytest.mark.norm("N-2.6c")
def test_every_line_says_by_whom_it_is_proven(files: tuple[Path, Path]) -> None:
    evidence, trust = files
    shown = verify(evidence, "--confianza", str(trust)).output.splitlines()[1:]
    told = json.loads(verify(evidence, "--confianza", str(trust), "--json").output)["lineas"]
    assert [line.rsplit("[", 1)[1].rstrip("]") for line in shown] == [line["prueba"] for line in told]
    assert {line["prueba"] for line in told} == {
        "declarado por el operador", "declarado por el profesional", "no comprobado",
    }  # fmt: skip


@pytest.mark.norm("N-2.6c")
def test_on_a_terminal_no_words_of_a_file_stand_where_a_line_of_ours_begins(files: tuple[Path, Path]) -> None:
    """A wide answer is broken by us, indented: else the terminal would break it at its own margin."""
    evidence, trust = files
    reader, writer = pty.openpty()
    termios.tcsetwinsize(writer, (24, 60))
    ran = subprocess.run(
        [sys.executable, "-m", "lme_operator", "verificar", str(evidence), "--confianza", str(trust)],
        stdout=writer, stdin=writer, timeout=60, check=False,
    )  # fmt: skip
    os.close(writer)
    shown = read_all(reader).decode().splitlines()
    assert ran.returncode == 0
    assert max(map(len, shown)) <= 60
    assert [line for line in shown if not line.startswith("  ")] == ["Veredicto: válida según el operador"]


def read_all(terminal: int) -> bytes:
    said = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # nobody writes there any more
            return said
        if not part:
            return said
        said += part


def test_a_key_that_did_not_sign_leaves_it_undecided(files: tuple[Path, Path]) -> None:
    evidence, trust = files
    shown = verify(evidence, "--confianza", str(trust), "--llave", OTHER)
    assert (shown.exit_code, marks(shown.output)["autor"]) == (3, "?")


def test_a_thumbprint_that_is_none_is_told_before_anything_is_judged(files: tuple[Path, Path]) -> None:
    evidence, trust = files
    for said, words in (("x", "43 caracteres"), (f"{to_words(OTHER)} pez", "hay 13"), ("a" * 501, "demasiado largo")):
        shown = verify(evidence, "--confianza", str(trust), "--llave", said)
        assert shown.exit_code == 2
        assert words in shown.output
