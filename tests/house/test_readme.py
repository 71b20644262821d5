"""The README's map is the tree: a reader who guesses by it is right."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def mapped() -> tuple[set[str], set[str]]:
    """Paths that the map names, and the rooms and doors indented under one."""
    text = (ROOT / "README.md").read_text("utf-8")
    block = text.split("## Map")[1].split("```")[1]
    paths, inside, parent = set(), set(), ""
    for line in block.strip().splitlines():
        name = line.split()[0]
        if line.startswith("    "):
            inside.add(parent + name)
        else:
            parent = name
            paths.add(name.rstrip("/"))
    return paths, inside


def packages(folder: str) -> set[str]:
    return {f"{folder}{path.parent.name}" for path in (ROOT / folder).glob("*/__init__.py")}


def test_every_room_gateway_and_door_is_on_the_map() -> None:
    _, inside = mapped()
    built = set().union(*(packages(f"lme_operator/{part}/") for part in ("domain", "gateways", "entrypoints")))
    assert inside == built


def test_every_place_on_the_map_exists() -> None:
    paths, _ = mapped()
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_folder_of_the_house_is_on_the_map() -> None:
    paths, _ = mapped()
    hidden = re.compile(r"[._]|build$")
    top = {path.name for path in ROOT.iterdir() if path.is_dir() and not hidden.match(path.name)}
    named = {path.split("/")[0] for path in paths}
    assert top - named - {"lme_operator"} == set()
