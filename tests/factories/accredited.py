"""An accredited provider of the tests: root, intermediate and a person's certificate, as good or as bad as asked.

The person signs with `openssl`, a program that we did not write.
"""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from lme_operator.core.run import Run
from lme_operator.domain.signing.endorsement import RUN_OTHER_NAME

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_FLAGS = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
_USAGES = (*_FLAGS.split(), "encipher_only", "decipher_only")
PERSON_USAGE = ("digital_signature", "content_commitment")
AUTHORITY_USAGE = ("key_cert_sign", "crl_sign")


def usage(*names: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{each: each in names for each in _USAGES})


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate, its key, and the certificates above it that he sends along."""

    certificate: x509.Certificate
    key: Key
    above: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a certificate says; the validity counts from the instant of the key's registration."""

    name: str
    at: datetime
    since: timedelta = timedelta(days=-30)
    until: timedelta = timedelta(days=300)
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    serial: str | None = None
    digest: hashes.SHA224 | hashes.SHA256 | hashes.SHA384 = field(default_factory=hashes.SHA256)


def certify(profile: Profile, *, key: Key | None = None, by: Holder | None = None) -> Holder:
    """Make a certificate, self-signed where nobody issues it."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, profile.name)]
    if profile.serial is not None:
        subject.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, profile.serial))
    name = x509.Name(subject)
    start = profile.at.replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by.certificate.subject if by else name)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start + profile.since)
        .not_valid_after(start + profile.until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    )
    for extension, critical in profile.extensions:
        builder = builder.add_extension(extension, critical=critical)
    made = builder.sign(by.key if by else own, profile.digest)
    above = () if by is None else tuple(each for each in (by.certificate, *by.above) if each.issuer != each.subject)
    return Holder(made, own, above)


def authority(
    name: str,
    *,
    at: datetime,
    by: Holder | None = None,
    path: int | None = None,
    key: Key | None = None,
    constraints: x509.BasicConstraints | None = None,
    usages: Sequence[str] = AUTHORITY_USAGE,
    until: timedelta = timedelta(days=3000),
) -> Holder:
    """Make a certificate authority, self-signed where nobody issues it."""
    basic = constraints or x509.BasicConstraints(ca=True, path_length=path)
    profile = Profile(name, at, until=until, extensions=((basic, True), (usage(*usages), True)))
    return certify(profile, key=key, by=by)


def other_name(text: str, oid: ObjectIdentifier = RUN_OTHER_NAME) -> x509.OtherName:
    return x509.OtherName(oid, bytes((0x16, len(text))) + text.encode())


def person(
    run: Run,
    *,
    at: datetime,
    by: Holder,
    usages: Sequence[str] = PERSON_USAGE,
    purposes: Iterable[ObjectIdentifier] | None = (
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.CLIENT_AUTH,
    ),
    told: Sequence[str] | None = None,
    serial: str | None = None,
    key: Key | None = None,
    since: timedelta = timedelta(days=-30),
    until: timedelta = timedelta(days=300),
    more: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    digest: hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | None = None,
) -> Holder:
    """Make a person's certificate; `told`: the RUN as the official place writes it, each time (default: once)."""
    extensions: list[tuple[x509.ExtensionType, bool]] = [*more]
    if usages:
        extensions.append((usage(*usages), True))
    if purposes is not None:
        extensions.append((x509.ExtendedKeyUsage(purposes), False))
    names = [other_name(text) for text in ([str(run)] if told is None else told)]
    if names:
        extensions.append((x509.SubjectAlternativeName(names), False))
    profile = Profile("Íñigo Núñez", at, since, until, tuple(extensions), serial, digest or hashes.SHA256())
    return certify(profile, key=key, by=by)


@dataclass(frozen=True, slots=True)
class Provider:
    """Three levels, made once: `root`, `intermediate`, and who asks for a certificate."""

    at: datetime
    root: Holder
    intermediate: Holder

    @property
    def roots(self) -> list[x509.Certificate]:
        return [self.root.certificate]


def provider(at: datetime, name: str = "Prestador de pruebas") -> Provider:
    """Make a provider. Its authorities have RSA keys, as Chile's have."""
    root = authority(f"{name}: raíz", at=at, key=rsa.generate_private_key(65537, 2048))
    below = authority(f"{name}: avanzada", at=at, by=root, path=0, key=rsa.generate_private_key(65537, 2048))
    return Provider(at, root, below)


def sign(
    content: bytes,
    folder: Path,
    *signers: Holder,
    options: Sequence[str] = (),
    send: Sequence[x509.Certificate] | None = None,
    digest: str = "sha256",
) -> bytes:
    """Let openssl make the CMS over `content`, detached unless `options` say otherwise, DER."""
    (folder / "contenido").write_bytes(content)
    command = ["openssl", "cms", "-sign", "-binary", "-md", digest, "-outform", "DER"]
    command += ["-in", str(folder / "contenido"), "-out", str(folder / "aval.p7s")]
    for number, holder in enumerate(signers):
        file = folder / f"firmante-{number}.pem"
        file.write_bytes(holder.pem + holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        command += ["-signer", str(file)]
    command += options
    above = signers[0].above if send is None else send
    if above:
        (folder / "cadena.pem").write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in above))
        command += ["-certfile", str(folder / "cadena.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return (folder / "aval.p7s").read_bytes()


def openssl_verifies(cms: bytes, content: bytes, roots: Sequence[x509.Certificate], folder: Path, at: datetime) -> bool:
    """Whether openssl accepts it, judged at the same instant."""
    (folder / "contenido").write_bytes(content)
    (folder / "dado.p7s").write_bytes(cms)
    (folder / "raices.pem").write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in roots))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(folder / "dado.p7s")]
    command += ["-content", str(folder / "contenido"), "-CAfile", str(folder / "raices.pem"), "-no-CApath"]
    command += ["-purpose", "any", "-attime", str(int(at.astimezone(UTC).timestamp())), "-out", str(folder / "visto")]
    done = subprocess.run(command, check=False, capture_output=True)
    return done.returncode == 0 and (folder / "visto").read_bytes() == content
