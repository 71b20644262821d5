"""Finding professionals by words of their names, none of which can be read in the database.

Each word of a name, without accents or case, leaves its keyed hash beside the data that it came with. So only whole
words find: the beginning of one does not, and nobody without the key can try a list of names. Who reads the table still
sees which rows share a word, and how often. What was recorded before this index is found once its data are given again.
"""

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lme_operator.core.database import Work
from lme_operator.core.run import Run
from lme_operator.core.sealing import Sealer
from lme_operator.domain.professionals.records import name_words, professionals

_SHORTEST, _MOST_WORDS = 2, 12
_INSIDE = re.compile(r"['’´`]")
"""What stands inside a word and people leave out: O'Higgins."""
_WORD = re.compile(r"[^\W\d_]+")


def words_of(*names: str) -> frozenset[str]:
    """Return the words of names as they are compared: `Ñancupil-D'Arcy` is `nancupil` and `darcy`."""
    text = _INSIDE.sub("", " ".join(names))
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return frozenset(word for word in _WORD.findall(bare.casefold()) if len(word) >= _SHORTEST)


def record_names(work: Work, sealer: Sealer, professional_id: UUID, names: Iterable[str]) -> None:
    """Write the words by which the row `professional_id` is found."""
    rows = [{"professional_id": professional_id, "word": _hash(sealer, word)} for word in words_of(*names)]
    if rows:
        work.execute(name_words.insert().values(rows))


def search(connection: Connection, sealer: Sealer, words: str, *, at_most: int = 50) -> tuple[Run, ...]:
    """Return who has every one of these words in the name in force, the latest recorded first, `at_most` of them.

    Words of one letter do not count, and of many words twelve; no word finds nobody.
    """
    wanted = [_hash(sealer, word) for word in sorted(words_of(words))[:_MOST_WORDS]]
    if not wanted:
        return ()
    later = professionals.alias("later")
    superseded = sa.exists().where(later.c.run == professionals.c.run, later.c.sequence > professionals.c.sequence)
    found = connection.execute(
        sa.select(professionals.c.run)
        .join(name_words, name_words.c.professional_id == professionals.c.id)
        .where(name_words.c.word.in_(wanted), ~superseded)
        .group_by(professionals.c.id, professionals.c.run, professionals.c.sequence)
        .having(sa.func.count() == len(wanted))
        .order_by(professionals.c.sequence.desc())
        .limit(at_most)
    ).scalars()
    return tuple(Run.parse(run) for run in found)


def _hash(sealer: Sealer, word: str) -> bytes:
    return sealer.lookup(word, purpose="professionals.name_word")
