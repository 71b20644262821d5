"""Persons by RUN: the row that every act of a person locks, and its epoch.

Invariants: a row exists only for who is enrolled, being enrolled, or ordered about; its RUN never changes, it is never
deleted, and its epoch only rises, by one, under the row's lock (a trigger refuses the rest). Whatever was born in an
earlier epoch (sessions, half-logins, codes, preparations) is dead: so a block or a changed factor ends them all at
once, without reaching into any room (N-2.6b, N-2.7a, N-6a).

Personal data are sealed field by field (`core.sealing`). `PLAIN_COLUMNS` is the one table of what stays plain.
"""

from lme_operator.domain.identity.facts import people
from lme_operator.domain.identity.locking import find_epoch, lock_people, locked_epoch, raise_epoch
from lme_operator.domain.identity.plain import PLAIN_COLUMNS

__all__ = ["PLAIN_COLUMNS", "find_epoch", "lock_people", "locked_epoch", "people", "raise_epoch"]
