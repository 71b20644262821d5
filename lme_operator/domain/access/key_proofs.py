"""What the owner of a key may take with him: where the log holds it, and the receipt that proves it without us."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from lme_operator.core.canonical import encode
from lme_operator.core.database import Deadline
from lme_operator.core.refusal import Refusal
from lme_operator.domain.access.own_keys import OwnKeys
from lme_operator.domain.credentials import OwnKey, Session, endorsements, keys
from lme_operator.domain.credentials.refusals import KEY_UNKNOWN

KeyAct = Literal["registro", "retiro"]
"""What was done with a key, each an entry of the log."""


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key with the index in the log of its registration, and of its retirement; and since when it is endorsed.

    `endorsable`: it signs, it serves, and this operator knows some accredited provider.
    """

    own: OwnKey
    index: int
    retirement_index: int | None
    endorsed_at: datetime | None
    endorsable: bool


class KeyProofs(OwnKeys):
    """What stands in the log of one's own keys."""

    __slots__ = ()

    def listed_keys(self, *, session: Session, deadline: Deadline) -> tuple[ListedKey, ...]:
        """Return every key that the person registered, retired ones too, the newest first."""
        with self.database.reading(deadline=deadline) as connection:
            owned = keys.own_keys(connection, session.run)
            entries = [entry for one in owned for entry in (one.key.entry_id, one.retirement_id) if entry is not None]
            indices = self.log.indices(connection, entries)
            endorsed = endorsements.endorsed_at(connection, [one.key.id for one in owned])
        return tuple(
            ListedKey(
                one,
                indices[one.key.entry_id],
                None if one.retirement_id is None else indices[one.retirement_id],
                endorsed.get(one.key.id),
                one.key.purpose == "firma" and one.retired_at is None and bool(self.accredited),
            )
            for one in owned
        )

    def key_proof(self, *, session: Session, key_id: UUID, act: KeyAct, deadline: Deadline) -> bytes:
        """Return the receipt of that act on an own key, all disclosed: canonical JSON, always the same bytes.

        Raises `Refusal`: `no_puede_ver_pruebas_de_llaves`; `llave_inexistente`, also for the retirement of a key that
        serves. (N-2.6c, registro@v1#recibo)
        """
        with self.database.reading(deadline=deadline) as connection:
            self.demand_seeing_proofs(connection, session)
            found = [one for one in keys.own_keys(connection, session.run) if one.key.id == key_id]
            entry_id = _entry_of(found[0], act) if found else None
            if entry_id is None:
                raise Refusal(KEY_UNKNOWN)
            return encode(self.log.receipt(connection, entry_id))


def _entry_of(own: OwnKey, act: KeyAct) -> UUID | None:
    return own.key.entry_id if act == "registro" else own.retirement_id
