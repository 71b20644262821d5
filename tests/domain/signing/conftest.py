"""Keys of the tests, a prepared document, and a workshop where an attacker with skill makes others."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from lme_operator.core.canonical import sha256
from lme_operator.core.run import Run
from lme_operator.domain.licences.document import OperatorIdentity, render_document
from lme_operator.domain.licences.order import Issuer
from lme_operator.domain.professionals.context import PracticeContext
from lme_operator.domain.signing import Signer, SigningKeys, write_exact, xades
from lme_operator.domain.signing.certificates import Binding, certify
from lme_operator.domain.signing.layout import PROFESSIONAL_SLOT, SEAL_SLOT, empty_slot
from lme_operator.gateways.key_store import FileKeyStore, create_keys
from tests.factories.orders import ADDRESS, licence_order

AT = datetime(2026, 4, 20, 14, 0, 7, 123456, tzinfo=UTC)
DOCTOR = Run(12345678)
AUTHORISATION = b'{"modo":"webauthn"}'
THUMBPRINT = bytes(range(32))
ISSUER = Issuer(
    run=DOCTOR,
    given_names="Íñigo",
    paternal_surname="Núñez",
    maternal_surname=None,
    speciality="Medicina general",
    kind=1,
    college_registry=None,
    email="inigo.nunez@example.cl",
    telephone="+56221234567",
    address=ADDRESS,
)


def render(**changes: Any) -> bytes:
    issuer = changes.pop("issuer", ISSUER)
    return render_document(
        licence_order(**changes),
        issuer=issuer,
        folio=str(Run(1181597)),
        operator=OperatorIdentity(Run(76000000), 9),
        context=PracticeContext(),
        issued_at=AT,
    )


def make_keys(folder: Path) -> FileKeyStore:
    create_keys(folder, at=AT, operator="Operador de prueba", production=False)
    return FileKeyStore(folder, at=AT, production=False)


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signing") / "llaves"
    create_keys(folder, at=AT, operator="Operador de prueba", production=False)
    return folder


@pytest.fixture(scope="session")
def keys(key_folder: Path) -> FileKeyStore:
    return FileKeyStore(key_folder, at=AT, production=False)


@pytest.fixture(scope="session")
def foreign_keys(tmp_path_factory: pytest.TempPathFactory) -> FileKeyStore:
    return make_keys(tmp_path_factory.mktemp("foreign") / "llaves")


@pytest.fixture(scope="session")
def signer(keys: FileKeyStore) -> Signer:
    return Signer(keys)


@pytest.fixture(scope="session")
def prepared() -> bytes:
    return render()


@pytest.fixture(scope="session")
def signed(signer: Signer, prepared: bytes) -> bytes:
    return signer.sign(
        prepared, run=DOCTOR, authorisation=AUTHORISATION, key_thumbprint=THUMBPRINT, context="individual", at=AT
    ).document


Edit = Callable[[etree._Element], None]


@dataclass(frozen=True)
class Workshop:
    """Makes documents whose numbers are right and whose meaning is not: it has every key, also the operator's."""

    keys: SigningKeys
    authority: SigningKeys
    binding: Binding
    at: datetime = AT
    seal_at: datetime = AT
    certified_at: datetime = AT
    professional_role: xades.Role = xades.PROFESSIONAL
    seal_role: xades.Role = xades.SEAL
    certificate: x509.Certificate | None = None
    key: ec.EllipticCurvePrivateKey | None = None

    def make(self, prepared: bytes, *, between: Edit | None = None, after: Edit | None = None) -> bytes:
        """Sign, let `between` edit the tree, seal, let `after` edit it."""
        key = self.key or ec.generate_private_key(ec.SECP256R1())
        certificate = self.certificate or certify(self.authority, self.binding, key.public_key(), at=self.certified_at)
        root = etree.fromstring(prepared)
        root = xades.sign(
            root,
            empty_slot(root, PROFESSIONAL_SLOT),
            role=self.professional_role,
            key=xades.ActingKey(lambda data: key.sign(data, ec.ECDSA(hashes.SHA256()))),
            certificate=certificate,
            at=self.at,
        )
        if between:
            between(root)
        root = xades.sign(
            root,
            empty_slot(root, SEAL_SLOT),
            role=self.seal_role,
            key=xades.ActingKey(self.keys.seal),
            certificate=self.keys.seal_certificate,
            at=self.seal_at,
        )
        if after:
            after(root)
        return write_exact(root)

    def but(self, **changes: Any) -> "Workshop":
        return replace(self, **changes)


@pytest.fixture(scope="session")
def workshop(keys: FileKeyStore) -> Workshop:
    return Workshop(keys, keys, Binding(DOCTOR, sha256(AUTHORISATION), THUMBPRINT, "individual"))
