"""Citations resolve, released protocols do not change, parameters say what they are."""

import json
import re
from pathlib import Path

import pytest

from lme_operator.core.citation import DUTY, STEP, is_citation
from lme_operator.domain.norms import Norms, load_protocols

ROOT = Path(__file__).parents[2]
PROTOCOLS = ROOT / "protocols"
CODE = [*sorted((ROOT / "lme_operator").rglob("*.py")), *sorted((ROOT / "tests").rglob("*.py"))]
_STEP_CITED = re.compile(r"\b([a-z0-9-]+@v[0-9]+#[a-z0-9][a-z0-9-]*)")
_QUOTED_DUTY = re.compile(r'"((?:N|M)-[0-9][0-9a-z.]*)"')


def duties() -> set[str]:
    """The ids of the matrix, in its tables' first column."""
    return set(re.findall(r"^\| ((?:N|M)-[0-9.]+[a-l]?) \|", (PROTOCOLS / "matriz.md").read_text("utf-8"), re.M))


def test_matrix_is_read_whole() -> None:
    assert len(duties()) == 74
    assert all(DUTY.fullmatch(duty) for duty in duties())


def test_every_duty_cited_exists() -> None:
    unknown = {
        f"{path.relative_to(ROOT)}: {duty}"
        for path in CODE
        for duty in _QUOTED_DUTY.findall(path.read_text("utf-8"))
        if duty not in duties()
    }
    assert unknown == set()


def test_every_step_cited_exists_and_every_step_in_use_is_cited_or_done_by_people() -> None:
    """In use is the newest version of each protocol; earlier ones stay, for what was recorded under them."""
    protocols = load_protocols(PROTOCOLS)
    steps = {protocol.citation(step.id): step for protocol in protocols for step in protocol.steps}
    newest = {protocol.name: protocol for protocol in sorted(protocols, key=lambda protocol: int(protocol.version[1:]))}
    in_use = {protocol.citation(step.id) for protocol in newest.values() for step in protocol.steps}
    text = (PROTOCOLS / "parametros.toml").read_text("utf-8") + "".join(
        path.read_text("utf-8") for path in CODE if "lme_operator" in path.parts
    )
    cited = set(_STEP_CITED.findall(text))
    assert cited - set(steps) == set()
    by_code = {citation for citation, step in steps.items() if citation in in_use and not step.by_people}
    assert by_code - cited == set()


def test_released_protocols_match_their_digest() -> None:
    """A released version never changes: a correction is a new version."""
    released = json.loads((PROTOCOLS / "liberados.json").read_text("utf-8"))
    assert {
        f"{protocol.name}/{protocol.version}": protocol.digest for protocol in load_protocols(PROTOCOLS)
    } == released


def test_parameters_cite_and_say_whether_they_are_law() -> None:
    parameters = Norms.load(PROTOCOLS).all()
    assert parameters
    for parameter in parameters:
        assert is_citation(parameter.citation)
        assert DUTY.fullmatch(parameter.citation) or STEP.fullmatch(parameter.citation) or parameter.assumed


@pytest.mark.parametrize("field", ["calidad", "cita", "fuente"])
def test_parameter_without_a_field_is_refused(tmp_path: Path, field: str) -> None:
    lines = (PROTOCOLS / "parametros.toml").read_text("utf-8").split("\n")
    lines.remove(next(line for line in lines if line.startswith(field)))
    (tmp_path / "parametros.toml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(ValueError, match="fields must be exactly"):
        Norms.load(tmp_path)
