"""The planted violations still apply, and each proves a duty that exists by a test that names it."""

import importlib
from pathlib import Path

import pytest

from tests.house.duties import ROOT, Violation, matrix, violations


@pytest.mark.parametrize("violation", violations(), ids=lambda violation: violation.name)
def test_violation_applies_and_its_test_names_the_duty(violation: Violation) -> None:
    assert (ROOT / violation.file).read_text("utf-8").count(violation.removes) == 1
    assert set(violation.duties) <= set(matrix())
    path, _, name = violation.test.partition("::")
    module = importlib.import_module(Path(path).with_suffix("").as_posix().replace("/", "."))
    marks = getattr(getattr(module, name), "pytestmark", [])
    named = {duty for mark in marks if mark.name == "norm" for duty in mark.args}
    assert set(violation.duties) <= named
