"""pytest plugin of `make duties`: writes, for each test that names a duty, its outcome (JSON, path in LME_DUTIES)."""

import json
import os
from pathlib import Path

import pytest

_outcomes: dict[str, dict[str, object]] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        ids = [duty for mark in item.iter_markers("norm") for duty in mark.args]
        item.user_properties.append(("norm", ids))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    ids = dict(report.user_properties).get("norm")
    if not ids:
        return
    known = _outcomes.setdefault(report.nodeid, {"duties": ids, "passed": False, "failed": False})
    if report.when == "call":
        known["passed"] = report.passed
    known["failed"] = bool(known["failed"]) or report.failed


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        Path(os.environ["LME_DUTIES"]).write_text(json.dumps(_outcomes), encoding="utf-8")
