"""Files of others are what they were when they were looked at."""

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).parents[2] / "lme_operator" / "entrypoints" / "pages" / "static"
_ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| .* \| .+ \| `(?P<digest>[0-9a-f]{64})` \|$", re.MULTILINE)


def test_each_script_of_others_is_listed_and_has_its_digest() -> None:
    listed = {row["file"]: row["digest"] for row in _ROW.finditer((STATIC / "README.md").read_text("utf-8"))}
    versioned = {path.name: path for path in STATIC.glob("*.min.js")}
    assert listed == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in versioned.items()}
    assert len(listed) == 2
