"""The folder of keys: made whole, read only when nobody else can, refused with a reason."""

import base64
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lme_operator.gateways.key_store import FileKeyStore, KeysUnusable, create_keys

AT = datetime(2026, 4, 20, 14, 0, tzinfo=UTC)
NAMES = {"registro.pem", "sello.pem", "sello.crt.pem", "ca.pem", "ca.crt.pem", "datos.key"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_keys(tmp_path / "llaves", at=AT, operator="Operador de prueba", production=False)
    return tmp_path / "llaves"


def load(folder: Path, *, at: datetime = AT, production: bool = False) -> FileKeyStore:
    return FileKeyStore(folder, at=at, production=production)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.norm("N-7a")
def test_ceremony_is_closed_to_others(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == NAMES
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert [path.name for path in folder.parent.iterdir()] == ["llaves"]


def test_keys_act_and_do_not_show_themselves(folder: Path) -> None:
    keys = load(folder)
    log_key = ed25519.Ed25519PublicKey.from_public_bytes(keys.log.public)
    log_key.verify(keys.log.sign(b"nota"), b"nota")
    seal_key = keys.seal_certificate.public_key()
    assert isinstance(seal_key, ec.EllipticCurvePublicKey)
    seal_key.verify(keys.seal(b"documento"), b"documento", ec.ECDSA(hashes.SHA256()))
    assert len(keys.data_key) == 32
    public = {name for name in vars(keys) | vars(type(keys)) if not name.startswith("_")}
    assert public == {
        *("log", "data_key", "authority_certificate", "seal_certificate"),
        *("authority_id", "seal_id", "certify", "seal"),
    }


def test_ids_follow_from_keys(folder: Path, tmp_path: Path) -> None:
    create_keys(tmp_path / "otras", at=AT, operator="Operador de prueba", production=False)
    one, again, other = load(folder), load(folder), load(tmp_path / "otras")
    assert (one.log.key_id, one.seal_id, one.authority_id) == (again.log.key_id, again.seal_id, again.authority_id)
    ids = {one.log.key_id, one.seal_id, one.authority_id, other.log.key_id, other.seal_id, other.authority_id}
    assert len(ids) == 6
    assert one.log.key_id.startswith("registro-")


@pytest.mark.parametrize(("production", "marks"), [(False, 1), (True, 0)])
def test_certificates_say_pruebas_outside_production(tmp_path: Path, production: bool, marks: int) -> None:
    create_keys(tmp_path / "llaves", at=AT, operator="Operador Ñuble", production=production)
    keys = load(tmp_path / "llaves", production=production)
    for certificate in (keys.authority_certificate, keys.seal_certificate):
        units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        assert [unit.value for unit in units] == ["PRUEBAS"] * marks
        assert certificate.not_valid_after_utc > AT + timedelta(days=3000)
    with pytest.raises(KeysUnusable, match="PRUEBAS"):
        load(tmp_path / "llaves", production=not production)


def test_ceremony_never_over_other_keys(folder: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(KeysUnusable, match="ya tiene contenido"):
        create_keys(folder, at=AT, operator="Otro", production=False)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (tmp_path / "enlace").symlink_to(tmp_path)
    with pytest.raises(KeysUnusable, match="ya tiene contenido"):
        create_keys(tmp_path / "enlace", at=AT, operator="Otro", production=False)


def test_ceremony_in_an_empty_folder_that_was_open(tmp_path: Path) -> None:
    (tmp_path / "llaves").mkdir(mode=0o755)
    create_keys(tmp_path / "llaves", at=AT, operator="Operador", production=False)
    assert load(tmp_path / "llaves").data_key


@pytest.mark.parametrize("operator", ["", "x" * 65])
def test_ceremony_needs_a_name(tmp_path: Path, operator: str) -> None:
    with pytest.raises(KeysUnusable, match="64 caracteres"):
        create_keys(tmp_path / "llaves", at=AT, operator=operator, production=False)
    assert list(tmp_path.iterdir()) == []


def test_ceremony_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(KeysUnusable, match="No se pudieron guardar"):
        create_keys(tmp_path / "llaves", at=AT, operator="Operador", production=False)
    assert list(tmp_path.iterdir()) == []


def _open_folder(folder: Path) -> None:
    folder.chmod(0o750)


def _open_file(folder: Path) -> None:
    (folder / "sello.pem").chmod(0o640)


def _missing(folder: Path) -> None:
    (folder / "ca.pem").unlink()


def _link(folder: Path) -> None:
    (folder / "sello.pem").rename(folder.parent / "sello.pem")
    (folder / "sello.pem").symlink_to(folder.parent / "sello.pem")


def _pipe(folder: Path) -> None:
    (folder / "datos.key").unlink()
    os.mkfifo(folder / "datos.key", 0o600)


def _replace(name: str, data: bytes | Callable[[], bytes]) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        (folder / name).write_bytes(data if isinstance(data, bytes) else data())

    return plant


def _authority_of_another(folder: Path) -> None:
    other = folder.parent / "otras"
    create_keys(other, at=AT, operator="Operador de prueba", production=False)
    for name in ("ca.pem", "ca.crt.pem"):
        (folder / name).write_bytes((other / name).read_bytes())


@pytest.mark.norm("N-7a")
@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (_open_folder, "0750"),
        (_open_file, "sello.pem tiene permisos 0640"),
        (_missing, "Falta el archivo de llaves"),
        (_link, "No se puede leer"),
        (_pipe, "no es un archivo corriente"),
        (
            _replace("registro.pem", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            "no es una llave",
        ),
        (_replace("registro.pem", lambda: pem(ec.generate_private_key(ec.SECP256R1()))), "no es una llave Ed25519"),
        (_replace("sello.pem", lambda: pem(ec.generate_private_key(ec.SECP384R1()))), "no es una llave P-256"),
        (_replace("ca.pem", lambda: pem(rsa.generate_private_key(65537, 2048))), "no es una llave P-256"),
        (
            _replace("sello.pem", lambda: pem(ec.generate_private_key(ec.SECP256R1()))),
            "no es el certificado de su llave",
        ),
        (_replace("sello.crt.pem", b"nada"), "no es un certificado PEM"),
        (_authority_of_another, "no fue emitido por la autoridad"),
        (_replace("datos.key", b"%%%"), "no está en base64"),
        (_replace("datos.key", base64.b64encode(bytes(31))), "debe tener 32 bytes"),
    ],
)
def test_unusable_keys_are_refused_with_the_reason(folder: Path, plant: Callable[[Path], None], words: str) -> None:
    plant(folder)
    with pytest.raises(KeysUnusable, match=words):
        load(folder)


def test_expired_or_future_certificates_are_refused(folder: Path) -> None:
    with pytest.raises(KeysUnusable, match="venció el"):
        load(folder, at=AT + timedelta(days=3651))
    with pytest.raises(KeysUnusable, match="rige solo desde"):
        load(folder, at=AT - timedelta(days=2))


def test_no_folder_or_not_one(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match="No existe la carpeta"):
        load(tmp_path / "nada")
    (tmp_path / "archivo").write_text("x")
    with pytest.raises(KeysUnusable, match="no es una carpeta"):
        load(tmp_path / "archivo")


def test_two_certificates_in_one_file_are_refused(folder: Path) -> None:
    certificate = (folder / "sello.crt.pem").read_bytes()
    (folder / "sello.crt.pem").write_bytes(certificate * 2)
    assert len(x509.load_pem_x509_certificates(certificate * 2)) == 2
    with pytest.raises(KeysUnusable, match="exactamente un certificado"):
        load(folder)


def test_keys_of_another_user_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(KeysUnusable, match="pertenece a otro usuario"):
        load(folder)
