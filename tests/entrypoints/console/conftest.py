"""The console on the test's database, with people ready to act."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lme_operator.settings import Settings
from lme_operator.wiring import Operator, create_app
from tests.factories.browsing import Browsing
from tests.factories.web import Web, operator_of, web_settings


@pytest.fixture
def settings(tmp_path: Path, application_url: str) -> Settings:
    return web_settings(tmp_path, application_url)


@pytest.fixture
def operator(settings: Settings, clock: Any) -> Iterator[Operator]:
    with operator_of(settings, clock) as operator:
        yield operator


@pytest.fixture
def web(operator: Operator, clock: Any) -> Web:
    return Web(create_app(operator), operator, clock)


@pytest.fixture
def browsing(web: Web) -> Browsing:
    """A browser that knows nothing yet."""
    return Browsing(web)
