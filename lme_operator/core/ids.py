"""Sortable identifiers: UUIDv7 (RFC 9562), made here because PostgreSQL 15 has no `uuidv7()`."""

import secrets
from datetime import datetime
from uuid import UUID


def uuid7(at: datetime) -> UUID:
    """Return a UUIDv7 whose time part is `at` in milliseconds; the rest is random."""
    milliseconds = int(at.timestamp() * 1000) & (1 << 48) - 1
    random = secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=value)
