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
        content, raw = members[name], name.encode("ascii")
        common = (_ZIP_VERSION, 0, 0, _MIDNIGHT, _DAY_1980_01_01, zlib.crc32(content), len(content), len(content))
        directory += _CENTRAL.pack(_CENTRAL_MARK, _ZIP_VERSION, *common, len(raw), 0, 0, 0, 0, 0, len(body)) + raw
        body += _LOCAL.pack(_LOCAL_MARK, *common, len(raw), 0) + raw + content
    end = _END.pack(_END_MARK, 0, 0, len(names), len(names), len(directory), len(body), 0)
    return bytes(body + directory + end)


def open_strict(data: bytes) -> dict[str, bytes]:
    """Read a container; raise `EvidenceFault` unless writing it again gives the same bytes.

    Kinds: `miembro_alterado` (the member does not have its own checksum), `no_canonico` (its header), and for
    `contenedor` `estructura`.
    """
    members, ends = _read_members(data)
    try:
        again = build(members)
    except ValueError as error:
        raise EvidenceFault(CONTAINER, "estructura") from error
    if again != data:
        same = next((at for at, pair in enumerate(zip(data, again, strict=False)) if pair[0] != pair[1]), len(data))
        member = next((name for name, end in ends.items() if same < end), None)
        raise EvidenceFault(member or CONTAINER, "no_canonico" if member else "estructura")
    return members


def _read_members(data: bytes) -> tuple[dict[str, bytes], dict[str, int]]:
    """Read the members one after another; return them, and where each ends."""
    members: dict[str, bytes] = {}
    ends: dict[str, int] = {}
    at = 0
    while data[at : at + 4] == _LOCAL_MARK and at + _LOCAL.size <= len(data):
        *_, checksum, size, _, name_length, _ = _LOCAL.unpack_from(data, at)
        start = at + _LOCAL.size + name_length
        at = start + size
        name = data[start - name_length : start].decode("latin-1")
        if name in members or at > len(data) or (name != README and not _MEMBER.fullmatch(name)):
            raise EvidenceFault(CONTAINER, "estructura")
        members[name], ends[name] = data[start:at], at
        if zlib.crc32(members[name]) != checksum:
            raise EvidenceFault(name, "miembro_alterado")
    return members, ends
