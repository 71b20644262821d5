"""The web application on the test's database, with people ready to act."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lme_operator.settings import Settings
from lme_operator.wiring import Operator, create_app
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
    """The API with nobody enrolled."""
    return Web(create_app(operator), operator, clock)


@pytest.fixture
def doctor(web: Web) -> str:
    """The token of a professional who has entered."""
    return web.enter(web.enrol())
