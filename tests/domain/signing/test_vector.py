"""The signed document of the formats' vectors: whatever changes here, it must go on being read so."""

import json
from pathlib import Path

from cryptography import x509

from lme_operator.core.canonical import format_instant, sha256, to_base64url
from lme_operator.domain.licences.document import describe_document
from lme_operator.domain.signing import SignatureTrust, cut_signatures, verify_document

VECTOR = Path(__file__).parents[2] / "assets" / "formats" / "documento"


def test_signed_document_of_version_1() -> None:
    document = (VECTOR / "documento.xml").read_bytes()
    _, seal, authority = x509.load_pem_x509_certificates((VECTOR / "certificados.pem").read_bytes())
    said = verify_document(document, trust=SignatureTrust((authority,), (seal,)))
    assert json.loads((VECTOR / "esperado.json").read_text()) == {
        "run": str(said.run),
        "folio": said.folio,
        "fecha_firma": format_instant(said.signing_time),
        "digest_autorizacion": to_base64url(sha256((VECTOR / "autorizacion.json").read_bytes())),
        "huella_llave": to_base64url(said.key_thumbprint or b""),
        "contexto": said.context,
        "digest_preparado": to_base64url(said.prepared_digest),
        "serie": said.certificate_serial,
    }
    assert to_base64url(said.authorisation_digest) == to_base64url(sha256((VECTOR / "autorizacion.json").read_bytes()))
    assert cut_signatures(document) == (VECTOR / "preparado.xml").read_bytes()
    assert describe_document(document).issuer == said.run
