"""Walls that import-linter cannot draw: private modules, one clock, one place that commits, no RUN of a real person."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "lme_operator"
PRIVATE = {"records", "store"}
CLOCK_CALLS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "localtime", "gmtime"}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_records_and_store_are_private_to_their_room() -> None:
    strangers = [
        f"{path}: {name}"
        for path, tree in modules()
        for name in imported(tree)
        if name.startswith("lme_operator.domain.")
        and PRIVATE & set(name.split(".")[3:])
        and path.parts[:3] != ("lme_operator", "domain", name.split(".")[2])
    ]
    assert strangers == []


def test_nobody_reads_the_clock_outside_core_clock() -> None:
    """One clock for all processes: a second one would let a moved or wrong clock decide differently."""
    found = []
    for path, tree in modules():
        if path.as_posix() == "lme_operator/core/clock.py":
            continue
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if node.func.attr in CLOCK_CALLS and name in {"datetime", "date", "time"}:
                found.append(f"{path}:{node.lineno}")
    assert found == []


def test_nobody_commits_outside_the_unit_of_work() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        if path.as_posix() != "lme_operator/core/database.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "begin", "begin_nested"}
        and not node.args  # a transaction's take none; an effect's `begin` is given its promise
        and not path.as_posix().startswith("lme_operator/entrypoints/cli/")
    ]
    assert found == []


@pytest.mark.parametrize("word", ["now()", "current_timestamp", "clock_timestamp", "localtimestamp"])
def test_sql_never_asks_the_server_for_the_time(word: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}"
        for folder in (PACKAGE / "domain", PACKAGE / "core", ROOT / "migrations" / "versions")
        for path in folder.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if f'"{word}' in line.lower() or f"default {word}" in line.lower()
    ]
    assert found == []
