"""Bad input over HTTP: each a clear Spanish problem document, and nothing of the business stored."""

import copy
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from lme_operator.core.run import check_digit
from lme_operator.entrypoints.api.professional.order import EXAMPLE
from lme_operator.entrypoints.http.input import LARGEST_BODY
from tests.factories.web import Web, problem_of

_BUSINESS = ("licences", "issuance", "core", "suspensions")
_PREPARE = "/api/v1/licencias/preparaciones"


@pytest.fixture
def nothing_stored(owner_url: str, doctor: str) -> Iterator[None]:
    """Fails the test if a row of the business appeared since the doctor entered."""
    before = _rows(owner_url)
    yield
    assert _rows(owner_url) == before


def _rows(owner_url: str) -> dict[str, int]:
    with psycopg.connect(owner_url.replace("postgresql+psycopg", "postgresql")) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", [list(_BUSINESS)]
        ).fetchall()
        return {
            f"{schema}.{table}": connection.execute(f"SELECT count(*) FROM {schema}.{table}").fetchone()[0]  # type: ignore[index]
            for schema, table in tables
        }


def order(**changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(EXAMPLE)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place: Any = document
        for part in parents:
            place = place[part]
        place[last] = value
    return document


def prepare(web: Web, token: str, body: Any) -> Any:
    return web.post(_PREPARE, body, token=token, key=str(uuid4()))


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize("run", ["12.345.678-5", "12345678-k", "123456785", "012345678-5", "12345678-5 ", "x" * 10_000])
def test_run_in_another_spelling(web: Web, doctor: str, run: str) -> None:
    document = problem_of(prepare(web, doctor, order(trabajador__run=run)), 422, "datos_invalidos")
    assert [(fault["puntero"], fault["codigo"]) for fault in document["errores"]] == [
        ("/trabajador/run", "run_forma_invalida")
    ]
    assert "12345678-5" in document["errores"][0]["mensaje"]


@pytest.mark.usefixtures("nothing_stored")
def test_run_with_a_wrong_digit(web: Web, doctor: str) -> None:
    for digit in set("0123456789K") - {check_digit(12345678)}:
        answer = prepare(web, doctor, order(trabajador__run=f"12345678-{digit}"))
        assert problem_of(answer, 422, "datos_invalidos")["errores"][0]["codigo"] == "run_digito_invalido"


@pytest.mark.parametrize("name", ["Ñ", "O'Higgins", "Ñ" * 60, "Muñoz-Peña", "de la Fuente"])
def test_names_that_people_have_reach_the_document(web: Web, doctor: str, name: str) -> None:
    body = order(trabajador__nombres=name, trabajador__apellido_paterno=name, trabajador__apellido_materno=None)
    prepared = prepare(web, doctor, body)
    assert prepared.status_code == 201, prepared.text
    worker = prepared.json["documento"]["secciones"]["ZONA_A"]["ZONA_A1"]["trabajador"]
    assert (worker["nombres"], worker["apellido_paterno"]) == (name, name)
    assert "apellido_materno" not in worker


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"fecha_inicio_reposo": "2026-02-30"}, "/fecha_inicio_reposo", "fecha_inexistente"),
        ({"fecha_inicio_reposo": "20-04-2026"}, "/fecha_inicio_reposo", "fecha_invalida"),
        ({"fecha_inicio_reposo": "2025-04-20"}, "/fecha_inicio_reposo", "inicio_muy_anterior"),
        ({"fecha_inicio_reposo": "2027-04-20"}, "/fecha_inicio_reposo", "inicio_muy_posterior"),
        ({"trabajador__fecha_nacimiento": "2026-04-21"}, "/trabajador/fecha_nacimiento", "nacimiento_futuro"),
        ({"trabajador__fecha_nacimiento": "1900-01-01"}, "/trabajador/fecha_nacimiento", "nacimiento_imposible"),
        ({"dias": 0}, "/dias", "dias_insuficientes"),
        ({"dias": 366}, "/dias", "dias_excesivos"),
        ({"dias": -1}, "/dias", "numero_muy_bajo"),
        ({"dias": 10**15}, "/dias", "numero_muy_alto"),
        ({"dias": "5"}, "/dias", "entero_esperado"),
        ({"dias": True}, "/dias", "entero_esperado"),
        ({"tipo": 3}, "/tipo", "tipo_no_habilitado"),
        ({"tipo": 8}, "/tipo", "numero_muy_alto"),
        ({"sobra": 1}, "/sobra", "campo_desconocido"),
        ({"trabajador__sobra": "x" * 10_000}, "/trabajador/sobra", "campo_desconocido"),
        ({"diagnostico__principal": "x" * 10_000}, "/diagnostico/principal", "texto_muy_largo"),
        ({"diagnostico__principal": "a\ud800"}, "/diagnostico/principal", "caracter_no_permitido"),
        ({"diagnostico__principal": "a\u0000"}, "/diagnostico/principal", "caracter_no_permitido"),
        ({"diagnostico__principal": "a\u202eb"}, "/diagnostico/principal", "caracter_invisible"),
        ({"diagnostico__codigo_cie10": "ZZZ"}, "/diagnostico/codigo_cie10", "cie10_inexistente"),
    ],
)
def test_values_that_cannot_be(web: Web, doctor: str, changes: dict[str, Any], pointer: str, code: str) -> None:
    answer = prepare(web, doctor, order(**changes))
    assert answer.status_code == 422, answer.text
    document = problem_of(answer, 422, answer.json["codigo"])
    assert (pointer, code) in {(fault["puntero"], fault["codigo"]) for fault in document["errores"]}
    assert all(fault["mensaje"].endswith(".") for fault in document["errores"])


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 415, "tipo_de_contenido_no_admitido"),
        (b"{", 400, "json_invalido"),
        (b"\xff\xfe", 400, "json_invalido"),
        (b'{"tipo":NaN}', 400, "json_invalido"),
        (b'{"tipo":1,"tipo":2}', 422, "datos_invalidos"),
        (b"[" * 200_000, 422, "datos_invalidos"),
        (b"[]", 422, "datos_invalidos"),
        (b"null", 422, "datos_invalidos"),
        (b'"' + b"x" * 10_000 + b'"', 422, "datos_invalidos"),
        (b'{"' + b"x" * 10_000 + b'":1}', 422, "datos_invalidos"),
        (b"x" * (LARGEST_BODY + 1), 413, "cuerpo_demasiado_grande"),
        (b"x" * 10_000_000, 413, "cuerpo_demasiado_grande"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_bodies_that_are_no_order(web: Web, doctor: str, body: bytes, status: int, code: str) -> None:
    answer = prepare(web, doctor, body) if body else web.post(_PREPARE, token=doctor, key="k")
    problem_of(answer, status, code)
    assert len(answer.data) < 20_000


@pytest.mark.usefixtures("nothing_stored")
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""]
)
def test_content_of_another_type(web: Web, doctor: str, content_type: str) -> None:
    answer = web.app.test_client().post(
        _PREPARE,
        data=json.dumps(EXAMPLE),
        content_type=content_type,
        headers={"Authorization": f"Bearer {doctor}", "Idempotency-Key": "k"},
    )
    problem_of(answer, 415, "tipo_de_contenido_no_admitido")


def test_ten_megabytes_are_refused_unread(web: Web, doctor: str) -> None:
    class Unread(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body was read")

    answer = web.app.test_client().post(
        _PREPARE,
        input_stream=Unread(),
        environ_overrides={"CONTENT_LENGTH": "10000000"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {doctor}", "Idempotency-Key": "k"},
    )
    problem_of(answer, 413, "cuerpo_demasiado_grande")


@pytest.mark.norm("N-2.6a")
@pytest.mark.usefixtures("doctor")
def test_codes_wrong_reused_and_older(web: Web, doctor: str, owner_url: str) -> None:
    prepared = web.prepare(doctor).json["preparacion"]
    before = _rows(owner_url)
    older = web.code()
    right = web.code()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    refusals = [
        (wrong, "codigo_incorrecto"),
        ("abcdef", "datos_invalidos"),
        ("1" * 10_000, "datos_invalidos"),
    ]
    for code, kind in refusals:
        answer = web.issue(doctor, prepared, code=code)
        problem_of(answer, 422 if kind == "datos_invalidos" else 403, kind)
    assert _rows(owner_url) == before
    assert web.issue(doctor, prepared, code=right).status_code == 201
    second = web.prepare(doctor).json["preparacion"]
    before = _rows(owner_url)
    reused = problem_of(web.issue(doctor, second, code=right), 403, "codigo_ya_usado")
    assert reused["motivos"]
    problem_of(web.issue(doctor, second, code=older), 403, "codigo_vencido")
    assert _rows(owner_url) == before


@pytest.mark.parametrize("junk", ["x" * 10_000, "%00", "../../etc/passwd", "<script>", "ñ", "'; DROP TABLE--"])
def test_junk_as_identifier_finds_nothing(web: Web, doctor: str, junk: str) -> None:
    for suffix in ("", "/documento.xml", "/evidencia.zip"):
        problem_of(web.get(f"/api/v1/licencias/{junk}{suffix}", token=doctor), 404, "no_encontrado")
    body = {"preparacion": junk, "autorizacion": {"tipo": "totp", "codigo": "123456"}}
    answer = web.post("/api/v1/licencias", body, token=doctor, key="k")
    assert problem_of(answer, 422, "datos_invalidos")["errores"][0]["codigo"] == "identificador_invalido"


@pytest.mark.parametrize("token", ["x" * 10_000, "ñ", "' OR 1=1", "\x7f", "a b c"])
def test_junk_as_token_opens_nothing(web: Web, token: str) -> None:
    answer = web.app.test_client().get(
        "/api/v1/profesional/estado", headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    )
    problem_of(answer, 401, "sesion_terminada")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_unknown_query_and_stray_body_are_refused(web: Web, doctor: str) -> None:
    problem_of(web.get("/api/v1/profesional/estado?x=1", token=doctor), 422, "datos_invalidos")
    problem_of(web.post("/api/v1/profesional/bloqueo?x=1", {}, token=doctor), 422, "datos_invalidos")
    problem_of(web.post("/api/v1/profesional/bloqueo", {"x": 1}, token=doctor), 422, "datos_invalidos")
    problem_of(web.send("DELETE", "/api/v1/sesiones/actual", {"x": 1}, token=doctor), 422, "datos_invalidos")
    assert web.get("/api/v1/profesional/estado", token=doctor).status_code == 200


def test_compressed_body_is_refused(web: Web, doctor: str) -> None:
    answer = web.post(_PREPARE, b"\x1f\x8b", token=doctor, key="k", headers={"Content-Encoding": "gzip"})
    problem_of(answer, 415, "tipo_de_contenido_no_admitido")
