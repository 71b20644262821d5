"""Evidence files made to make whoever reads them raise, wait or take memory: stored ones, changed by a hostile hand.

Each is logged anew under a log key of the hand's own, so that no digest ends the reading early; `TRUST` names that key.
"""

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from lme_operator.core.canonical import Json, decode, encode, sha256, to_base64url
from lme_operator.domain.audit import KeyRole, TrustFile, open_strict, receipt_name
from lme_operator.domain.audit.container import FILE_AT_MOST, _headers
from tests.factories.forger import Forger
from tests.factories.log import Key
from tests.factories.mutants import Members, logged, pack

FILES = Path(__file__).parents[1] / "assets" / "evidence"
LICENCE, EXCUSED, DOSSIER = (
    "licencia-firmada-con-codigo",
    "licencia-excepcion-recontrol-vigente",
    "enrolamiento-presencial",
)
BY_DEVICE, CONSULTATION = "licencia-firmada-con-llave", "consulta-rnpi-imposible"
KEY = Key(9)
_END, _END64 = struct.Struct("<4s4H2IH"), struct.Struct("<4sQ2H2I4Q")
MARKS = "\u0301\u0323" * 64_000
"""256 kB of combining marks in the order that takes longest to sort."""
HIDDEN_MARKS = "\u0f73" * 85_000
DEEP: Json = "x"
for _level in range(400):
    DEEP = [DEEP] if _level % 2 else {"x": DEEP}


@cache
def members_of(name: str) -> Mapping[str, bytes]:
    """The members of a stored file."""
    return open_strict((FILES / name / "evidencia.zip").read_bytes())


@cache
def trust_of(name: str) -> TrustFile:
    """The trust file delivered with it, its log key the hostile hand's own."""
    trust = TrustFile.parse((FILES / name / "confianza.json").read_bytes())
    return replace(trust, keys=(KEY.trusted(), *(key for key in trust.keys if key.role is not KeyRole.LOG)))


def again(name: str, changed: Mapping[str, bytes], *, entry: Callable[[Json], Json] | None = None) -> bytes:
    """A stored file with other members, logged anew."""
    made: Members = {**members_of(name), **changed}
    return logged(made, Forger(KEY, trust_of(name).origin), entry=entry)


def raw(value: Json) -> bytes:
    """JSON in canonical order, whatever the verifier bounds."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8", "surrogatepass")


def hostile_containers() -> dict[str, bytes]:
    """Files whose container is the attack."""
    headers = [_headers(f"v1/a{number}.json", checksum=0, size=0, offset=0) for number in range(65_537)]
    locals_, directory = (b"".join(parts) for parts in zip(*headers, strict=True))
    lies = _END.pack(b"PK\x05\x06", 0, 0, 0, 0, 0, 0, 0)
    told = _END.pack(b"PK\x05\x06", 0, 0, 1, 1, len(directory), len(locals_), 0)
    entry = b"PK\x01\x02" + bytes(42)
    many64 = entry * 1_300_000
    end64 = _END64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, 1_300_000, 1_300_000, len(many64), 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(many64), 1)
    lies_of_one = _END.pack(b"PK\x05\x06", 0, 0, 1, 1, 46, 0, 0)
    honest = pack(members_of(LICENCE))
    return {
        "65.537 miembros vacíos": locals_ + directory + told,
        "los mismos, el índice dice que no hay ninguno": locals_ + directory + lies,
        "un índice zip64 de 1,3 millones de miembros": many64 + end64 + locator + lies_of_one,
        "50 MB de ceros": bytes(50_000_000),
        "64 MiB de ceros y uno": bytes(FILE_AT_MOST + 1),
        "64 MiB de cabeceras": (b"PK\x03\x04" + bytes(26)) * (FILE_AT_MOST // 30),
        "64 MiB de finales": b"PK\x05\x06" * (FILE_AT_MOST // 4),
        "un miembro que dice medir 4 GiB": honest[:18] + b"\xff" * 8 + honest[26:],
        "9.999 versiones": pack(
            {**members_of(LICENCE)} | {f"v{number}/manifiesto.json": b"{}" for number in range(9_900, 9_999)}
        ),
        "16 versiones, cada una un segundo control": _many_versions(),
        "un archivo de 60 MB": pack({**members_of(LICENCE), "v1/archivo-1.pdf": bytes(60_000_000)}),
        "un JSON de 60 MB": pack({**members_of(LICENCE), "v1/origen.json": b"[" * 60_000_000}),
    }


def _many_versions() -> bytes:
    base = members_of(EXCUSED)
    made = {name: content for name, content in base.items() if not name.startswith("v2/")}
    big = {**decode(base["v2/recontrol.json"]), "x": ["y" * 60] * 12_000}
    index = decode(base[receipt_name(2)])["indice"]
    for version in range(2, 17):
        receipt = decode(base[receipt_name(2)]) | {"indice": index + version}
        made |= {
            f"v{version}/recontrol.json": encode(big),
            f"v{version}/rnpi.zip": base["v2/rnpi.zip"],
            receipt_name(version): encode(receipt),
        }
    return logged(made, Forger(KEY, trust_of(EXCUSED).origin))


def hostile_values() -> dict[str, bytes]:
    """What a JSON member of any name may be instead."""
    return {
        "marcas combinantes": raw({"x": MARKS}),
        "marcas dentro de otras": raw({"x": HIDDEN_MARKS}),
        "anidado 400 veces": raw(DEEP),
        "anidado 500.000 veces": b"[" * 500_000 + b"]" * 500_000,
        "340.000 listas": b"[" + b",".join([b"[]"] * 340_000) + b"]",
        "un entero de 900.000 cifras": b"1" * 900_000,
        "un decimal sin fin": b'{"x":1e999}',
        "NaN": b'{"x":NaN}',
        "medio par sustituto": b'{"x":"\\ud800"}',
        "el mismo, sin escapar": b'{"x":"\xed\xa0\x80"}',
        "un nombre dos veces": b'{"x":1,"x":2}',
        "200.000 nombres": b"{" + b",".join(b'"%d":1' % one for one in range(75_000)) + b"}",
        "nada": b"",
        "nulo": b"null",
    }


def hostile_members() -> dict[str, tuple[str, bytes]]:
    """Which stored file, and what stands there instead, for each JSON member and each thing that it may be."""
    found: dict[str, tuple[str, bytes]] = {}
    for name in (LICENCE, EXCUSED, DOSSIER, CONSULTATION):
        for member in members_of(name):
            if member.endswith(".json") and not member.endswith(("manifiesto.json", "recibo.json")):
                for what, content in hostile_values().items():
                    found[f"{name} {member}: {what}"] = (name, again(name, {member: content}))
                grown = decode(members_of(name)[member])
                for what, value in {"con marcas": MARKS, "con marcas dentro": HIDDEN_MARKS, "anidado": DEEP}.items():
                    one = {**grown, next(iter(grown)): value}
                    found[f"{name} {member}: {what}"] = (name, again(name, {member: raw(one)}))
    return found


def hostile_contents() -> dict[str, tuple[str, bytes]]:
    """Contents of the right form and of hostile size or value."""
    case = decode(members_of(DOSSIER)["v1/expediente.json"])
    days = {**case, "parametros": {**case["parametros"], "documento_consulta_dias": 10**12}}
    papers = {**case, "archivos": [{**case["archivos"][0], "id": ["x"]}, *case["archivos"][1:]]}
    listed = {**case, "archivos": [{**case["archivos"][0], "miembro": ["x"]}, *case["archivos"][1:]]}
    asked = decode(members_of(CONSULTATION)["v1/consulta.json"])
    lists = b"[" + b",".join([b"[]"] * 230_000) + b"]"
    record = {
        "rut": 22000006,
        "dv": "1",
        "antecedentes": [{"tipo_antecedente": "T", "cod_antecedente": "\u0301\u0323" * 245} for _ in range(500)],
    }
    document = members_of(LICENCE)["v1/documento.xml"]
    head, tail = document[: document.index(b">", 60) + 1], b"</LME>"
    inside, pem = document[len(head) : -len(tail)], "v1/certificados.pem"

    def many(form: bytes, count: int) -> bytes:
        return b"".join(form % one for one in range(count))

    return {
        "10^12 días": (DOSSIER, again(DOSSIER, {"v1/expediente.json": encode(days)})),
        "un documento de id que es una lista": (DOSSIER, again(DOSSIER, {"v1/expediente.json": encode(papers)})),
        "un documento de nombre que es una lista": (DOSSIER, again(DOSSIER, {"v1/expediente.json": encode(listed)})),
        "respuesta de 230.000 listas": (CONSULTATION, _answered(asked, lists)),
        "respuesta con títulos de marcas": (CONSULTATION, _answered(asked, raw(record))),
        "75 certificados": (LICENCE, again(LICENCE, {pem: members_of(LICENCE)[pem] * 25})),
        "18.000 atributos": (LICENCE, _document(head[:-1] + many(b' a%d="x"', 18_000) + b">" + tail)),
        "14.000 espacios de nombres": (LICENCE, _document(head[:-1] + many(b' xmlns:a%d="x"', 14_000) + b">" + tail)),
        "60.000 elementos": (LICENCE, _document(head + b"<a/>" * 60_000 + tail)),
        "el documento, muchas veces": (LICENCE, _document(document[: -len(tail)] + inside * 25 + tail)),
        "240 niveles": (LICENCE, _document(head + b"<a>" * 240 + b"</a>" * 240 + tail)),
        "100.000 niveles": (LICENCE, _document(head + b"<a>" * 30_000 + b"</a>" * 30_000 + tail)),
        "250 kB de firma abierta": (LICENCE, _document(head + b"<ds:Signature " * 18_000 + tail)),
        "texto de 250 kB": (LICENCE, _document(head + b"<a>" + b"x" * 250_000 + b"</a>" + tail)),
    }


def _document(content: bytes) -> bytes:
    return again(LICENCE, {"v1/documento.xml": content})


def _answered(asked: Json, body: bytes) -> bytes:
    told = {**asked, "intercambio": {**asked["intercambio"], "cuerpo": to_base64url(body), "estado_http": 200}}
    digest = to_base64url(sha256(encode(told["intercambio"])))

    def entry(parts: Json) -> Json:
        said, disclosures = parts
        return said, [[salt, name, digest if name == "intercambio" else value] for salt, name, value in disclosures]

    return again(CONSULTATION, {"v1/consulta.json": encode(told)}, entry=entry)
