"""The catalogue of refusals is total: each one has words, remedy and a citation that resolves, and can be shown."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import lme_operator
from lme_operator.core.citation import DUTY, STEP, is_citation
from lme_operator.core.decision import Finding
from lme_operator.core.refusal import Refusal, RefusalKind, catalogue
from lme_operator.domain.norms import load_protocols
from lme_operator.entrypoints.api.docs import render_page
from lme_operator.entrypoints.api.openapi import build_openapi
from lme_operator.entrypoints.http.headers import install_headers
from lme_operator.entrypoints.http.problems import install_problems
from tests.factories.people import norms

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_STATUSES = {400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 503}
_INFORMAL = re.compile(
    r"\b(tú|tu|tus|tienes|debes|puedes|quieres)\b|(?:^|[.;:] )(Usa|Envía|Revisa|Escribe|Espera|Haz|Vuelve|Entra|Pide)\b"
)
_ENGLISH = re.compile(r"\b(the|error|invalid|not|please|request|must)\b", re.IGNORECASE)


def import_everything() -> None:
    for module in pkgutil.walk_packages(lme_operator.__path__, "lme_operator."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


import_everything()
KINDS = catalogue()


def citations() -> set[str]:
    duties = set(re.findall(r"^\| ((?:N|M)-[0-9.]+[a-l]?) \|", (ROOT / "protocols/matriz.md").read_text("utf-8"), re.M))
    steps = {protocol.citation(step.id) for protocol in load_protocols(ROOT / "protocols") for step in protocol.steps}
    return duties | steps


def test_catalogue_is_not_empty() -> None:
    assert len(KINDS) > 40


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.code))
def test_refusal_says_what_happened_what_to_do_and_why(kind: RefusalKind) -> None:
    assert _CODE.fullmatch(kind.code)
    assert kind.status in _STATUSES
    for text in (kind.words, kind.remedy):
        assert text.strip() == text
        assert text[0] == text[0].upper()
        assert text.endswith((".", "?"))
        assert not _ENGLISH.search(text)
        assert not _INFORMAL.search(text), "usted, not tú"
    assert is_citation(kind.citation)
    if DUTY.fullmatch(kind.citation) or STEP.fullmatch(kind.citation):
        assert kind.citation in citations()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.code))
def test_refusal_is_rendered_with_its_reasons(kind: RefusalKind) -> None:
    findings = (
        Finding(code="una_causa", cause="Causa.", norm="N-2.4a", remedy="Remedio."),
        Finding(code="un_campo", cause="Falta.", norm="N-2.4a", remedy="Escríbalo.", pointer="/campo"),
    )
    plain, reasoned = _answer(Refusal(kind)), _answer(Refusal(kind, findings=findings, retry_after=7))
    for answer in (plain, reasoned):
        assert answer.status_code == kind.status
        assert answer.content_type == "application/problem+json"
        assert answer.json["codigo"] == kind.code
        assert (answer.json["title"], answer.json["detail"]) == (kind.words, kind.remedy)
        assert ("WWW-Authenticate" in answer.headers) == (kind.status == 401)
    assert reasoned.headers["Retry-After"] == "7"
    assert reasoned.json["motivos"] == [
        {"codigo": "una_causa", "causa": "Causa.", "norma": "N-2.4a", "remedio": "Remedio."}
    ]
    assert reasoned.json["errores"] == [{"puntero": "/campo", "codigo": "un_campo", "mensaje": "Falta. Escríbalo."}]
    assert bool(plain.json.get("motivos")) == (kind.status == 403)


def _answer(refusal: Refusal) -> Any:
    app = Flask("rechazos", static_folder=None)
    app.config["REQUEST_SECONDS"] = 2.0

    def refuse() -> str:
        raise refusal

    app.add_url_rule("/", "refuse", refuse)
    install_problems(app)
    install_headers(app, production=False)
    return app.test_client().get("/")


def test_every_refusal_has_its_anchor_in_the_documentation() -> None:
    document = build_openapi((), info={"title": "x", "version": "1", "description": "x"}, schemes={})
    page = render_page(document, address="https://operador.example", norms=norms(), at=AT, testing=True).content
    assert isinstance(page, bytes)
    anchors = re.findall(r'<dt id="([a-z0-9_]+)">', page.decode())
    assert anchors == [kind.code for kind in catalogue()]  # other tests of this process may have defined one


def test_nobody_raises_a_refusal_that_is_not_in_the_catalogue() -> None:
    """`RefusalKind(…)` is built by `core.refusal.refusal` alone."""
    builders = [str(path) for path, tree in _trees() for node in ast.walk(tree) if _calls(node, "RefusalKind")]
    assert builders == [str(ROOT / "lme_operator/core/refusal.py")]


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "lme_operator").rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
