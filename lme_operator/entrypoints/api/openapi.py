"""OpenAPI 3.1, generated from the declared routes and their models."""

import re
from collections.abc import Collection, Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, WithJsonSchema
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from lme_operator.core.canonical import Json
from lme_operator.core.refusal import (
    IDEMPOTENCY_KEY_INVALID,
    IDEMPOTENCY_KEY_MISSING,
    IDEMPOTENCY_KEY_REUSED,
    IDEMPOTENCY_RUNNING,
    PERSON_BUSY,
    RefusalKind,
)
from lme_operator.entrypoints.api.finding_codes import FIELDS, REASONS
from lme_operator.entrypoints.http import problems, refusals
from lme_operator.entrypoints.http.people import SCHEME
from lme_operator.entrypoints.http.routes import REDUCED, REPLAYED, WHOLE, Idempotency, Route
from lme_operator.entrypoints.http.types import Shown

_PARAMETER = re.compile(r"\{([a-z_]+)\}")
_REF = "#/components/schemas/"
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Una clave por acto; la misma al reintentar. Entre 1 y 255 caracteres ASCII visibles, sin comas.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-+\\--~]+$"},
}
_REPLAYED = {
    "description": "`true` cuando se repite la respuesta de una solicitud anterior igual.",
    "schema": {"type": "string", "enum": [WHOLE]},
}
_REDUCED = {
    "description": "`reducida`: el acto se hizo antes, y quien pregunta no puede leer ahora su resultado.",
    "schema": {"type": "string", "enum": [REDUCED]},
}
_LEFT = (
    "El acto ya se había hecho, con esta misma clave. Como la sesión no puede leer ahora su resultado, se muestra sólo "
    "cuál fue; los motivos están en `GET /api/v1/profesional/estado`."
)


def _open_enum(codes: Iterable[str]) -> WithJsonSchema:
    """A text that today is one of `codes`: additions are free, so whoever reads must bear with others."""
    return WithJsonSchema({"anyOf": [{"enum": list(codes)}, {"type": "string"}]})


class FieldFinding(Shown, title="ErrorDeCampo"):
    """A field to mend."""

    puntero: str
    codigo: Annotated[str, _open_enum(FIELDS)]
    mensaje: str


class Reason(Shown, title="Motivo"):
    """One reason, with its norm and what can be done."""

    codigo: Annotated[str, _open_enum(REASONS)]
    causa: str
    norma: str
    remedio: str


class Problem(Shown, title="Problema"):
    """Problem document, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    codigo: str
    id_solicitud: str
    errores: tuple[FieldFinding, ...] = ()
    motivos: tuple[Reason, ...] = ()


def build_openapi(
    routes: Iterable[Route[Any, Any]], *, info: Mapping[str, Json], schemes: Mapping[str, Json]
) -> dict[str, Json]:
    """Build the document; `schemes` are the security schemes that the guards name."""
    listed = tuple(routes)
    schemas = _Schemas(listed)
    paths: dict[str, Json] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": dict(info),
        "servers": [{"url": "/"}],
        "tags": [{"name": subject} for subject in dict.fromkeys(route.subject for route in listed)],
        "paths": paths,
        "components": {"schemas": schemas.definitions, "securitySchemes": dict(schemes)},
    }


class _Schemas:
    """Every model's schema, under its Spanish title."""

    def __init__(self, routes: Iterable[Route[Any, Any]]) -> None:
        wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
        for route in routes:
            if route.input is not None:
                wanted.append((route.input, "validation"))
            wanted += [(model, "serialization") for model in (route.answer, route.reduced) if isinstance(model, type)]
            wanted += [(model, "serialization") for model in route.problem_models.values()]
        references, document = models_json_schema(list(dict.fromkeys(wanted)), ref_template=_REF + "{model}")
        renamed = {key: str(schema.get("title", key)) for key, schema in document["$defs"].items()}
        self._references = {wanted: _rename(ref, renamed) for wanted, ref in references.items()}
        self.definitions = {renamed[key]: _tidy(_rename(schema, renamed)) for key, schema in document["$defs"].items()}

    def reference(self, model: type[BaseModel], mode: JsonSchemaMode) -> Json:
        """The `$ref` of a model."""
        return self._references[(model, mode)]

    def properties(self, model: type[BaseModel]) -> list[tuple[str, Json, bool]]:
        """Name, schema and whether required, for each field of a query model."""
        schema = self.definitions[self.reference(model, "validation")["$ref"].removeprefix(_REF)]
        required = schema.get("required", ())
        return [(name, one, name in required) for name, one in schema.get("properties", {}).items()]


def _rename(value: Json, names: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {key: _rename(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    if isinstance(value, str) and value.startswith(_REF):
        return _REF + names[value.removeprefix(_REF)]
    return value


def _tidy(schema: Json) -> Json:
    """Without the docstrings and titles that pydantic adds: they are for us, in English."""
    kept = {key: value for key, value in schema.items() if key not in ("title", "description")}
    if "properties" in kept:
        kept["properties"] = {
            name: {key: value for key, value in one.items() if key != "title"}
            for name, one in kept["properties"].items()
        }
    return kept


def _operation(route: Route[Any, Any], schemas: _Schemas) -> Json:
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        for name in _PARAMETER.findall(route.path)
    ]
    operation: dict[str, Json] = {"operationId": route.name, "summary": route.summary, "tags": [route.subject]}
    if route.input is not None and route.method == "GET":
        parameters += [
            {"name": name, "in": "query", "required": required, "schema": schema}
            for name, schema, required in schemas.properties(route.input)
        ]
    elif route.input is not None:
        operation["requestBody"] = {
            "required": any(field.is_required() for field in route.input.model_fields.values()),
            "content": {"application/json": {"schema": schemas.reference(route.input, "validation")}},
        }
    if route.idempotency is not Idempotency.NONE:
        parameters.append({**_KEY, "required": route.idempotency is Idempotency.REQUIRED})
    if parameters:
        operation["parameters"] = parameters
    operation["security"] = [] if route.guard.scheme is None else [{route.guard.scheme: []}]
    operation["responses"] = _success(route, schemas) | _problems(route, schemas)
    return operation


def _success(route: Route[Any, Any], schemas: _Schemas) -> dict[str, Json]:
    success: dict[str, Json] = {"description": route.summary}
    if isinstance(route.answer, str):
        media_type = route.answer.partition(";")[0]
        success["content"] = {media_type: {"schema": {"type": "string", "contentMediaType": media_type}}}
    elif route.answer is not None:
        success["content"] = {"application/json": {"schema": schemas.reference(route.answer, "serialization")}}
    if route.idempotency is not Idempotency.NONE:
        success["headers"] = {REPLAYED: _REPLAYED}
    answers: dict[str, Json] = {str(int(route.status)): success}
    if route.reduced is not None:
        shown = {"application/json": {"schema": schemas.reference(route.reduced, "serialization")}}
        reduced = {"description": _LEFT, "headers": {REPLAYED: {**_REDUCED, "required": True}}, "content": shown}
        answers[str(int(HTTPStatus.OK))] = reduced
    return answers


def _problems(route: Route[Any, Any], schemas: _Schemas) -> dict[str, Json]:
    by_status: dict[int, list[RefusalKind]] = {}
    for kind in problem_kinds(route):
        by_status.setdefault(kind.status, []).append(kind)
    return {
        str(status): {
            "description": "\n".join(f"`{kind.code}`: {kind.words}" for kind in kinds),
            "content": {problems.MEDIA_TYPE: {"schema": _problem_schema(route, kinds, schemas)}},
        }
        for status, kinds in sorted(by_status.items())
    }


def _problem_schema(route: Route[Any, Any], kinds: Collection[RefusalKind], schemas: _Schemas) -> Json:
    """The schema of a problem of `kinds`; where one of them has members of its own, either."""
    plain = schemas.reference(Problem, "serialization")
    own = [schemas.reference(model, "serialization") for kind, model in route.problem_models.items() if kind in kinds]
    return {"anyOf": [*own, plain]} if own else plain


def problem_kinds(route: Route[Any, Any]) -> tuple[RefusalKind, ...]:
    """What may go wrong at a route: by its shape, and by what it says of itself."""
    kinds: list[RefusalKind] = [refusals.BAD_REQUEST, refusals.ONLY_HTTPS, refusals.INTERNAL, refusals.UNAVAILABLE]
    if not route.priority:
        kinds += [refusals.BUSY]
    if route.method != "GET":
        kinds += [refusals.TOO_LARGE, refusals.BODY_TOO_SLOW, refusals.NOT_JSON, refusals.OUTCOME_UNKNOWN]
    if route.method != "GET" and route.input is not None:
        kinds += [refusals.BAD_JSON]
    if route.input is not None or route.guard.scheme is not None:
        kinds += [refusals.INVALID_DATA]
    if "{" in route.path:
        kinds += [refusals.NOT_FOUND]
    if route.idempotency is Idempotency.REQUIRED:
        kinds += [IDEMPOTENCY_KEY_MISSING]
    if route.idempotency is not Idempotency.NONE:
        kinds += [IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_RUNNING]
    if route.guard.scheme == SCHEME and route.method == "POST" and not route.priority:
        kinds += [PERSON_BUSY]
    return tuple(dict.fromkeys((*kinds, *route.guard.problems, *route.problems)))
