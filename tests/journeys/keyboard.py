"""A person who never touches the mouse: moves by Tab, writes, presses, and counts each field and each act."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Keyboard as Keys

from tests.journeys.looking import Visit

_FOCUSED = """() => { const at = document.activeElement; return {
  name: at.getAttribute('name') ?? '', text: (at.innerText ?? '').trim(), tag: at.tagName, value: at.value ?? ''}; }"""
_MOST_STOPS = 90


@dataclass
class Keyboard:
    """`done`: every interaction so far, in order: a field filled, an option chosen, a button or link pressed."""

    visit: Visit
    done: list[str] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        """Go to the field of this name and write over what is there."""
        self._go(lambda at: at["name"] == name and at["tag"] in ("INPUT", "TEXTAREA"), name)
        self._keys.press("ControlOrMeta+a")
        self._keys.type(text)
        self.done.append(f"{name}: {text}")

    def choose(self, name: str, value: str) -> None:
        """Go to a group of options and choose one, with the space bar or the arrows."""
        self._go(lambda at: at["name"] == name, name)
        for _ in range(9):
            if self._focused["value"] == value:
                self._keys.press("Space")
                self.done.append(f"{name}: {value}")
                return
            self._keys.press("ArrowDown")
        raise AssertionError(f"no option {value} of {name}")

    def press(self, words: str) -> None:
        """Go to the button or link that says so, press it, and wait for the page that answers."""
        self._go(lambda at: at["tag"] in ("BUTTON", "A") and at["text"].startswith(words), words)
        with self.visit.page.expect_navigation():
            self._keys.press("Enter")
        self.done.append(words)

    @property
    def _keys(self) -> Keys:
        return self.visit.page.keyboard

    @property
    def _focused(self) -> dict[str, str]:
        focused: dict[str, str] = self.visit.page.evaluate(_FOCUSED)
        return focused

    def _go(self, reached: Callable[[dict[str, str]], bool], what: str) -> None:
        """Press Tab until there."""
        for _ in range(_MOST_STOPS):
            if reached(self._focused):
                return
            self._keys.press("Tab")
        raise AssertionError(f"Tab never reaches {what}")
