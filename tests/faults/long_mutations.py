"""`make faults`: ten thousand mutants of four kinds of evidence file, judged with and without the trust file."""

import sys
from pathlib import Path

from lme_operator.core.database import Database
from tests.factories.stage import Stage
from tests.faults.mutation_count import count_mutants

_EACH = 2_500


def long_mutations(database: Database, tmp_path: Path) -> None:
    counts = []
    for count in count_mutants(Stage(database, tmp_path), each=_EACH):
        sys.stdout.write("\n".join(["", count.row(), *count.faults]))
        sys.stdout.flush()
        counts.append(count)
    figures = [sum(len(count.accepts) for count in counts), sum(len(count.crashes) for count in counts)]
    figures.append(sum(len(count.over_time) for count in counts))
    sys.stdout.write("\naccepts, crashes, over-time: {}, {}, {}\n".format(*figures))
    assert figures == [0, 0, 0]
