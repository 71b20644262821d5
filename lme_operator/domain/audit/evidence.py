"""The evidence file (`evidencia.zip`): what proves an act without the system (N-2.4a, N-2.4b).

Version n lives in `vn/`; `vn/manifiesto.json` has the digest of every member of the version but itself and the
receipt, of `LEAME.txt` (in v1), and of the receipt of version n − 1; the log entry of `vn/recibo.json` has the
manifest's digest. So from the newest receipt everything hangs. A verifier goes in this order: container, manifests,
receipts, and only then signatures.
"""

from collections.abc import Mapping

from lme_operator.core.canonical import Json, decode, encode, sha256, to_base64url
from lme_operator.domain.audit.container import (
    CONTAINER,
    README,
    TOO_LARGE,
    VERSIONS_AT_MOST,
    EvidenceFault,
    build,
    open_strict,
    version_of,
)
from lme_operator.domain.audit.receipt import ReceiptFault, VerifiedEntry, read_receipt, verify_receipt
from lme_operator.domain.audit.trust import TrustFile

__all__ = [
    "CONTAINER",
    "MANIFEST_DATUM",
    "README",
    "EvidenceFault",
    "build",
    "check_manifests",
    "check_receipts",
    "digest_of",
    "manifest",
    "manifest_name",
    "open_strict",
    "receipt_name",
]

MANIFEST_DATUM = "manifiesto"
"""The datum of the log entry that holds the manifest's digest; always disclosed in the evidence's receipt."""


def manifest_name(version: int) -> str:
    """Name of the manifest of a version."""
    return f"v{version}/manifiesto.json"


def receipt_name(version: int) -> str:
    """Name of the receipt of a version."""
    return f"v{version}/recibo.json"


def manifest(members: Mapping[str, bytes], *, version: int = 1) -> bytes:
    """Compose the manifest of `version` over the file's members: canonical JSON, name → SHA-256 base64url."""
    covered = {name for name in members if version_of(name) == version}
    covered -= {manifest_name(version), receipt_name(version)}
    covered.add(README if version == 1 else receipt_name(version - 1))
    return encode({name: digest_of(members[name]) for name in covered})


def digest_of(content: bytes) -> str:
    """SHA-256 of a member, base64url: as manifests hold it, and as the entry holds the manifest's."""
    return to_base64url(sha256(content))


def check_manifests(members: Mapping[str, bytes]) -> int:
    """Check every version's manifest against the members and against its receipt; return the newest version.

    Raises `EvidenceFault` that names the member at fault: `ausente`, `digesto`, `no_canonico`, `manifiesto`.
    The receipt's claim is only read here, to tell whether member or manifest was altered: `check_receipts` proves it.
    """
    newest = max(map(version_of, members), default=0)
    if newest > VERSIONS_AT_MOST:
        raise EvidenceFault(CONTAINER, TOO_LARGE)
    for version in range(1, max(newest, 1) + 1):
        for name in (README, manifest_name(version), receipt_name(version)):
            if name not in members:
                raise EvidenceFault(name, "ausente")
        _check_manifest(members, version)
    return newest


def check_receipts(members: Mapping[str, bytes], trust: TrustFile | None) -> tuple[VerifiedEntry, ...]:
    """Verify the receipt of every version, oldest first; raise `EvidenceFault` that names it.

    Each entry must disclose the digest of its version's manifest, and each version must come after the one before.
    """
    verified: list[VerifiedEntry] = []
    for version in range(1, max(map(version_of, members)) + 1):
        name = receipt_name(version)
        try:
            entry = verify_receipt(read_receipt(members[name]), trust)
        except ReceiptFault as error:
            raise EvidenceFault(name, error.kind) from error
        if entry.disclosed.get(MANIFEST_DATUM) != digest_of(members[manifest_name(version)]):
            raise EvidenceFault(name, "manifiesto")
        if verified and entry.index <= verified[-1].index:
            raise EvidenceFault(name, "orden")
        verified.append(entry)
    return tuple(verified)


def _check_manifest(members: Mapping[str, bytes], version: int) -> None:
    """Compare the manifest with what it should be; on a difference, let the receipt's claim tell who was altered."""
    name = manifest_name(version)
    written, right = members[name], manifest(members, version=version)
    claimed = _claimed_digest(members[receipt_name(version)], receipt_name(version))
    if written == right:
        if claimed != digest_of(written):
            raise EvidenceFault(receipt_name(version), "manifiesto")
        return
    if claimed == digest_of(right):
        raise EvidenceFault(name, "digesto")
    try:
        listed, found = decode(written), decode(right)
    except ValueError as error:
        raise EvidenceFault(name, "no_canonico") from error
    if not isinstance(listed, dict) or claimed != digest_of(written):
        raise EvidenceFault(name, "digesto")
    for member in sorted(listed.keys() | found.keys()):
        if listed.get(member) != found.get(member):
            raise EvidenceFault(member, "digesto" if member in members else "ausente")


def _claimed_digest(receipt: bytes, name: str) -> Json:
    """Read the manifest's digest out of a receipt, unproved."""
    try:
        parts = read_receipt(receipt)["divulgaciones"]
        return next(value for _, datum, value in parts if datum == MANIFEST_DATUM)
    except (ReceiptFault, KeyError, TypeError, ValueError, StopIteration) as error:
        raise EvidenceFault(name, "no_canonico") from error
