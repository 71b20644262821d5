"""What it is to look at a page: accessible, within its screen at every width, and as a picture for people's eyes."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from lme_operator.core.clock import movable_clock
from lme_operator.core.run import Run
from tests.factories.live import Live
from tests.factories.people import PASSWORD, SECRET, code_at

OFFICER, INDIVIDUAL, INSTITUTION = "Por el operador", "En mi práctica individual", "Para una institución"
"""What may be chosen when entering."""

_AXE = (Path(__file__).parents[1] / "assets" / "browser" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SCREENSHOTS = os.environ.get("LME_TEST_SCREENSHOTS")
_HEIGHTS = {1280: 900, 360: 740, 320: 640}


class MovedClock:
    """The clock that a served system shares with its test, by a file with the seconds to add."""

    def __init__(self, file: Path) -> None:
        self._file, self._now, self._added = file, movable_clock(file), 0.0

    def __call__(self) -> datetime:
        return self._now()

    def advance(self, *, seconds: float) -> None:
        """Move it on, for every process; the file is replaced whole, for some of them may be reading it."""
        self._added += seconds
        fresh = self._file.with_suffix(".nuevo")
        fresh.write_text(str(self._added), encoding="ascii")
        fresh.replace(self._file)


@dataclass
class Visit:
    """A person before the console."""

    live: Live
    context: BrowserContext
    page: Page

    def go(self, path: str) -> None:
        """Open a page, as by typing its address."""
        self.page.goto(path)

    def press(self, words: str) -> None:
        """Press the button that says so, and wait for the page that answers."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words, exact=True).click()

    def fill(self, **values: str) -> None:
        """Write in the fields of these names."""
        for name, value in values.items():
            self.page.locator(f'[name="{name}"]').fill(value)

    def choose(self, words: str) -> None:
        """Choose the option that says so."""
        self.page.get_by_label(words, exact=True).check()

    def look(self, name: str) -> None:
        """Look at the page as it stands, under this name."""
        check_page(self.page, name)

    @property
    def heading(self) -> str:
        """The page's own heading."""
        return self.page.locator("h1").inner_text()

    def enter(self, run: Run, *, password: str = PASSWORD, secret: str = SECRET, as_: str = INDIVIDUAL) -> None:
        """Fill in the entry and send it, with a code never used."""
        self.go("/consola/entrar")
        self.fill(run=run.display, clave=password, codigo=self.next_code(secret))
        self.choose(as_)
        self.press("Entrar")

    def next_code(self, secret: str = SECRET) -> str:
        """Let the next step of 30 s come; return its code."""
        clock: Any = self.live.operator.database.clock
        clock.advance(seconds=30)
        return code_at(clock(), secret)


def check_page(page: Page, name: str) -> None:
    """Assert that the page has no violation axe can see, and fits every width; keep its picture where asked."""
    for width, height in _HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        assert _fits(page), f"{name}: wider than its screen of {width} px"
        if width != 320:
            assert violations(page) == [], f"{name} at {width} px"
            _keep(page, f"{name}-{width}")
    page.set_viewport_size({"width": 1280, "height": _HEIGHTS[1280]})


def violations(page: Page) -> list[str]:
    """What axe has against the page, each rule with the elements that break it."""
    page.evaluate(_AXE)
    found: Any = page.evaluate(
        "rules => axe.run({runOnly: {type: 'tag', values: rules}}).then(found => found.violations)", _RULES
    )
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]


def _fits(page: Page) -> bool:
    fits: bool = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return fits


def _keep(page: Page, name: str) -> None:
    if _SCREENSHOTS:
        page.screenshot(path=Path(_SCREENSHOTS) / f"{name}.png", full_page=True)
