"""The program speaks Spanish, click's own words included."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import click
import pytest
from click.testing import CliRunner

from lme_operator.entrypoints.cli import Composition, program
from lme_operator.entrypoints.cli.spanish import PLURALS, WORDS

NOTHING = Mock(spec=Composition)
NEVER_SHOWN = (
    r"Editing failed|Windows error|shell completion|Shell completion|standard stream|Unknown color",
    r"DeprecationWarning|Show the version|%\(prog\)s, version",
    r"declaration|options defined|defined twice|same flag|Invalid start character",
    r"^d$",
)
"""Texts of what this program does not use, or of a mistake in its own code."""
_ENGLISH = re.compile(
    r"\b(usage|options?|commands?|error:? [a-z]+ing|missing|invalid|show|this|exit|try|for help|such|required|does|not|"
    r"exist|value|unexpected|got|text|integer|file|path|default)\b",
    re.IGNORECASE,
)


def texts_of_click() -> Iterator[tuple[str, ...]]:
    """Every text of the installed click that goes through gettext: one, or singular and plural."""
    for path in Path(click.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
                texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
                yield tuple(text for text in texts if isinstance(text, str)) or ("required",)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_of_click_that_can_be_shown_is_translated() -> None:
    for one, *many in texts_of_click():
        if any(re.search(pattern, one) for pattern in NEVER_SHOWN):
            continue
        if many:
            singular, plural = PLURALS[one]
            assert fields(singular) <= fields(one), one
            assert fields(plural) <= fields(many[0]), one
        else:
            assert fields(WORDS[one]) <= fields(one), one


@pytest.mark.parametrize(
    "command",
    [
        [], ["--ayuda"], ["suspender"], ["autoridad"], ["autoridad", "suspender"], ["autoridad", "levantar", "--ayuda"],
        ["autoridad", "levantar", "x", "--resolucion", "1", "--motivo", "m"], ["autoridad", "consultar", "--run", "1"],
        ["verificar"], ["verificar", "/no/existe"], ["verificar", "--confianza"], ["verificar", "--no", "x"],
        ["verificar", __file__, "b", "c"], ["inicializar"], ["inicializar", "--fundador", "x"], ["revisar", "--ayuda"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_word_of_english_is_shown(command: list[str]) -> None:
    shown = CliRunner().invoke(program, command, obj=NOTHING)
    assert shown.exit_code in (0, 2)
    assert shown.output
    words = re.sub(r"--[a-z-]+|LME_[A-Z_]+|https?://\S+|/[\w./-]+|development", "", shown.output)
    assert not _ENGLISH.search(words), words
