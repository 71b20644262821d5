"""Four hundred mutants of evidence files, a hundred of each kind; `make faults` judges ten thousand."""

from pathlib import Path

import pytest

from lme_operator.core.database import Database
from tests.factories.stage import Stage
from tests.faults.mutation_count import count_mutants


@pytest.mark.norm("N-2.4a", "N-2.6c")
def test_no_mutant_is_accepted_or_makes_the_verifier_raise(database: Database, tmp_path: Path) -> None:
    for count in count_mutants(Stage(database, tmp_path), each=100):
        assert count.judged == 100
        assert not [*count.accepts, *count.crashes], count.row()
