"""A licence over HTTP: entered, prepared, issued, read; the same key gives the same bytes."""

import json
from typing import Any

import pytest

from lme_operator.core.canonical import from_base64url, sha256
from lme_operator.domain.audit import TrustFile, verify_receipt
from tests.factories.web import OTHER, Web


@pytest.mark.norm("N-2.4a", "N-2.6c")
def test_licence_prepared_and_issued_verifies_with_the_trust_file(web: Web, doctor: str) -> None:
    prepared = web.prepare(doctor)
    assert prepared.status_code == 201, prepared.text
    document = prepared.json["documento"]["xml"].encode()
    assert from_base64url(prepared.json["digest"]) == sha256(document)
    assert prepared.json["desafio_webauthn"]["challenge"] == prepared.json["digest"]
    assert prepared.json["documento"]["secciones"]["ZONA_0"]["ZONA_01"]["id_licencia"] == prepared.json["folio"]

    issued = web.issue(doctor, prepared.json["preparacion"])
    assert issued.status_code == 201, issued.text
    assert issued.json["folio"] == prepared.json["folio"]
    trust = TrustFile.parse(web.get("/auditoria/registro/confianza.json").data)
    verified = verify_receipt(issued.json["recibo"], trust)
    assert verified.disclosed["folio"] == issued.json["folio"]

    found = web.get(issued.json["enlaces"]["licencia"], token=doctor)
    assert found.json == issued.json
    assert web.get(issued.json["enlaces"]["documento"], token=doctor).mimetype == "application/xml"
    assert web.get(issued.json["enlaces"]["evidencia"], token=doctor).data[:2] == b"PK"


@pytest.mark.norm("N-2.4a")
def test_same_key_gives_the_same_bytes_and_another_body_is_refused(web: Web, doctor: str) -> None:
    first = web.prepare(doctor, key="k1")
    again = web.prepare(doctor, key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    other = web.prepare(doctor, json.dumps({}).encode(), key="k1")
    assert (other.status_code, other.json["codigo"]) == (422, "datos_invalidos")

    code = web.code()
    one = web.issue(doctor, first.json["preparacion"], code=code, key="k2")
    two = web.issue(doctor, first.json["preparacion"], code=code, key="k2")
    assert (one.status_code, two.status_code) == (201, 201), (one.text, two.text)
    assert one.data == two.data
    assert two.headers["Idempotent-Replayed"] == "true"
    clash = web.issue(doctor, first.json["preparacion"], key="k2")
    assert (clash.status_code, clash.json["codigo"]) == (422, "idempotency_key_reutilizada")


@pytest.mark.norm("N-2.6b")
def test_licence_of_another_person_does_not_exist(web: Web, doctor: str) -> None:
    issued = web.issue(doctor, web.prepare(doctor).json["preparacion"])
    stranger = web.enter(web.enrol(OTHER))
    for link in issued.json["enlaces"].values():
        answer = web.get(link, token=stranger)
        assert (answer.status_code, answer.json["codigo"]) == (404, "licencia_inexistente")
    prepared = web.prepare(doctor)
    stolen = web.issue(stranger, prepared.json["preparacion"])
    assert (stolen.status_code, stolen.json["codigo"]) == (404, "preparacion_inexistente")


@pytest.mark.parametrize("path", ["/api/v1/licencias/preparaciones", "/api/v1/licencias"])
def test_act_without_key_is_refused(web: Web, doctor: str, path: str) -> None:
    answer = web.post(path, {}, token=doctor)
    assert (answer.status_code, answer.json["codigo"]) == (400, "falta_idempotency_key")
    for key in ("", "con espacio", "ñ", "una,dos", "x" * 256):
        answer = web.post(path, {}, token=doctor, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json["codigo"]) == (400, "idempotency_key_invalida")


def test_two_keys_in_one_request_are_not_taken_for_one(web: Web, doctor: str) -> None:
    keys = [("Idempotency-Key", key) for key in ("una", "dos")]
    answer: Any = web.app.test_client().post(
        "/api/v1/licencias", json={}, headers=[("Authorization", f"Bearer {doctor}"), *keys]
    )
    assert (answer.status_code, answer.json["codigo"]) == (400, "idempotency_key_invalida")
