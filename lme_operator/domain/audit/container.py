"""The container of an evidence file: a zip with exactly one byte form, so that nothing can hide in it (formats v1).

Stored, 1980-01-01, made by system 0, no attributes, no extra fields, no comments, no zip64; `LEAME.txt` first, then by
(version number, name). Written here byte by byte: libraries add attributes of their own, and differ by version.
"""

import re
import struct
import zlib
from collections.abc import Mapping

README = "LEAME.txt"
CONTAINER = "contenedor"
"""What is named when no single member is at fault."""

_MEMBER = re.compile(r"v([1-9][0-9]{0,3})/[a-z0-9_-]+(?:\.[a-z0-9]+)+", re.ASCII)
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_ZIP_VERSION = 20
_MIDNIGHT, _DAY_1980_01_01 = 0, 0x21
_SIZE_AT_MOST = 2**32 - 2


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
    if README not in members or sum(map(len, members.values())) > _SIZE_AT_MOST:
        raise ValueError("not an evidence file")
    body, directory = bytearray(), bytearray()
    for name in names:
        content = members[name]
        local, central = _headers(name, checksum=zlib.crc32(content), size=len(content), offset=len(body))
        directory += central
        body += local + content
    end = _END.pack(_END_MARK, 0, 0, len(names), len(names), len(directory), len(body), 0)
    return bytes(body + directory + end)


def open_strict(data: bytes) -> dict[str, bytes]:
    """Read a container; raise `EvidenceFault` unless writing it again gives the same bytes.

    Kinds: `miembro_alterado` (the member named does not have its own checksum); for the container `estructura`.
    """
    members = _read_members(data)
    try:
        again = build(members)
    except ValueError as error:
        raise EvidenceFault(CONTAINER, "estructura") from error
    if again != data:
        raise EvidenceFault(CONTAINER, "estructura")
    return members


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
            raise EvidenceFault(CONTAINER, "estructura")
        members[name] = data[start:at]
        if zlib.crc32(members[name]) != checksum:
            # If both headers still agree, it is the content that was altered.
            listed = _headers(name, checksum=checksum, size=size, offset=offset)[1] in data[at:]
            raise EvidenceFault(name if listed else CONTAINER, "miembro_alterado" if listed else "estructura")
    return members
