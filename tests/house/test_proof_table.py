"""The table 'who can fake what' of `docs/proof.md` is whole, and each cell has a test that exists or a named reason."""

import re
from pathlib import Path

import pytest

from lme_operator.domain.exports import consultation, enrolment, licence
from lme_operator.domain.exports.scale import Topic
from lme_operator.domain.issuance import evidence

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "proof.md").read_text("utf-8")
CELL = re.compile(r"(?:yes|no) ([0-9]+)")
ACTORS = 6


def rows(heading: str) -> dict[str, list[str]]:
    """The first cell of each row of the table under a heading → the others."""
    block = TEXT.split(f"### {heading}\n")[1].split("\n#")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if line[:1] == "|"]
    return {first: others for first, *others in cells[2:]}


def notes() -> dict[str, str]:
    return dict(re.findall(r"^([0-9]+)\. (.+)$", TEXT.split("### Notes\n")[1], re.MULTILINE))


def test_every_line_of_a_verdict_has_a_row() -> None:
    assert set(rows("Lines")) == {topic.value for topic in Topic}


def test_every_member_of_every_file_has_a_row() -> None:
    named = {evidence.EXCUSE, evidence.ENDORSEMENT, evidence.RECHECK, evidence.ANSWER, "v1/archivo-N"}
    common = {"LEAME.txt", "manifiesto.json", "recibo.json"}
    members = set().union(*(kind.MEMBERS for kind in (consultation, enrolment, licence)))
    assert set(rows("Members")) == members | named | common


@pytest.mark.parametrize("heading", ["Lines", "Members"])
def test_every_cell_has_its_note(heading: str) -> None:
    told = notes()
    for name, cells in rows(heading).items():
        assert len(cells) == ACTORS, name
        for cell in cells:
            found = CELL.fullmatch(cell)
            assert found is not None, (name, cell)
            assert found[1] in told, (name, cell)


def test_every_note_is_used_and_names_tests_that_exist_or_a_reason() -> None:
    used = {
        number
        for heading in ("Lines", "Members")
        for cells in rows(heading).values()
        for number in CELL.findall(" ".join(cells))
    }
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"^def (test_\w+)\(", sources, re.MULTILINE))
    assert set(notes()) == used
    for number, note in notes().items():
        tests = re.findall(r"`(test_\w+)`", note)
        assert tests or note.startswith("Reason:"), number
        assert set(tests) <= defined, (number, set(tests) - defined)
