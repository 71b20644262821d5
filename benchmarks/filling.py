"""Rows of a past: every table that issuing touches, filled to a number of licences, set by set.

Each row copies a licence really issued a moment ago, with ids, folio, digests and instants of its own, spread over the
year before. The log's entries are chained: each one's right edge is computed as `audit.append` would, so the product
goes on appending after them. The sealed bodies (document, evidence, disclosures) are copied whole up to
`WHOLE_BODIES` licences; beyond, they are cut to `CUT` bytes, which keeps the row in its table instead of leaving 18
bytes there and the rest in TOAST: the tables and indexes that issuing reads are then larger than real ones, and what
is missing is bytes that nobody reads again (some 13 kB a licence).
"""

import struct
import threading
from hashlib import md5
from uuid import UUID

import psycopg

from benchmarks.store import Store
from lme_operator.domain.audit import merkle

WHOLE_BODIES, CUT = 20_000, 200

_PLAN = """
CREATE TEMP TABLE made AS
SELECT g, template.preparation_id AS model, %(at)s::timestamptz - interval '366 days' + g * %(step)s AS at,
       core_id(1, g) AS licence, core_id(2, g) AS preparation, core_id(3, g) AS entry, core_id(4, g) AS key_use
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS g
JOIN template ON template.n = g %% %(templates)s
"""
_ID = """
CREATE OR REPLACE FUNCTION pg_temp.core_id(kind integer, g bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(1700000000000 + g * 31), 12, '0')
            || '7' || left(digest, 3) || '8' || substr(digest, 4, 15))::uuid
    FROM md5(kind || '/' || g) AS digest
$$
"""
_TEMPLATE = """
CREATE TEMP TABLE template AS
SELECT row_number() OVER () - 1 AS n, preparation_id
FROM (SELECT DISTINCT ON (run) preparation_id FROM licences.licence ORDER BY run, at DESC) AS latest
"""
_ROWS = (
    """INSERT INTO licences.document_key SELECT made.preparation, key.wrapped
       FROM made JOIN licences.document_key AS key ON key.id = made.model""",
    """INSERT INTO issuance.preparation SELECT made.preparation, run, context, epoch, 30000000 + g,
           sha256(int8send(g)), substr(document, 1, %(body)s), substr(origin, 1, %(body)s),
           made.at, made.at + interval '15 minutes'
       FROM made JOIN issuance.preparation AS model ON model.id = made.model""",
    "INSERT INTO issuance.redemption SELECT preparation, licence, at FROM made",
    """INSERT INTO licences.licence (id, folio, run, context, enrolment_id, preparation_id, kind, days, rest_starts_on,
           worker, details, code_hash, entry_id, at)
       SELECT made.licence, 30000000 + g, run, context, enrolment_id, made.preparation, kind, days,
           (made.at AT TIME ZONE 'America/Santiago')::date, sha256(int8send(g %% 300000)), details,
           sha256('c' || int8send(g)), made.entry, made.at
       FROM made JOIN licences.licence AS model ON model.preparation_id = made.model""",
    """INSERT INTO licences.evidence SELECT made.licence, 1, substr(members, 1, %(body)s), made.entry, made.at
       FROM made JOIN licences.licence AS model ON model.preparation_id = made.model
       JOIN licences.evidence AS proof ON proof.licence_id = model.id""",
    """INSERT INTO core.outcome SELECT sha256('p' || int8send(g)), sha256(int8send(g)), 'preparacion', preparation, at
       FROM made""",
    """INSERT INTO core.outcome SELECT sha256('l' || int8send(g)), sha256(int8send(g)), 'licencia', licence, at
       FROM made""",
    """INSERT INTO credentials.key_use SELECT made.key_use, key.id, 0, made.at
       FROM made JOIN licences.licence AS model ON model.preparation_id = made.model
       JOIN credentials.key AS key ON key.run = model.run""",
)
_DAYS = (
    """INSERT INTO credentials.session OVERRIDING SYSTEM VALUE
       SELECT core_id(5, n), run, sha256(int8send(n)), context, stage, source, origin, idle,
              at - day * interval '1 day', expires_at - day * interval '1 day', -n
       FROM (SELECT *, %(first)s + row_number() OVER () AS n FROM credentials.session,
             generate_series(1, %(days)s) AS day WHERE sequence > 0) AS past""",
    "INSERT INTO credentials.session_epoch SELECT id, 0, at FROM credentials.session WHERE sequence < -%(first)s",
    """CREATE TEMP TABLE asked AS
       SELECT past.*, core_id(6, n) AS new_id, core_id(7, n) AS new_flight, core_id(8, n) AS new_entry
       FROM (SELECT consultation.*, day, %(first)s + row_number() OVER (ORDER BY day DESC, run) AS n
             FROM (SELECT DISTINCT ON (run) * FROM rnpi.consultation WHERE flight_id IS NOT NULL
                   ORDER BY run, position DESC) AS consultation, generate_series(0, %(days)s) AS day) AS past""",
    """INSERT INTO rnpi.flight (id, run, slot, purpose, day, at, expires_at)
       SELECT new_flight, run, top + row_number() OVER (PARTITION BY run ORDER BY day DESC), purpose,
              (at AT TIME ZONE 'America/Santiago')::date - day::integer, at - day * interval '1 day',
              at - day * interval '1 day' + interval '9 seconds'
       FROM asked JOIN (SELECT run, max(slot) AS top FROM rnpi.flight GROUP BY run) AS latest USING (run)""",
    """INSERT INTO rnpi.consultation (id, run, purpose, result, cause, reason, flight_id, asked_at, for_review, members,
                                      registration, entry_id, at)
       SELECT new_id, run, purpose, result, cause, reason, new_flight, asked_at - day * interval '1 day', for_review,
              substr(members, 1, %(body)s), substr(registration, 1, %(body)s), new_entry, at - day * interval '1 day'
       FROM asked ORDER BY n""",
)


def fill(store: Store, *, licences: int) -> None:
    """Bring the licences recorded to `licences`; each professional must have issued one already."""
    with store.administer() as there:
        present, last = _count(there), _last_entry(there)
        if present >= licences:
            return
        missing = licences - present
        body = 1 << 20 if licences <= WHOLE_BODIES else CUT
        there.execute("SET search_path = pg_temp, pg_catalog")
        there.execute("ALTER SYSTEM SET fsync = off")
        there.execute("SELECT pg_reload_conf()")
        chaining = threading.Thread(target=_chain, args=(store, last, present, missing, body))
        chaining.start()
        _set_by_set(there, first=present, count=missing, body=body)
        chaining.join()
        there.execute("ALTER SYSTEM RESET fsync")
        there.execute("SELECT pg_reload_conf()")
        there.execute("RESET search_path")
        there.execute("VACUUM (ANALYZE)")
        there.execute("CHECKPOINT")


def _set_by_set(there: "psycopg.Connection[tuple[object, ...]]", *, first: int, count: int, body: int) -> None:
    """Everything but the log. Foreign keys are not looked at: every row's parent is in the same set."""
    with there.transaction():
        there.execute("SET LOCAL session_replication_role = replica")
        there.execute("SET LOCAL work_mem = '256MB'")
        there.execute(_ID)
        there.execute(_TEMPLATE)
        templates, now = _row(there, "SELECT count(*), now() FROM template")
        values = {"first": first, "last": first + count - 1, "templates": templates, "at": now, "body": body}
        step = f"interval '{365 * 86400 / (first + count):.6f} seconds'"
        there.execute(_PLAN.replace("%(step)s", step).replace("core_id", "pg_temp.core_id"), values)
        there.execute("ANALYZE made, template")
        for statement in _ROWS:
            there.execute(statement, values)
        days = {"first": first, "days": max(1, min(250, count // 4000)), "body": body}
        for statement in _DAYS:
            there.execute(statement.replace("core_id", "pg_temp.core_id"), days)
        there.execute("DROP TABLE made, template, asked")


def _chain(store: Store, last: tuple[int, bytes, list[bytes], str], first: int, count: int, body: int) -> None:
    """Append `count` entries to the log after `last`: hashes and edges as the log's own."""
    index, leaf, stored_edge, key_id = last
    edge = merkle.extend(tuple(stored_edge), index, merkle.leaf_hash(leaf))
    with store.administer() as there, there.transaction():
        there.execute("SET LOCAL session_replication_role = replica")
        sealed = _sealed(there)[:body]
        with there.cursor().copy("COPY audit.entry (index, id, leaf, edge, key_id) FROM STDIN (FORMAT binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
            for number in range(first, first + count):
                index += 1
                written = leaf[:-12] + number.to_bytes(12, "big")
                copy.write(_entry_row(index, _entry_id(number), written, edge, key_id.encode()))
                edge = merkle.extend(edge, index, merkle.leaf_hash(written))
            copy.write(b"\xff\xff")
        there.execute(
            """INSERT INTO audit.disclosure
               SELECT g, %(sealed)s FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS g""",
            {"sealed": sealed, "first": index - count + 1, "last": index},
        )


def _entry_row(index: int, entry_id: bytes, leaf: bytes, edge: merkle.Edge, key_id: bytes) -> bytes:
    """A row of the log as COPY's binary format has it."""
    items = b"".join(struct.pack("!i", len(one)) + one for one in edge)
    array = struct.pack("!iiiii", 1, 0, 17, len(edge), 1) + items if edge else struct.pack("!iii", 0, 0, 17)
    parts = (struct.pack("!q", index), entry_id, leaf, array, key_id)
    return struct.pack("!h", len(parts)) + b"".join(struct.pack("!i", len(part)) + part for part in parts)


def _entry_id(number: int) -> bytes:
    """The id that `pg_temp.core_id(3, number)` gives the same entry."""
    digest = md5(f"3/{number}".encode(), usedforsecurity=False).hexdigest()
    return UUID(f"{1700000000000 + number * 31:012x}7{digest[:3]}8{digest[3:18]}").bytes


def _count(there: "psycopg.Connection[tuple[object, ...]]") -> int:
    return int(str(_row(there, "SELECT count(*) FROM licences.licence")[0]))


def _last_entry(there: "psycopg.Connection[tuple[object, ...]]") -> tuple[int, bytes, list[bytes], str]:
    row = _row(there, "SELECT index, leaf, edge, key_id FROM audit.entry ORDER BY index DESC LIMIT 1")
    index, leaf, edge, key_id = row
    assert isinstance(index, int)
    assert isinstance(leaf, bytes)
    assert isinstance(edge, list)
    return index, leaf, edge, str(key_id)


def _sealed(there: "psycopg.Connection[tuple[object, ...]]") -> bytes:
    sealed = _row(there, "SELECT sealed FROM audit.disclosure ORDER BY index DESC LIMIT 1")[0]
    assert isinstance(sealed, bytes)
    return sealed


def _row(there: "psycopg.Connection[tuple[object, ...]]", statement: str) -> tuple[object, ...]:
    row = there.execute(statement).fetchone()
    assert row is not None
    return row
