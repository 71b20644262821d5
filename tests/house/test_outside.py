"""Whoever asks the RNPI while a person waits has the threads and the deadline of those who ask third parties.

With less, a register that is slow but sound would look like one that does not answer (consulta-rnpi@v1#imputables).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import lme_operator
from lme_operator.domain.rnpi import Purpose
from lme_operator.domain.rnpi.quota import longest_call
from lme_operator.settings import Settings
from lme_operator.wiring import create_app
from tests.factories.people import norms
from tests.factories.web import operator_of, web_settings

ROOT = Path(lme_operator.__file__).parent
ASKING = {"ensure", "refresh", "consult"}
_BESIDES_SECONDS = 0.9
"""What a consultation keeps of the deadline to look at the witnesses and to write."""


@dataclass(frozen=True)
class Function:
    """A function or method, with the calls in its body: `(receiver's last name, called name)`."""

    module: str
    owner: str
    name: str
    calls: frozenset[tuple[str, str]]


def functions(folder: str) -> Iterator[Function]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        module = ".".join(("lme_operator", *path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            owner = node.name if isinstance(node, ast.ClassDef) else ""
            for one in node.body if isinstance(node, ast.ClassDef) else (node,):
                if isinstance(one, ast.FunctionDef):
                    yield Function(module, owner, one.name, frozenset(calls(one)))


def calls(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield "", node.func.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            value = node.func.value
            yield getattr(value, "attr", getattr(value, "id", "")), node.func.attr


def use_cases() -> set[str]:
    """Names of the public methods of rooms that ask the RNPI, themselves or by what they call."""
    known = [one for one in functions("domain") if not one.module.startswith("lme_operator.domain.rnpi")]
    asking = {one for one in known if any(receiver == "rnpi" and name in ASKING for receiver, name in one.calls)}
    while True:
        own = {(one.owner, one.name) for one in asking}
        made = {one.owner for one in asking if one.name == "__call__"}
        more = {
            one
            for one in known
            if any((receiver == "self" and (one.owner, name) in own) or name in made for receiver, name in one.calls)
        }
        if more <= asking:
            return {one.name for one in asking if not one.name.startswith("_")}
        asking |= more


def asking_doors(names: set[str]) -> set[Function]:
    """What entrypoints call those use cases by; of a method of its own that others of its class call, those others."""
    known = [one for folder in ("entrypoints/api", "entrypoints/console") for one in functions(folder)]
    found = {
        one for one in known if any(receiver not in ("", "self") and name in names for receiver, name in one.calls)
    }
    while True:
        callers = {
            inner: {
                one
                for one in known
                if (one.module, one.owner) == (inner.module, inner.owner) and ("self", inner.name) in one.calls
            }
            for inner in found
        }
        further = {one for inner in found for one in callers[inner] or {inner}}
        if further == found:
            return found
        found = further


@pytest.mark.norm("N-4a", "N-4c")
def test_every_route_that_asks_the_register_has_the_time_of_those_who_ask_outside(
    tmp_path: Path, application_url: str, clock: Any
) -> None:
    names = use_cases()
    assert names == {"enter", "enter_by_key", "prepare", "issue", "check_register"}
    doors = {(one.module, f"{one.owner}.{one.name}") for one in asking_doors(names)}
    with operator_of(web_settings(tmp_path, application_url), clock) as operator:
        routes = create_app(operator).extensions["routes"]
    handled = ((getattr(route.handle, "func", route.handle), route) for route in routes)
    served = {(handle.__module__, handle.__qualname__): route for handle, route in handled}
    assert {name for _, name in doors} >= {"_Doors.prepare", "_Doors.issue"}
    assert doors <= set(served), "asked by something that no route is known to do"
    assert [served[door].name for door in doors if not served[door].asks_outside] == []


@pytest.mark.norm("N-4c")
def test_deadline_of_those_who_ask_outside_leaves_room_for_the_whole_wait(tmp_path: Path) -> None:
    settings = Settings.load({"LME_ENV": "testing", "LME_HOME": str(tmp_path)})
    at = datetime(2026, 4, 20, tzinfo=UTC)
    longest = max(longest_call(norms(), purpose, at=at) for purpose in Purpose)
    assert settings.rnpi.budget_seconds >= longest
    assert settings.web.outside_seconds >= longest + _BESIDES_SECONDS
    assert settings.web.at_once + settings.web.outside_at_once <= settings.database.pool_size
