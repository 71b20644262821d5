"""The published contract: a page that anybody can read, examples that work, models that say what is accepted."""

import html
import html.parser
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from lme_operator.entrypoints.api.docs import render_page
from lme_operator.entrypoints.api.openapi import build_openapi
from lme_operator.entrypoints.api.professional.order import EXAMPLE, OrderModel
from lme_operator.entrypoints.http.input import validate
from tests.factories.people import norms
from tests.factories.web import Web


class Page(html.parser.HTMLParser):
    """Headings, links, ids and elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "a" and attributes.get("href"):
            self.links.append(str(attributes["href"]))
        if attributes.get("id"):
            self.ids.append(str(attributes["id"]))


@pytest.fixture
def page(web: Web) -> Page:
    return Page(web.get("/api/docs").text)


def test_page_needs_no_script_and_nothing_from_elsewhere(web: Web, page: Page) -> None:
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "iframe", "link", "object", "form"}
    assert not any(link.startswith(("http:", "https:", "//")) for link in page.links)
    assert not any(name.startswith("on") or name == "style" for _, attributes in page.elements for name in attributes)
    policy = web.get("/api/docs").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_page_can_be_read_by_everybody(page: Page) -> None:
    by_tag: dict[str, list[dict[str, str | None]]] = {}
    for tag, attributes in page.elements:
        by_tag.setdefault(tag, []).append(attributes)
    assert by_tag["html"][0]["lang"] == "es-CL"
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.links[0] == "#contenido"
    assert len(by_tag["caption"]) == len(by_tag["table"])
    assert all(attributes.get("scope") for attributes in by_tag["th"])
    assert {"main", "nav", "header", "title"} <= set(by_tag)


def test_every_link_of_the_page_leads_somewhere(web: Web, page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    for link in set(page.links):
        if link.startswith("#"):
            assert link[1:] in page.ids, link
        else:
            assert web.get(link).status_code == 200, link


def test_every_type_of_a_problem_is_an_anchor(web: Web, page: Page) -> None:
    for answer in (web.get("/no/existe"), web.post("/api/v1/sesiones", {}), web.get("/api/v1/profesional/estado")):
        path, _, anchor = answer.json["type"].partition("#")
        assert path == "/api/docs"
        assert anchor in page.ids


@pytest.mark.parametrize("days", [0, 1, 45])
def test_example_of_the_page_is_issued_whatever_the_day(web: Web, days: int) -> None:
    web.get("/api/docs")
    web.clock.advance(seconds=86400 * days)
    token = web.enter(web.enrol())
    shown = html.unescape(web.get("/api/docs").text)
    example = next(block for block in re.findall(r"<code>(\{.*?)</code>", shown, re.DOTALL) if "trabajador" in block)
    prepared = web.prepare(token, json.loads(example))
    assert prepared.status_code == 201, prepared.text
    assert web.issue(token, prepared.json["preparacion"]).status_code == 201


def test_page_of_a_test_system_says_so_and_that_of_production_does_not() -> None:
    document = build_openapi((), info={"title": "x", "version": "1", "description": "x"}, schemes={})
    at = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)
    shown = {
        testing: str(render_page(document, address="https://x", norms=norms(), at=at, testing=testing).content)
        for testing in (True, False)
    }
    assert "PRUEBAS" in shown[True]
    assert "PRUEBAS" not in shown[False]


def test_page_tells_how_many_preparations_may_live(web: Web) -> None:
    text = re.sub(r"\s+", " ", web.get("/api/docs").text)
    assert "vive 15 minutos" in text
    assert "a lo más 5 sin emitir" in text


def test_contract_lists_the_fields_of_the_order(web: Web) -> None:
    schemas = web.get("/api/openapi.json").json["components"]["schemas"]
    order = schemas["OrdenDeLicencia"]
    assert set(order["properties"]) == {
        "trabajador", "hijo", "empleador", "tipo", "fecha_inicio_reposo", "dias", "reposo", "recuperabilidad",
        "inicio_tramite_invalidez", "fecha_hora_accidente", "trayecto", "fecha_concepcion", "diagnostico", "atencion",
        "certificacion_paciente",
    }  # fmt: skip
    assert order["additionalProperties"] is False
    assert set(order["properties"]) - set(order["required"]) == {
        "hijo", "empleador", "fecha_hora_accidente", "trayecto", "fecha_concepcion"
    }  # fmt: skip
    assert set(schemas["Persona"]["required"]) == {"run", "nombres", "apellido_paterno", "fecha_nacimiento", "sexo"}
    assert schemas["Persona"]["properties"]["nombres"]["maxLength"] == 60
    assert schemas["Diagnostico"]["properties"]["principal"]["maxLength"] == 511


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        ("Sesion", {"token", "vence_en", "contexto", "puede_emitir", "avisos"}),
        (
            "Preparacion",
            {"preparacion", "folio", "fecha_emision", "vence_en", "documento", "digest", "desafio_webauthn", "avisos"},
        ),
        (
            "Licencia",
            {
                "id",
                "folio",
                "estado",
                "estado_glosa",
                "estado_detalle",
                "emitida_en",
                "codigo_verificacion",
                "recibo",
                "enlaces",
            },
        ),
        ("Recibo", {"entrada", "divulgaciones", "indice", "tamano", "raiz", "prueba", "punto_de_control"}),
        ("Motivo", {"codigo", "causa", "norma", "remedio"}),
        ("ErrorDeCampo", {"puntero", "codigo", "mensaje"}),
    ],
)
def test_contract_lists_the_fields_of_each_answer(web: Web, schema: str, fields: set[str]) -> None:
    schemas: dict[str, Any] = web.get("/api/openapi.json").json["components"]["schemas"]
    assert set(schemas[schema]["properties"]) == fields


def test_contract_shows_the_token_of_who_must_change_the_password(web: Web) -> None:
    document = web.get("/api/openapi.json").json
    due = document["paths"]["/api/v1/sesiones"]["post"]["responses"]["403"]["content"]["application/problem+json"]
    own, plain = (one["$ref"].rpartition("/")[2] for one in due["schema"]["anyOf"])
    answer = web.post("/api/v1/sesiones", web.entry(web.enrol(initial=True)))
    assert answer.json["codigo"] == "debe_cambiar_clave"
    schemas = document["components"]["schemas"]
    assert set(schemas[own]["properties"]) - set(schemas[plain]["properties"]) == {"token", "vence_en"}
    assert set(answer.json) == set(schemas[own]["properties"]) - {"errores"}
    assert f'href="#esquema-{own}"' in web.get("/api/docs").text


def test_answers_follow_their_published_schema(web: Web, doctor: str) -> None:
    """What is sent has exactly the fields that are published."""
    schemas = web.get("/api/openapi.json").json["components"]["schemas"]
    prepared = web.prepare(doctor).json
    issued = web.issue(doctor, prepared["preparacion"]).json
    assert set(prepared) == set(schemas["Preparacion"]["properties"])
    assert set(issued) == set(schemas["Licencia"]["properties"])
    assert set(issued["recibo"]) == set(schemas["Recibo"]["properties"])


def test_longest_order_that_the_schema_admits_is_issued(web: Web, doctor: str) -> None:
    """What the contract accepts, the official document can hold."""
    address = {
        "calle": "c" * 100, "numero": "n" * 60, "depto": "d" * 60, "comuna": "13101", "ciudad": "s" * 60, "pais": "CL",
    }  # fmt: skip
    worker = EXAMPLE["trabajador"]
    assert isinstance(worker, dict)
    order = EXAMPLE | {
        "trabajador": worker | {"nombres": "Ñ" * 60, "apellido_paterno": "Á" * 60, "apellido_materno": "ß" * 60},
        "empleador": {"rut": "76123456-0", "nombre": "&<>" * 33},
        "dias": 365,
        "reposo": {
            "tipo": "parcial",
            "jornadas": ["manana", "tarde"],
            "lugares": [
                {"tipo": "domicilio", "direccion": address},
                {"tipo": "otro_domicilio", "direccion": address, "justificacion": "j" * 128},
            ],
            "telefonos": [{"numero": "+56912345678"}, {"numero": "+498912345678901"}],
        },
        "diagnostico": {
            "principal": "á" * 511, "codigo_cie10": "M54.5", "otro": "b\nb" * 170, "codigo_otro": "A00",
            "antecedentes_clinicos": "\tc".strip() * 511, "examenes_apoyo": "]]>" * 170,
        },
        "atencion": {
            "modalidad": "telemedicina", "lugar": {"comuna": "13101", "establecimiento": "e" * 100},
            "referencia": "r" * 100, "plataforma": "p" * 100,
        },
    }  # fmt: skip
    validate(OrderModel, order)
    prepared = web.prepare(doctor, order)
    assert prepared.status_code == 201, prepared.text
    assert web.issue(doctor, prepared.json["preparacion"]).status_code == 201
