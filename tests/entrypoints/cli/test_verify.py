"""`lme verificar`: each line of the verdict with its own mark, and the exit code of the whole."""

import json
import os
import pty
import subprocess
import sys
import termios
import unicodedata
from pathlib import Path
from unittest.mock import Mock

import pytest
from click.testing import CliRunner, Result

from lme_operator.core.canonical import encode, to_base64url
from lme_operator.core.database import Database
from lme_operator.core.thumbprint import to_words
from lme_operator.entrypoints.cli import Composition, program
from tests.factories.log import Key, MemoryLog
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
    last = shown.output.splitlines()[-1]
    assert last.startswith(f"Usted pidió «{demand[0]}»: falta ") if code else "Usted pidió" not in shown.output


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
    shown = on_a_terminal(60, evidence, "--confianza", str(trust))
    assert max(map(len, shown)) <= 60
    assert [line for line in shown if not line.startswith("  ")] == ["Veredicto: válida según el operador"]


@pytest.mark.norm("N-2.6c")
def test_wide_characters_and_a_terminal_without_columns(files: tuple[Path, Path]) -> None:
    """A wide character takes two columns, and a blank one shows as what it is; nothing raises."""
    _, trust = files
    log, wide = MemoryLog(Key(1)), "広" * 90 + "\u3164" * 37 + "  ✓ autor: avalada"
    receipt = trust.with_name("recibo.json")
    receipt.write_bytes(encode(log.append({"texto": wide})))
    shown = on_a_terminal(80, receipt)
    assert all(sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line) <= 80 for line in shown)
    assert "\u3164" not in "".join(shown)
    assert [line for line in shown if not line.startswith("  ")] == ["Veredicto: indeterminada"]
    assert on_a_terminal(0, receipt) == shown


def on_a_terminal(columns: int, file: Path, *arguments: str) -> list[str]:
    """What the program shows on a terminal of so many columns; it ends by itself."""
    reader, writer = pty.openpty()
    termios.tcsetwinsize(writer, (24, columns))
    ran = subprocess.run(
        [sys.executable, "-m", "lme_operator", "verificar", str(file), *arguments],
        stdout=writer, stdin=writer, timeout=60, check=False,
    )  # fmt: skip
    os.close(writer)
    assert ran.returncode in (0, 3, 4)
    return read_all(reader).decode().splitlines()


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
