"""The container of an evidence file: a zip with exactly one byte form, so that nothing can hide in it (formats v1).

Stored, 1980-01-01, made by system 0, no attributes, no extra fields, no comments, no zip64; `LEAME.txt` first, then by
(version number, name). Written here byte by byte: libraries add attributes of their own, and differ by version.
Whoever reads one counts first: what is too large is refused before any member is looked at.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Mapping

README = "LEAME.txt"
CONTAINER = "contenedor"
"""What is named when no single member is at fault."""

_MEMBER = re.compile(r"v([1-9][0-9]{0,3})/[a-z0-9_-]+(?:\.[a-z0-9]+)+", re.ASCII)
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_ZIP_VERSION = 20
_COMMENT_AT_MOST = 2**16 - 1
_MIDNIGHT, _DAY_1980_01_01 = 0, 0x21
FILE_AT_MOST = 64 << 20
"""Bytes of a whole file: the papers of a dossier are at most five, of 12 MB each."""
MEMBERS_AT_MOST = 256
VERSIONS_AT_MOST = 16
"""More than any act has today; a later edition that knows more kinds of novelty may raise it."""
MEMBER_AT_MOST = {"json": 1 << 20, "p7s": 1 << 16, "pem": 1 << 16, "xml": 1 << 18, "zip": 8 << 20}
"""Bytes of a member that is read, by the end of its name. What outside parties answered is the most that a JSON has."""
PROOF_AT_MOST = 1 << 16
"""Bytes of a manifest or of a receipt: there is one of each a version, and each is read several times."""
_PROOFS = ("manifiesto.json", "recibo.json")
_DIRECTORY_AT_MOST = MEMBERS_AT_MOST * 512

EMPTY, PDF = "vacio", "pdf"
ALTERED, STRUCTURE, ZIPPED_AGAIN, TOO_LARGE = "miembro_alterado", "estructura", "vuelto_a_comprimir", "demasiado_grande"
"""Kinds of fault of a container."""


class EvidenceFault(ValueError):
    """An evidence file does not hold: which `member` (or `contenedor`), and the `kind` of fault."""

    def __init__(self, member: str, kind: str) -> None:
        super().__init__(f"{member}: {kind}")
        self.member = member
        self.kind = kind


def version_of(name: str) -> int:
    """Return the version that a member belongs to (0 for `LEAME.txt`); raise `ValueError` for any other name."""
    if name == README:
        return 0
    found = _MEMBER.fullmatch(name)
    if found is None:
        raise ValueError(f"not a member of an evidence file: {name!r}")
    return int(found[1])


def build(members: Mapping[str, bytes]) -> bytes:
    """Write the container; raise `ValueError` without `LEAME.txt`, or for a name or size out of form."""
    names = sorted(members, key=lambda name: (version_of(name), name))
    size = sum(map(len, members.values()))
    if README not in members or len(names) > MEMBERS_AT_MOST or size + _DIRECTORY_AT_MOST > FILE_AT_MOST:
        raise ValueError("not an evidence file")
    if any(len(content) > _at_most(name) for name, content in members.items()):
        raise ValueError("a member larger than any of its kind")
    return b"".join(_parts(members, names))


def open_strict(data: bytes) -> dict[str, bytes]:
    """Read a container; raise `EvidenceFault` unless writing it again gives the same bytes.

    Kinds: `vacio` and `pdf`, for what people take for one; `miembro_alterado` (the member named does not have its own
    checksum); for the container `demasiado_grande` (by its bytes or those of a member, or by how many it says to have),
    `vuelto_a_comprimir` (a plain zip of the members of an evidence file, as made by whoever unpacks one and packs it
    again), `estructura` (anything else).
    """
    if not data or data.startswith(b"%PDF-"):
        raise EvidenceFault(CONTAINER, PDF if data else EMPTY)
    if len(data) > FILE_AT_MOST or _members_told(data) > MEMBERS_AT_MOST:
        raise EvidenceFault(CONTAINER, TOO_LARGE)
    try:
        members = _read_members(data)
        if not _is_written_so(data, members):
            raise EvidenceFault(CONTAINER, STRUCTURE)
    except EvidenceFault as fault:
        if fault.kind == STRUCTURE and _is_zipped_again(data):
            raise EvidenceFault(CONTAINER, ZIPPED_AGAIN) from fault
        raise
    return members


def _parts(members: Mapping[str, bytes], names: list[str]) -> Iterator[bytes]:
    """Write the container piece by piece, so that comparing one takes no second copy of it."""
    at, directory = 0, bytearray()
    for name in names:
        content = members[name]
        local, central = _headers(name, checksum=zlib.crc32(content), size=len(content), offset=at)
        directory += central
        at += len(local) + len(content)
        yield local
        yield content
    yield bytes(directory)
    yield _END.pack(_END_MARK, 0, 0, len(names), len(names), len(directory), at, 0)


def _is_written_so(data: bytes, members: Mapping[str, bytes]) -> bool:
    """Whether these members, written, are these bytes."""
    if README not in members:
        return False
    names = sorted(members, key=lambda name: (version_of(name), name))
    at, whole = 0, memoryview(data)
    for part in _parts(members, names):
        if whole[at : at + len(part)] != part:
            return False
        at += len(part)
    return at == len(data)


def _members_told(data: bytes) -> int:
    """How many members the end of the container says that there are; none where there is no such end."""
    at = _end_at(data)
    if at < 0:
        return 0
    _, _, _, _, told, directory, _, _ = _END.unpack_from(data, at)
    return int(told) if directory <= _DIRECTORY_AT_MOST else MEMBERS_AT_MOST + 1


def _end_at(data: bytes) -> int:
    """Where the end of the container begins; negative where there is none."""
    at = data.rfind(_END_MARK, max(len(data) - _END.size - _COMMENT_AT_MOST, 0))
    return at if at + _END.size <= len(data) else -1


def _at_most(name: str) -> int:
    """Bytes that the member of this name may have."""
    if name.endswith(_PROOFS):
        return PROOF_AT_MOST
    return MEMBER_AT_MOST.get(name.rpartition(".")[2], FILE_AT_MOST)


def _is_zipped_again(data: bytes) -> bool:
    """Whether the directory names the members of an evidence file, perhaps all in one folder. It unpacks nothing."""
    names = [name for name in _names_listed(data) if not name.endswith("/")]
    told = [name.removesuffix(README) for name in names if name.endswith(README)]
    folder = min(told, key=len, default=None)
    if folder is None:
        return False
    inner = {name.removeprefix(folder) for name in names if name.startswith(folder)}
    return {README, "v1/manifiesto.json", "v1/recibo.json"} <= inner


def _names_listed(data: bytes) -> Iterator[str]:
    """The names in the directory of any plain zip, which `_members_told` has found small enough to read."""
    end = _end_at(data)
    if end < 0:
        return
    at = end - _END.unpack_from(data, end)[5]
    while at >= 0 and at + _CENTRAL.size <= end and data.startswith(_CENTRAL_MARK, at):
        name, extra, comment = _CENTRAL.unpack_from(data, at)[10:13]
        yield data[at + _CENTRAL.size : at + _CENTRAL.size + name].decode("latin-1")
        at += _CENTRAL.size + name + extra + comment


def _headers(name: str, *, checksum: int, size: int, offset: int) -> tuple[bytes, bytes]:
    """Return the two headers of a member: the one before its content, and the one in the directory."""
    raw = name.encode("ascii")
    common = (_ZIP_VERSION, 0, 0, _MIDNIGHT, _DAY_1980_01_01, checksum, size, size, len(raw), 0)
    return (
        _LOCAL.pack(_LOCAL_MARK, *common) + raw,
        _CENTRAL.pack(_CENTRAL_MARK, _ZIP_VERSION, *common, 0, 0, 0, 0, offset) + raw,
    )


def _read_members(data: bytes) -> dict[str, bytes]:
    """Read the members one after another, from the start."""
    members: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == _LOCAL_MARK and at + _LOCAL.size <= len(data):
        *_, checksum, size, _, name_length, _ = _LOCAL.unpack_from(data, at)
        offset, start = at, at + _LOCAL.size + name_length
        at = start + size
        name = data[start - name_length : start].decode("latin-1")
        if name in members or at > len(data) or (name != README and not _MEMBER.fullmatch(name)):
            raise EvidenceFault(CONTAINER, STRUCTURE)
        if len(members) == MEMBERS_AT_MOST or size > _at_most(name):
            raise EvidenceFault(CONTAINER, TOO_LARGE)
        members[name] = data[start:at]
        if zlib.crc32(members[name]) != checksum:
            # If both headers still agree, it is the content that was altered.
            listed = data.find(_headers(name, checksum=checksum, size=size, offset=offset)[1], at) >= 0
            raise EvidenceFault(name if listed else CONTAINER, ALTERED if listed else STRUCTURE)
    return members
