"""Authorities over HTTP: signed orders, their answers, and what each may see."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from lme_operator.core.canonical import from_base64url, sha256, to_base64url
from lme_operator.domain.audit import TrustFile, verify_receipt
from tests.factories.authority_desk import Desk
from tests.factories.machines import Machine
from tests.factories.web import DOCTOR, Web

BASE = "/api/v1/autoridad"


def order(**changes: Any) -> dict[str, Any]:
    return {
        "run": str(DOCTOR),
        "numero_resolucion": "1234/2026",
        "fecha_resolucion": "2026-04-17",
        "desde": "2026-04-20",
        "hasta": "2026-05-19",
        "fundamento": "Artículo 2, Ley 20.585.",
        **changes,
    }


class Caller:
    """An authority's system that calls the API."""

    def __init__(self, web: Web, machine: Machine) -> None:
        self.web, self.machine = web, machine

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        address = self.web.operator.settings.web.origin
        headers, content = self.machine.sign(method, address + path, body=body, key=key)
        return self.web.app.test_client().open(path, base_url=address, method=method, headers=headers, data=content)

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        return self.call("POST", BASE + path, body, key=key or str(uuid4()))

    def get(self, path: str) -> Any:
        return self.call("GET", BASE + path)

    def suspend(self, **changes: Any) -> Any:
        answer = self.post("/suspensiones", order(**changes))
        assert answer.status_code == 201, answer.text
        return answer.json


@pytest.fixture
def compin(web: Web) -> Caller:
    operator = web.operator
    return Caller(web, Machine.register(operator.database, operator.log, operator.sealer))


@pytest.fixture
def suseso(web: Web) -> Caller:
    operator = web.operator
    changes = {"organisation": "suseso", "organisation_name": "SUSESO", "compin": ""}
    return Caller(
        web,
        Machine.register(
            operator.database, operator.log, operator.sealer, keyid="suseso-a", algorithm="p256", **changes
        ),
    )


@pytest.mark.norm("N-6a", "N-6c", "N-6d")
def test_suspension_ends_the_session_and_forbids_issuing(web: Web, doctor: str, compin: Caller) -> None:
    prepared = web.prepare(doctor).json["preparacion"]
    said = compin.suspend()
    assert (said["profesional_registrado"], said["sesiones_cerradas"]) == (True, 1)
    assert web.issue(doctor, prepared).status_code == 401
    again = web.post("/api/v1/sesiones", web.entry())
    reasons = again.json.get("motivos") or again.json["puede_emitir"]["motivos"]
    assert "suspension_vigente" in [reason["codigo"] for reason in reasons]
    trust = TrustFile.parse(web.get("/auditoria/registro/confianza.json").data)
    disclosed = verify_receipt(said["recibo"], trust).disclosed
    assert (disclosed["run"], disclosed["efectiva_desde"]) == (str(DOCTOR), said["efectiva_desde"])


@pytest.mark.norm("N-6b")
def test_suspension_of_somebody_unknown_here(compin: Caller) -> None:
    said = compin.suspend()
    assert (said["profesional_registrado"], said["sesiones_cerradas"]) == (False, 0)


@pytest.mark.norm("N-6c")
def test_order_received_when_it_was_over_says_that_it_never_took_effect(web: Web, doctor: str, compin: Caller) -> None:
    prepared = web.prepare(doctor).json["preparacion"]
    said = compin.suspend(desde="2026-04-01", hasta="2026-04-19")
    assert (said["efectiva_desde"], said["sesiones_cerradas"]) == (None, 0)
    proof = compin.get(f"/suspensiones/{said['id']}/materializacion").json
    assert (proof["efectiva_desde"], proof["bloquea_hasta"], proof["estado"]) == (
        None,
        "2026-04-20T04:00:00.000000Z",
        "cumplida",
    )
    assert web.issue(doctor, prepared).status_code == 201


@pytest.mark.norm("N-6c")
def test_same_request_gets_the_same_bytes(compin: Caller) -> None:
    first = compin.post("/suspensiones", order(), key="clave-1")
    again = compin.post("/suspensiones", order(), key="clave-1")
    assert (first.status_code, again.status_code, first.data == again.data) == (201, 201, True)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    same_resolution = compin.post("/suspensiones", order(), key="clave-2")
    assert same_resolution.data == first.data
    other_body = compin.post("/suspensiones", order(hasta=None), key="clave-1")
    assert (other_body.status_code, other_body.json["codigo"]) == (422, "idempotency_key_reutilizada")
    other_content = compin.post("/suspensiones", order(hasta=None), key="clave-3")
    assert (other_content.status_code, other_content.json["codigo"]) == (409, "resolucion_ya_recibida")


def test_order_without_key(compin: Caller) -> None:
    answer = compin.call("POST", f"{BASE}/suspensiones", order())
    assert (answer.status_code, answer.json["codigo"]) == (400, "falta_idempotency_key")


def test_order_with_bad_data_names_the_field_and_stores_nothing(compin: Caller) -> None:
    document = {"nombre": "r.pdf", "tipo": "application/pdf", "contenido": "%%%%"}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"run": "15.000.001-7"}, "/run"),
        ({"run": "15000001-1"}, "/run"),
        ({"hasta": "2026-04-19"}, "/hasta"),
        ({"desde": "2026-02-30"}, "/desde"),
        ({"desde": "0001-01-01"}, "/desde"),
        ({"hasta": "9999-12-31"}, "/hasta"),
        ({"numero_resolucion": " "}, "/numero_resolucion"),
        ({"fundamento": ""}, "/fundamento"),
        ({"provisional": "si"}, "/provisional"),
        ({"otro": 1}, "/otro"),
        ({"documento": document}, "/documento/contenido"),
        ({"documento": document | {"contenido": _base64(b"MZ%PDF-")}}, "/documento/contenido"),
        ({"documento": document | {"tipo": "image/png", "contenido": _base64(b"%PDF-1.7")}}, "/documento/contenido"),
        ({"documento": document | {"contenido": _base64(b"%PDF-" + bytes(180_001))}}, "/documento/contenido"),
        ({"documento": document | {"tipo": "image/svg+xml"}}, "/documento/tipo"),
        ({"fecha_resolucion": "2026-04-21"}, "/fecha_resolucion"),
        ({"fecha_resolucion": "1979-12-31"}, "/fecha_resolucion"),
    ]
    answers = [compin.post("/suspensiones", order(**changes)) for changes, _ in wrong]
    assert {answer.status_code for answer in answers} == {422}
    assert [answer.json["errores"][0]["puntero"] for answer in answers] == [pointer for _, pointer in wrong]
    assert compin.get("/suspensiones").json == {"suspensiones": [], "siguiente": None}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/pdf", b"%PDF-" + bytes(179_995)),
        ("application/xml", b'<?xml version="1.0"?><a/>'),
        ("image/jpeg", b"\xff\xd8\xff\xe0"),
        ("image/png", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_documents_of_each_type_are_taken(compin: Caller, kind: str, content: bytes) -> None:
    document = {"nombre": "resolución", "tipo": kind, "contenido": _base64(content)}
    kept = compin.get(f"/suspensiones/{compin.suspend(documento=document)['id']}").json["documento"]
    assert (kept["bytes"], kept["sha256"]) == (len(content), sha256(content).hex())


def test_resolution_of_another_day_than_possible_is_refused_also_in_a_replacement(compin: Caller) -> None:
    said = compin.suspend(fecha_resolucion="2026-04-20")
    body = {**_terms("2/2026"), "clase": "correccion", "fecha_resolucion": "2026-04-21"}
    answer = compin.post(f"/suspensiones/{said['id']}/reemplazo", body)
    assert (answer.status_code, answer.json["codigo"]) == (422, "fecha_de_resolucion_imposible")
    assert answer.json["errores"][0]["codigo"] == "resolucion_futura"
    assert compin.suspend(numero_resolucion="3/1980", fecha_resolucion="1980-01-01")


def test_order_must_say_that_it_is_definitive(compin: Caller) -> None:
    body = order()
    del body["hasta"]
    assert compin.post("/suspensiones", body).json["errores"][0]["puntero"] == "/hasta"
    assert compin.suspend(hasta=None)


@pytest.mark.norm("N-6d")
def test_lift_replace_list_and_see(compin: Caller, web: Web) -> None:
    said = compin.suspend()
    replaced = compin.post(
        f"/suspensiones/{said['id']}/reemplazo", {**_terms("2/2026"), "clase": "correccion", "hasta": "2026-04-30"}
    )
    assert replaced.status_code == 201, replaced.text
    lifted = compin.post(
        f"/suspensiones/{replaced.json['id']}/levantamiento", {"numero_resolucion": "3/2026", "motivo": "Cumplió."}
    )
    assert (lifted.status_code, lifted.json["suspension"]) == (201, replaced.json["id"]), lifted.text
    listed = compin.get("/suspensiones").json["suspensiones"]
    assert {one["id"]: one["estado"] for one in listed} == {said["id"]: "reemplazada", replaced.json["id"]: "levantada"}
    page = compin.get("/suspensiones?limite=1").json
    rest = compin.get(f"/suspensiones?limite=1&cursor={page['siguiente']}").json
    assert {page["suspensiones"][0]["id"], rest["suspensiones"][0]["id"]} == {said["id"], replaced.json["id"]}
    assert rest["siguiente"] is None
    assert compin.get("/suspensiones?limite=101").status_code == 422
    web.clock.advance(seconds=1)
    asked = compin.post("/consultas/profesional", {"run": str(DOCTOR)})
    assert (asked.json["bloqueado"], asked.json["causas"]) == (False, [])


@pytest.mark.norm("N-6c")
def test_materialisation_holds_the_signed_order(compin: Caller) -> None:
    document = {"nombre": "res.pdf", "tipo": "application/pdf", "contenido": base64.b64encode(b"%PDF-1.7").decode()}
    said = compin.suspend(documento=document)
    detail = compin.get(f"/suspensiones/{said['id']}").json
    assert detail["fundamento"] == "Artículo 2, Ley 20.585."
    assert detail["documento"]["sha256"] == sha256(b"%PDF-1.7").hex()
    shown = compin.get(f"/suspensiones/{said['id']}/materializacion").json
    assert (shown["estado"], shown["avisos"]) == ("vigente", {"estado": "pendiente", "enviados": 0})
    assert (shown["recibida_en"], shown["efectiva_desde"]) == (said["recibida_en"], said["efectiva_desde"])
    assert shown["recibo"] == said["recibo"]
    assert shown["orden_declarada"] is None
    signed = from_base64url(shown["orden_firmada"])
    disclosed = {name: value for _, name, value in shown["recibo"]["divulgaciones"]}
    assert disclosed["mensaje"] == to_base64url(sha256(signed))
    kept = json.loads(signed)
    assert json.loads(from_base64url(kept["cuerpo"]))["numero_resolucion"] == "1234/2026"
    public = compin.machine.key.public_key()
    signature = base64.b64decode(kept["cabeceras"]["signature"].split(":")[1])
    public.verify(signature, kept["base"].encode())  # type: ignore[call-arg]


@pytest.mark.norm("N-2.6c", "N-6c")
def test_what_a_person_confirmed_is_never_called_signed(web: Web, compin: Caller) -> None:
    suspension = Desk(web).ordered(DOCTOR)
    shown = compin.get(f"/suspensiones/{suspension}/materializacion").json
    assert (shown["canal"], shown["orden_firmada"]) == ("consola", None)
    declared = from_base64url(shown["orden_declarada"])
    disclosed = {name: value for _, name, value in shown["recibo"]["divulgaciones"]}
    assert disclosed["orden"] == to_base64url(sha256(declared))
    assert json.loads(declared)["prueba"] == "declarada por el operador"


@pytest.mark.norm("N-6d")
def test_authority_cannot_touch_or_see_the_sanctions_of_another(compin: Caller, suseso: Caller) -> None:
    """Threat M37."""
    said = compin.suspend()
    path = f"/suspensiones/{said['id']}"
    answers = [
        suseso.post(f"{path}/levantamiento", {"numero_resolucion": "9", "motivo": "No procede."}),
        suseso.post(f"{path}/reemplazo", {**_terms("9"), "clase": "correccion"}),
        suseso.get(path),
        suseso.get(f"{path}/materializacion"),
    ]
    assert {(one.status_code, one.json["codigo"]) for one in answers} == {(403, "suspension_de_otra_autoridad")}
    assert suseso.get("/suspensiones").json["suspensiones"] == []
    cause = suseso.post("/consultas/profesional", {"run": str(DOCTOR)}).json["causas"][0]
    assert (cause["propia"], cause["id"], cause["numero_resolucion"]) == (False, None, None)
    assert cause["autoridad"] == "COMPIN Región Metropolitana"


@pytest.mark.norm("N-6c")
def test_consultation_of_a_past_instant(compin: Caller, web: Web) -> None:
    before = web.clock().isoformat()
    web.clock.advance(seconds=60)
    compin.suspend()
    web.clock.advance(seconds=60)
    asked = [
        compin.post("/consultas/profesional", {"run": str(DOCTOR), **instant}).json["bloqueado"]
        for instant in ({"instante": before}, {})
    ]
    assert asked == [False, True]


def test_consultation_of_a_run_badly_spelt_is_never_a_clean_answer(compin: Caller) -> None:
    """Threat M23: every spelling but the canonical one is refused, so none dodges the list."""
    compin.suspend()
    for spelling in ("15.000.001-7", "015000001-7", "15000001-7 ", "15000001 7", "１５000001-7", "150000017"):
        answer = compin.post("/consultas/profesional", {"run": spelling})
        assert answer.status_code == 422, spelling


def _terms(number: str) -> dict[str, Any]:
    body = order(numero_resolucion=number)
    del body["run"]
    return body
