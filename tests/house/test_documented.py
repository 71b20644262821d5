"""What may be refused is published: every kind on the routes that refuse it, every code of a finding with a word."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lme_operator.domain.standing.rules import known_causes
from lme_operator.entrypoints.api.finding_codes import FIELDS, REASONS
from lme_operator.entrypoints.api.openapi import problem_kinds
from lme_operator.entrypoints.http.spanish import _GENERAL, _WORDS
from lme_operator.wiring import api_routes
from tests.factories.web import operator_of, web_settings

SOURCE = Path(__file__).parents[2] / "lme_operator"

ELSEWHERE = {
    "domain/enrolment": "officers enrol at the console",
    "domain/identity": "documents are handed in at the console",
    "domain/mandates": "founders and the command line; what machines meet is on their guard",
    "domain/rnpi": "consultations are shown at the console; their causes are those of `standing`",
    "entrypoints/console": "pages",
    "entrypoints/pages": "pages",
}
"""Folders and files whose refusals and findings never reach the API, and why."""

NOT_OF_THE_API = {
    "metodo_no_permitido": "no route was met",
    "solicitud_rechazada": "whatever else HTTP itself refuses",
    "formulario_no_legible": "forms are of pages",
    "formulario_no_admitido": "forms are of pages",
    "archivo_demasiado_grande": "files are handed in at pages",
    "orden_firmada_por_la_autoridad": "only people order at pages",
    "orden_sobre_si_mismo": "only people order at pages",
    "demasiadas_busquedas": "only people look up at pages",
    "no_puede_redactar": "drafts are of pages",
    "borrador_inexistente": "drafts are of pages",
    "demasiados_borradores": "drafts are of pages",
    "borrador_demasiado_grande": "drafts are of pages",
    "borrador_cambiado": "drafts are of pages",
    "pagina_inexistente": "lists are of pages",
    "no_puede_ver_pruebas_de_llaves": "proofs of keys are taken at pages",
    "primer_acceso_no_pendiente": "officers and founders issue first accesses at pages",
    "primer_acceso_pendiente": "officers and founders issue first accesses at pages",
    "recuperacion_no_aceptada": "a forgotten password comes back at pages",
    "codigo_de_contacto_incorrecto": "codes to a telephone or address are asked for at pages",
    "codigo_de_contacto_vencido": "codes to a telephone or address are asked for at pages",
    "demasiados_envios": "codes to a telephone or address are asked for at pages",
    "llave_inexistente": "keys are retired at pages",
    "ultimo_factor": "keys are retired at pages",
    "sin_prestadores_acreditados": "keys are endorsed at pages",
    "llave_no_avalable": "keys are endorsed at pages",
    "llave_ya_avalada": "keys are endorsed at pages",
    "aval_rechazado": "keys are endorsed at pages",
    "certificado_ya_vencido": "keys are endorsed at pages",
}
_CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


@pytest.fixture
def published(tmp_path: Path, application_url: str, clock: Any) -> set[str]:
    """The codes that some route of the API publishes."""
    with operator_of(web_settings(tmp_path, application_url), clock) as operator:
        return {kind.code for route in api_routes(operator) for kind in problem_kinds(route)}


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE).with_suffix(""))
        if not any(name.startswith(folder) for folder in ELSEWHERE):
            yield name, ast.parse(path.read_text("utf-8"))


def _calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_every_kind_that_the_api_can_refuse_is_published_on_a_route(published: set[str]) -> None:
    defined = {
        str(_text(keyword.value))
        for _, tree in _sources()
        for call in _calls(tree, "refusal")
        for keyword in call.keywords
        if keyword.arg == "code"
    }
    assert len(defined) > 40
    assert defined - published == set(NOT_OF_THE_API), "add it to `problems` of its routes, or say here why not"


def test_every_code_of_a_finding_is_published_with_a_word() -> None:
    reasons, fields = set(known_causes()), {code for code, _, _ in (*_WORDS.values(), _GENERAL)}
    for name, tree in _sources():
        for call in _calls(tree, "Finding", "finding", "_finding", "refuse", "_Flaw", "_shape"):
            code = _code(call)
            if code is not None:
                (fields if _points(name, call) else reasons).add(code)
        fields |= _kinds_said_at_fields(tree)
    assert set(REASONS) == reasons
    assert set(FIELDS) == fields


def _kinds_said_at_fields(tree: ast.Module) -> set[str]:
    """The codes of the kinds of refusal that this file says as the reason at a field."""
    kinds = _kinds(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).endswith(".refusals"):
            known = _kinds(ast.parse((SOURCE.parent / f"{str(node.module).replace('.', '/')}.py").read_text("utf-8")))
            kinds |= {alias.name: known[alias.name] for alias in node.names if alias.name in known}
    said = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    return {
        kinds[one.value.id]
        for one in said
        if isinstance(one, ast.Attribute)
        and one.attr == "finding"
        and isinstance(one.value, ast.Name)
        and one.value.id in kinds
    }


def _kinds(tree: ast.Module) -> dict[str, str]:
    """The kinds of refusal that this file defines: name → code."""
    return {
        node.targets[0].id: next(str(_text(one.value)) for one in node.value.keywords if one.arg == "code")
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.targets[0], ast.Name)
        and ast.unparse(node.value.func) == "refusal"
    }


def _code(call: ast.Call) -> str | None:
    """The code that a finding is built with, if it stands there."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    return next((text for text in map(_text, (*named, *call.args)) if text and _CODE.fullmatch(text)), None)


def _points(name: str, call: ast.Call) -> bool:
    """Whether the finding points at a field: those of checks, of types and of passwords always do."""
    return (
        any(keyword.arg == "pointer" for keyword in call.keywords)
        or name.startswith(("domain/licences/checks/", "domain/credentials/rules"))
        or ast.unparse(call.func) in ("refuse", "_Flaw", "_shape")
    )


def test_words_of_codes_are_for_people() -> None:
    for words in (*REASONS.values(), *FIELDS.values()):
        assert re.fullmatch(r"[A-ZÁÉÍÓÚÑ].*[.]", words)
