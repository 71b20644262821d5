"""The present state of licences, for whoever shows one."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.engine import Connection

from lme_operator.domain.issuance import exceptions
from lme_operator.domain.issuance.rules import state_of
from lme_operator.domain.licences.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """Reads them; `operator` and `site` are whom to ask, as in `state_of`."""

    operator: str
    site: str

    def of(self, connection: Connection, licence_ids: Collection[UUID]) -> dict[UUID, State]:
        """Return the state of each of these licences, with one query for all."""
        excused = exceptions.excused(connection, licence_ids)
        return {one: state_of(excused.get(one), operator=self.operator, site=self.site) for one in licence_ids}
