"""The evidence of a licence (N-2.4a, N-2.4b): its members, and what each says. Pure: whoever judges it reads this too.

Members of version 1: the signed document, its certificates, the authorisation, what `standing` rested on, and where
the act came from.
"""

from collections.abc import Mapping, Sequence

from lme_operator.core.canonical import Json, decode, encode
from lme_operator.core.origin import Origin
from lme_operator.domain.audit.evidence import manifest, manifest_name
from lme_operator.domain.licences.authorship import BY_CODE, BY_KEY, Authorship
from lme_operator.domain.standing.rules import Act

NO_RISK_ENGINE = "sin motor de riesgo"
"""The risk decision while there is no engine: never 'passed' (emision@v1#riesgo)."""

TOTP, WEBAUTHN = "totp", "webauthn"
"""How the professional authorised: by a code, which the operator attests, or by an assertion of a security key."""

DOCUMENT, CERTIFICATES, AUTHORISATION = "v1/documento.xml", "v1/certificados.pem", "v1/autorizacion.json"
POWERS, PLACE = "v1/facultades.json", "v1/origen.json"
EXCUSE, ENDORSEMENT = "v1/rnpi.zip", "v1/aval.p7s"
RECHECK, ANSWER = "v2/recontrol.json", "v2/rnpi.zip"

README = """\
ARCHIVO DE EVIDENCIA DE UNA LICENCIA MÉDICA ELECTRÓNICA

Este archivo se comprueba sin el sistema que lo emitió, con el programa «lme» y el archivo de confianza del operador:

    lme verificar evidencia.zip --confianza confianza.json

Contenido de cada versión (v1, v2, ...):
  documento.xml      la licencia, con la firma del profesional y el sello del operador
  certificados.pem   certificado de un solo uso del profesional, del sello y de la autoridad
  autorizacion.json  cómo autorizó el profesional exactamente ese documento
  aval.p7s           firma electrónica avanzada con que el profesional avaló su llave, si lo hizo
  facultades.json    por qué podía emitir en ese instante, hecho por hecho
  origen.json        dirección IP, dispositivo y lugar declarado
  rnpi.zip           evidencia de una consulta al RNPI, cuando no respondió y la norma permite emitir
  recontrol.json     lo que el RNPI respondió después sobre esa licencia
  manifiesto.json    digest SHA-256 de cada miembro
  recibo.json        prueba de que el registro del operador contiene este manifiesto

Cada línea del veredicto dice quién la prueba. Puede haber versiones posteriores de este archivo: pídalas al operador.
Con la opción --llave y la huella que el profesional guarda se comprueba que la firmó su llave.

La licencia contiene datos de salud: trátela como confidencial.
"""


def authorship_of(authorisation: bytes) -> Authorship:
    """Return how strongly an `autorizacion.json` proves who authorised, in the words of every door."""
    return BY_KEY if decode(authorisation)["tipo"] == WEBAUTHN else BY_CODE


WRITING = "borrador"
"""Beside where a preparation came from: when its draft was started and last saved."""


def origin_facts(origin: Origin) -> dict[str, Json]:
    """Return an origin as it is kept and shown."""
    return {
        "ip": origin.ip,
        "dispositivo": origin.device,
        "lugar_declarado": origin.place,
        "id_solicitud": origin.request_id,
    }


def powers(*, act: Act, facts: Sequence[Json], context: str, epoch: int, at: str) -> bytes:
    """Write `facultades.json`: the act allowed, and each fact that it rested on."""
    return encode(
        {
            "v": 2,
            "acto": act.value,
            "contexto": context,
            "epoca": epoch,
            "instante": at,
            "hechos": list(facts),
            "riesgo": {"decision": NO_RISK_ENGINE, "norma": "emision@v1#riesgo"},
        }
    )


def members_of(
    *,
    document: bytes,
    certificates: bytes,
    authorisation: bytes,
    powers: bytes,
    origin: bytes,
    excuse: bytes | None,
    endorsement: bytes | None,
) -> tuple[Mapping[str, bytes], bytes]:
    """Return the stored members of version 1 and the manifest's bytes (which is one of them).

    `excuse`: the evidence of a failed consultation of the RNPI, where the licence passed under it (N-4c).
    `endorsement`: the CMS that endorses the key that authorised, where it had one by then (N-2.6c).
    """
    members = {
        "LEAME.txt": README.encode(),
        DOCUMENT: document,
        CERTIFICATES: certificates,
        AUTHORISATION: authorisation,
        POWERS: powers,
        PLACE: origin,
        **({} if excuse is None else {EXCUSE: excuse}),
        **({} if endorsement is None else {ENDORSEMENT: endorsement}),
    }
    listed = manifest(members)
    return {**members, manifest_name(1): listed}, listed


def issuance_origin(prepared: Json, issued: Origin, *, prepared_at: str, issued_at: str) -> bytes:
    """Write `origen.json`: where it was prepared and where it was issued from, and how long that took."""
    return encode(
        {
            "v": 1,
            "preparacion": {**{name: prepared[name] for name in prepared if name != WRITING}, "instante": prepared_at},
            "emision": {**origin_facts(issued), "instante": issued_at},
        }
    )
