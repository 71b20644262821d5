"""`/api/openapi.json` and `/api/docs`: the contract as generated from the code, for machines and for people.

The page is rendered on the server, once a day so that its examples can be sent as they are; it needs no script and
nothing from elsewhere.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from lme_operator.core.canonical import Json
from lme_operator.core.clock import Clock
from lme_operator.core.periods import local_day
from lme_operator.core.refusal import catalogue
from lme_operator.domain.norms import Norms
from lme_operator.entrypoints.api.finding_codes import FIELDS, REASONS
from lme_operator.entrypoints.api.openapi import build_openapi
from lme_operator.entrypoints.api.professional.order import example_on
from lme_operator.entrypoints.http.routes import OPEN, Answer, Call, Route

INFO = {
    "title": "API del operador de licencia médica electrónica",
    "version": "1.0.0",
    "description": "Contrato estable: se agrega sin aviso; nada de lo publicado cambia de sentido.",
}
SCHEMES = {
    "sesion": {
        "type": "http",
        "scheme": "bearer",
        "description": "Sesión de una persona: el `token` de POST /api/v1/sesiones.",
    },
    "firma": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "Solicitud firmada por una máquina (RFC 9421), con Signature-Input y Content-Digest.",
    },
}
_WHO = {"sesion": "Una persona con sesión.", "firma": "Una máquina registrada, con la solicitud firmada."}
_PLACES = {"path": "En la dirección", "query": "En la consulta", "header": "En la cabecera"}
_CODE = re.compile(r"^`([a-z0-9_]+)`:", re.MULTILINE)
_SCHEMA = "#/components/schemas/"


def docs_routes(
    routes: Iterable[Route[Any, Any]], *, address: str, clock: Clock, norms: Norms, testing: bool
) -> tuple[Route[Any, Any], ...]:
    """Return the routes that publish `routes` and themselves; examples call `address`, and `testing` systems say so."""
    doors = _Doors(address, clock, norms, testing)
    own: tuple[Route[Any, Any], ...] = (
        Route(
            method="GET",
            path="/api/openapi.json",
            name="openapi",
            summary="Este contrato, en OpenAPI 3.1.",
            subject="Documentación",
            guard=OPEN,
            handle=doors.openapi,
            answer="application/json",
        ),
        Route(
            method="GET",
            path="/api/docs",
            name="documentacion",
            summary="Este contrato, para leer.",
            subject="Documentación",
            guard=OPEN,
            handle=doors.page,
            answer="text/html; charset=utf-8",
        ),
    )
    doors.described = (*routes, *own)
    return own


@dataclass
class _Doors:
    address: str
    clock: Clock
    norms: Norms
    testing: bool
    described: tuple[Route[Any, Any], ...] = ()
    """These routes too, so they come after them."""
    _page: tuple[date, Answer] | None = None

    @cached_property
    def document(self) -> Json:
        """Made when somebody asks for it first: each worker of each start would pay for it, and few are asked."""
        return build_openapi(self.described, info=INFO, schemes=SCHEMES)

    def openapi(self, _call: Call[None, None]) -> Answer:
        return Answer(json.dumps(self.document, ensure_ascii=False).encode())

    def page(self, _call: Call[None, None]) -> Answer:
        at = self.clock()
        if self._page is None or self._page[0] != local_day(at):
            page = render_page(self.document, address=self.address, norms=self.norms, at=at, testing=self.testing)
            self._page = local_day(at), page
        return self._page[1]


def render_page(document: Json, *, address: str, norms: Norms, at: datetime, testing: bool) -> Answer:
    """Render the page of an OpenAPI document; its policy allows its own style sheet and nothing else."""
    today = local_day(at)
    folder = resources.files(__package__) / "templates"
    style = (folder / "docs.css").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string((folder / "docs.html").read_text(encoding="utf-8")).render(
        openapi=document,
        style=Markup(style),  # noqa: S704 - our own file
        base=address,
        order=json.dumps(example_on(today), ensure_ascii=False, indent=2),
        today=today.isoformat(),
        testing=testing,
        most_preparations=norms.parameter("preparacion.vivas_por_persona", at=at).number,
        preparation_minutes=norms.parameter("preparacion.vigencia_minutos", at=at).number,
        subjects=_subjects(document),
        schemas=[
            (name, _fields(schema))
            for name, schema in sorted(document["components"]["schemas"].items())
            if "properties" in schema
        ],
        kinds=catalogue(),
        reasons=REASONS,
        fields=FIELDS,
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return Answer(page.encode(), headers={"Content-Security-Policy": policy})


def _subjects(document: Json) -> list[tuple[str, list[dict[str, Any]]]]:
    subjects: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            subjects[operation["tags"][0]].append(_operation(path, method, operation))
    return list(subjects.items())


def _operation(path: str, method: str, operation: Json) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "operationId": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "who": " ".join(_WHO[name] for scheme in operation["security"] for name in scheme) or "Cualquiera.",
        "parameters": [
            {"name": one["name"], "place": _PLACES[one["in"]], "required": one["required"]}
            for one in operation.get("parameters", ())
        ],
        "body": body["schema"]["$ref"].removeprefix(_SCHEMA) if body else None,
        "responses": [_response(status, one) for status, one in operation["responses"].items()],
    }


def _response(status: str, response: Json) -> dict[str, Any]:
    media, content = next(iter(response.get("content", {"": {"schema": {}}}).items()))
    one, *others = content["schema"].get("anyOf", [content["schema"]])
    return {
        "status": status,
        "media": media,
        "schema": one.get("$ref", "").removeprefix(_SCHEMA),
        "codes": _CODE.findall(response["description"]),
        "has_own": bool(others),
    }


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a field's shape: a link to a schema, or words."""

    schema: str | None = None
    text: str = ""


def _fields(schema: Json) -> list[dict[str, Any]]:
    required = schema.get("required", ())
    return [
        {"name": name, "shape": _shape(one), "required": name in required} for name, one in schema["properties"].items()
    ]


def _shape(schema: Json) -> list[_Part]:
    """Say in words and links what a value looks like."""
    if {"type": "string"} in schema.get("anyOf", ()):
        return [_Part(text="texto: uno de los códigos enumerados en Errores, u otro que se agregue")]
    if "$ref" in schema:
        return [_Part(schema=schema["$ref"].removeprefix(_SCHEMA))]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            branches = [_shape(branch) for branch in schema[union]]
            return [part for branch in branches for part in (*branch, _Part(text=" o "))][:-1]
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return [_Part(text=", ".join(f"«{value}»" for value in values))]
    if schema.get("type") == "array":
        items = schema.get("items", {})
        return [_Part(text="lista de "), *_shape(items)] if items else [_Part(text="lista")]
    return [_Part(text=_words(schema))]


def _words(schema: Json) -> str:
    kind = {
        "string": "texto",
        "integer": "entero",
        "boolean": "verdadero o falso",
        "object": "objeto",
        "number": "número",
        "null": "nada",
    }.get(str(schema.get("type")), "cualquier valor")
    form = {"date": "fecha", "date-time": "fecha y hora", "uuid": "UUID"}.get(str(schema.get("format")))
    limits = [
        f"{words} {schema[name]}"
        for name, words in (
            ("minimum", "desde"),
            ("maximum", "hasta"),
            ("minLength", "mínimo"),
            ("maxLength", "máximo"),
            ("pattern", "forma"),
        )
        if name in schema
    ]
    return ", ".join([form or kind, *limits])
