"""The signature of machines, one flaw at a time: nothing forged, stale, replayed or altered passes (M13, M14)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from http_message_signatures import HTTPMessageSigner, HTTPSignatureAlgorithm, MappingKeyResolver, algorithms

from lme_operator.core.canonical import sha256
from lme_operator.core.database import Deadline
from lme_operator.entrypoints.machines.signed_requests import (
    COMPONENTS,
    CONTENT_DIGEST,
    IDEMPOTENCY_KEY,
    Message,
    content_digest,
)
from lme_operator.gateways.key_store import create_keys
from lme_operator.settings import Settings
from lme_operator.wiring import Operator, build_operator, create_app
from tests.conftest import SettableClock
from tests.factories.machines import APPROVERS, ORIGIN, Machine, new_key, public_der
from tests.factories.people import CHEAP

PATH = "/api/v1/autoridad/suspensiones"
BODY = (
    b'{"run":"15000001-7","numero_resolucion":"1","fecha_resolucion":"2026-04-17","desde":"2026-04-20","hasta":null,'
    b'"fundamento":"Ley 20.585"}'
)
ALL = (*COMPONENTS, CONTENT_DIGEST, IDEMPOTENCY_KEY)
Said = tuple[int, str]


@dataclass
class Line:
    """The web and a registered machine; sends requests signed right or wrong."""

    app: Flask
    operator: Operator
    machine: Machine
    clock: SettableClock

    @property
    def origin(self) -> str:
        return self.operator.settings.web.origin

    def another(self, keyid: str, **changes: Any) -> Machine:
        operator = self.operator
        return Machine.register(operator.database, operator.log, operator.sealer, keyid=keyid, **changes)

    def sign(
        self,
        *,
        machine: Machine | None = None,
        key: Any = None,
        components: tuple[str, ...] = ALL,
        method: str = "POST",
        url: str | None = None,
        body: bytes = BODY,
        digest: str | None = None,
        keyid: str | None = None,
        algorithm: type[HTTPSignatureAlgorithm] | None = None,
        seconds: float = 0,
        nonce: str | None = "",
        include_alg: bool = True,
        expires: datetime | None = None,
        tag: str | None = None,
    ) -> dict[str, str]:
        """Headers of a request signed by the library, right unless told otherwise."""
        machine = machine or self.machine
        headers = {"content-type": "application/json", "idempotency-key": str(uuid4())}
        headers["content-digest"] = digest or content_digest(body)
        signed = Message(method, url or self.origin + PATH, headers, body)
        private = key or machine.key
        chosen = algorithm or (
            algorithms.ED25519 if hasattr(private, "private_bytes_raw") else algorithms.ECDSA_P256_SHA256
        )
        name = keyid or machine.keyid
        signer = HTTPMessageSigner(
            signature_algorithm=chosen, key_resolver=MappingKeyResolver(public_keys={}, private_keys={name: private})
        )
        signer.sign(
            signed,
            key_id=name,
            created=self.clock() + timedelta(seconds=seconds),
            expires=expires,
            nonce=uuid4().hex if nonce == "" else nonce,
            label="sig1",
            tag=tag,
            include_alg=include_alg,
            covered_component_ids=components,
            use_existing_digest=True,
        )
        return headers

    def send(
        self,
        headers: Mapping[str, str],
        *,
        path: str = PATH,
        body: bytes = BODY,
        method: str = "POST",
        host: str | None = None,
        **more: str,
    ) -> Said:
        """Send; answer with status and code (`""` when it passed)."""
        given = {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        client = self.app.test_client()
        answer: Any = client.open(path, base_url=host or self.origin, method=method, headers=given, data=body)
        return answer.status_code, answer.json.get("codigo", "")


@pytest.fixture
def line(tmp_path: Path, application_url: str, clock: SettableClock) -> Iterator[Line]:
    settings = Settings.load(
        {"LME_ENV": "testing", "LME_HOME": str(tmp_path), "LME_DATABASE_URL_APPLICATION": application_url}
    )
    create_keys(settings.keys, at=clock(), operator=settings.operator.name, production=False)
    operator = build_operator(settings, role="application", clock=clock, hashing=CHEAP)
    machine = Machine.register(operator.database, operator.log, operator.sealer)
    yield Line(create_app(operator), operator, machine, clock)
    operator.database.close()


def edited(headers: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    assert any(old in value for value in headers.values())
    return {name: value.replace(old, new) for name, value in headers.items()}


OK = (201, "")


@pytest.mark.norm("N-6d", "N-2.6d")
def test_right_signatures_pass(line: Line) -> None:
    p256 = line.another("compin-13-p256", algorithm="p256")
    said = {
        "ed25519": line.send(line.sign()),
        "p256": line.send(line.sign(machine=p256)),
        "sin alg": line.send(line.sign(include_alg=False)),
        "otro orden": line.send(line.sign(components=ALL[::-1])),
        "reloj +59": line.send(line.sign(seconds=59)),
        "reloj -59": line.send(line.sign(seconds=-59)),
        "reloj +60": line.send(line.sign(seconds=60)),
        "expira después": line.send(line.sign(expires=line.clock() + timedelta(seconds=5))),
        "host en mayúsculas": line.send(line.sign(), host=line.origin.replace("localhost", "LOCALHOST")),
    }
    assert said == dict.fromkeys(said, OK)


@pytest.mark.norm("N-6d", "N-2.6d")
def test_each_missing_or_foreign_component_is_refused(line: Line) -> None:
    incomplete = (401, "firma_incompleta")
    missing = {name: line.send(line.sign(components=tuple(one for one in ALL if one != name))) for name in ALL}
    assert missing == dict.fromkeys(ALL, incomplete)
    assert line.send(line.sign(components=(*ALL, "content-type"))) == incomplete
    assert line.send(line.sign(components=(*ALL, "@target-uri"))) == incomplete
    assert line.send(line.sign(components=(*COMPONENTS, '"content-digest";sf', IDEMPOTENCY_KEY))) == (
        401,
        "firma_mal_formada",
    )


@pytest.mark.norm("N-6d", "N-2.6d")
def test_nothing_covered_may_be_altered(line: Line) -> None:
    false, altered = (401, "firma_no_valida"), (401, "firma_cuerpo_alterado")
    other_body = BODY.replace(b"15000001-7", b"15000002-5")
    other_digest = {"content-digest": content_digest(other_body)}
    query = line.sign(url=f"{line.origin}{PATH}?a=1")
    read = line.sign(method="GET", body=b"", components=COMPONENTS)
    said = {
        "cuerpo": line.send(line.sign(), body=other_body),
        "cuerpo y su digest": line.send({**line.sign(), **other_digest}, body=other_body),
        "cuerpo quitado": line.send(line.sign(), body=b""),
        "digest de otro algoritmo": line.send(line.sign(digest="sha-512=:" + "A" * 86 + "==:")),
        "dos algoritmos": line.send(line.sign(digest=f"{content_digest(BODY)}, sha-512=:{'A' * 86}==:")),
        "clave": line.send({**line.sign(), "idempotency-key": "otra"}),
        "clave quitada": line.send({k: v for k, v in line.sign().items() if k != "idempotency-key"}),
        "consulta agregada": line.send(line.sign(), path=f"{PATH}?a=1"),
        "consulta cambiada": line.send(query, path=f"{PATH}?a=2"),
        "consulta quitada": line.send(query),
        "ruta": line.send(line.sign(), path=f"{PATH}/{uuid4()}/levantamiento"),
        "método": line.send(
            {k: v for k, v in read.items() if k not in ("content-digest", "idempotency-key")}, body=b""
        ),
        "created": line.send(edited(headers := line.sign(), _created(headers), str(int(_created(headers)) + 1))),
        "nonce": line.send(line.sign(nonce="n" * 20) | _nonce(line.sign(nonce="n" * 20), "m" * 20)),
        "firma de otra solicitud": line.send({**line.sign(), "Signature": line.sign()["Signature"]}),
    }
    assert said == {
        **dict.fromkeys(said, false),
        "cuerpo": altered,
        "cuerpo quitado": altered,
        "digest de otro algoritmo": altered,
        "dos algoritmos": altered,
        "clave quitada": (401, "firma_incompleta"),
        "método": (401, "firma_no_valida"),
    }


def _created(headers: Mapping[str, str]) -> str:
    found = re.search(r";created=([0-9]+)", headers["Signature-Input"])
    assert found
    return found[1]


def _nonce(headers: Mapping[str, str], other: str) -> dict[str, str]:
    return {"Signature-Input": headers["Signature-Input"].replace("n" * 20, other)}


@pytest.mark.norm("N-6d", "N-2.6d")
def test_signature_headers_out_of_form(line: Line) -> None:
    right = line.sign()
    given, value = right["Signature-Input"], right["Signature"]
    malformed, absent = (401, "firma_mal_formada"), (401, "firma_ausente")

    def with_input(text: str) -> Said:
        return line.send({**right, "Signature-Input": text})

    said = {
        "sin nada": line.send({"content-type": "application/json"}),
        "sin Signature": line.send({k: v for k, v in right.items() if k != "Signature"}),
        "sin Signature-Input": line.send({k: v for k, v in right.items() if k != "Signature-Input"}),
        "vacías": line.send({**right, "Signature": "", "Signature-Input": ""}),
        "no es un diccionario": with_input("((("),
        "otra etiqueta": with_input(given.replace("sig1=", "sig2=", 1)),
        "dos firmas": line.send(
            {
                **right,
                "Signature-Input": f"{given}, {given.replace('sig1', 'sig2', 1)}",
                "Signature": f"{value}, {value.replace('sig1', 'sig2', 1)}",
            }
        ),
        "etiqueta repetida": with_input(f"{given}, {given}"),
        "componente repetido": with_input(given.replace('("@method"', '("@method" "@method"')),
        "parámetro repetido": with_input(given + ";created=1"),
        "parámetro desconocido": with_input(given + ";x=1"),
        "con tag": line.send(line.sign(tag="otra-cosa")),
        "sin nonce": line.send(line.sign(nonce=None)),
        "nonce corto": line.send(line.sign(nonce="corto")),
        "nonce enorme": line.send(line.sign(nonce="n" * 129)),
        "sin created": with_input(given.replace(f";created={_created(right)}", "")),
        "created texto": with_input(given.replace(f"created={_created(right)}", f'created="{_created(right)}"')),
        "created absurdo": with_input(given.replace(f"created={_created(right)}", "created=999999999999999")),
        "created negativo": with_input(given.replace(f"created={_created(right)}", "created=-1")),
        "keyid token": with_input(given.replace('keyid="compin-13-a"', "keyid=compin-13-a")),
        "firma que no es bytes": line.send({**right, "Signature": "sig1=1"}),
        "no ASCII": with_input(given + "ñ"),
    }
    assert said == {
        **dict.fromkeys(said, malformed),
        **dict.fromkeys(("sin nada", "sin Signature", "sin Signature-Input", "vacías"), absent),
    }


@pytest.mark.norm("N-6d", "N-2.6d")
def test_time_and_replay(line: Line) -> None:
    """Threat M14: a captured order, or a captured lifting, says nothing the second time."""
    stale = (401, "firma_fuera_de_plazo")
    headers = line.sign()
    assert line.send(headers) == OK
    said = {
        "repetida": line.send(headers),
        "reloj +61": line.send(line.sign(seconds=61)),
        "reloj -61": line.send(line.sign(seconds=-61)),
        "expirada": line.send(line.sign(seconds=-5, expires=line.clock())),
        "mismo nonce, otra firma": line.send(line.sign(nonce="z" * 20)) and line.send(line.sign(nonce="z" * 20)),
    }
    line.clock.advance(seconds=61)
    said["capturada y guardada"] = line.send(headers)
    spent = (401, "firma_repetida")
    assert said == {
        **dict.fromkeys(said, stale),
        "repetida": spent,
        "mismo nonce, otra firma": spent,
    }


@pytest.mark.norm("N-6d", "N-2.6d")
def test_identity_comes_from_the_key_alone(line: Line) -> None:
    """Threat M13: no header, name or algorithm stands for the private key."""
    other = line.another("suseso-a", algorithm="p256", organisation="suseso", compin="", organisation_name="SUSESO")
    stranger = new_key()
    der = public_der(line.machine.key)
    said = {
        "llave desconocida": line.send(line.sign(keyid="compin-99", key=stranger)),
        "keyid de otra, llave propia": line.send(line.sign(keyid="suseso-a", key=line.machine.key)),
        "keyid propio, llave de otra": line.send(line.sign(key=other.key)),
        "keyid propio, llave de nadie": line.send(line.sign(key=stranger)),
        "HMAC con la llave pública": line.send(
            line.sign(key=der, algorithm=algorithms.HMAC_SHA256, keyid=line.machine.keyid)
        ),
        "HMAC sin decirlo": line.send(
            line.sign(key=der, algorithm=algorithms.HMAC_SHA256, keyid=line.machine.keyid, include_alg=False)
        ),
        "dice otro algoritmo": line.send(edited(line.sign(), 'alg="ed25519"', 'alg="ecdsa-p256-sha256"')),
        "dice none": line.send(edited(line.sign(), 'alg="ed25519"', 'alg="none"')),
        "cabeceras que nombran a otro": line.send(
            line.sign(keyid="suseso-a", key=stranger),
            X_Client_Cert="CN=SUSESO",
            X_Forwarded_Client_Cert="Subject=CN=SUSESO",
            X_Forwarded_User="suseso",
            Authorization="Bearer suseso",
        ),
    }
    false, wrong = (401, "firma_no_valida"), (401, "firma_algoritmo_no_admitido")
    assert said == {
        **dict.fromkeys(said, false),
        "llave desconocida": (401, "firma_clave_desconocida"),
        "keyid de otra, llave propia": wrong,
        "keyid propio, llave de otra": wrong,
        "HMAC con la llave pública": wrong,
        "dice otro algoritmo": wrong,
        "dice none": wrong,
        "cabeceras que nombran a otro": wrong,
    }
    with line.operator.database.reading(deadline=Deadline(10)) as connection:
        kinds = connection.execute(
            sa.text("SELECT count(*) FROM audit.attempt WHERE kind = 'firma_de_maquina_rechazada'")
        ).scalar_one()
    assert kinds == 4, "one a minute for each key and reason"


@pytest.mark.norm("N-2.6d")
def test_destination_is_ours_and_not_what_a_header_says(line: Line) -> None:
    elsewhere = "http://otro-operador.example"
    for_elsewhere = line.sign(url=elsewhere + PATH)
    port = line.origin.rsplit(":", 1)[0] + ":9"
    said = {
        "firmada para otro, enviada aquí": line.send(for_elsewhere),
        "X-Forwarded-Host": line.send(for_elsewhere, X_Forwarded_Host="otro-operador.example"),
        "Forwarded": line.send(for_elsewhere, Forwarded="host=otro-operador.example"),
        "otro puerto": line.send(line.sign(url=port + PATH), host=port),
    }
    assert said == {
        **dict.fromkeys(said, (401, "firma_no_valida")),
        "otro puerto": (401, "firma_para_otro_destino"),
    }
    status, _ = line.send(for_elsewhere, host=elsewhere)
    assert status in (400, 401)


@pytest.mark.norm("N-2.6d", "N-6d")
def test_keys_in_force_rotation_and_end(line: Line) -> None:
    """Rotation with overlap causes no failed call; before and after its validity a key says nothing."""
    start = line.clock()
    early = line.another("futura", valid_from=start + timedelta(days=10))
    old = line.another("vieja", valid_until=start + timedelta(days=20))
    no = (401, "firma_clave_no_vigente")
    assert (line.send(line.sign(machine=early)), line.send(line.sign(machine=old))) == (no, OK)
    line.clock.set(start + timedelta(days=15))
    assert (line.send(line.sign(machine=early)), line.send(line.sign(machine=old))) == (OK, OK)
    line.clock.set(start + timedelta(days=20))
    assert (line.send(line.sign(machine=early)), line.send(line.sign(machine=old))) == (OK, no)
    line.operator.mandates.end_machine_key(
        "futura", ends_at=None, cause="compromiso", approvers=APPROVERS, origin=ORIGIN, deadline=Deadline(10)
    )
    assert line.send(line.sign(machine=early)) == no


@pytest.mark.norm("N-6d", "N-2.6b")
def test_kind_and_permission(line: Line) -> None:
    forbidden = (403, "organizacion_sin_permiso")
    auditor = line.another("auditor", kind="auditoria", organisation="contraloria", compin="")
    reader = line.another("lectora", permissions=frozenset({"consultas"}))
    assert line.send(line.sign(machine=auditor)) == forbidden
    assert line.send(line.sign(machine=reader)) == forbidden
    headers, body = reader.sign(
        "POST", f"{line.origin}/api/v1/autoridad/consultas/profesional", body={"run": "15000001-7"}
    )
    assert line.send(headers, path="/api/v1/autoridad/consultas/profesional", body=body) == (200, "")


def test_refused_request_may_be_signed_anew_with_the_same_key(line: Line) -> None:
    """A machine's retry: same Idempotency-Key, new nonce; one effect and the same answer."""
    first = line.machine.sign("POST", line.origin + PATH, body=BODY, key="clave")[0]
    assert line.send(first) == OK
    again = line.machine.sign("POST", line.origin + PATH, body=BODY, key="clave")[0]
    assert line.send(again) == OK
    assert first["Signature"] != again["Signature"]


def test_content_digest_is_that_of_rfc_9530() -> None:
    assert content_digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert len(sha256(b"")) == 32
