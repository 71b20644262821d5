"""A real browser before the real server. Each module has a browser of its own, closed before the next begins.

Closed, because while one is open its event loop runs, and tests that start a loop of their own would fail.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import RunningServer, fresh_database
from tests.factories.live import Live, serve
from tests.journeys.authenticator import Authenticator
from tests.journeys.looking import MovedClock, Visit

_ARGUMENTS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(_ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def live(tmp_path: Path, role_url: Callable[[str], str]) -> Iterator[Live]:
    """The product, serving; its clock and the test's are one, and the test moves it."""
    with _patient(tmp_path, role_url) as running:
        yield running


@pytest.fixture(scope="module")
def shared_live(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One for a module whose tests disturb nobody: each with people of its own."""
    with (
        fresh_database(server) as name,
        _patient(tmp_path_factory.mktemp("servido"), lambda role: server.url(role, name)) as running,
    ):
        yield running


@contextmanager
def _patient(folder: Path, role_url: Callable[[str], str]) -> Iterator[Live]:
    with serve(folder, role_url, workers=1, application="tests.journeys.applications:patient") as running:
        running.operator.database.clock = MovedClock(folder / "reloj")
        yield running


@pytest.fixture
def arrive(browser: Browser, live: Live) -> Iterator[Callable[[], Visit]]:
    """Another person before the console, each in a browser that knows nothing yet."""
    with ExitStack() as stack:

        def one() -> Visit:
            context = browser.new_context(base_url=live.url, locale="es-CL", timezone_id="America/Santiago")
            context.set_default_timeout(10_000)
            stack.callback(context.close)
            return Visit(live, context, context.new_page())

        yield one


@pytest.fixture
def visit(arrive: Callable[[], Visit]) -> Visit:
    """One person before the console."""
    return arrive()


@pytest.fixture
def authenticator(visit: Visit) -> Authenticator:
    """The person's security key, in his browser."""
    return Authenticator.plugged_into(visit.page)
