"""How the launcher of the demonstration writes files with secrets."""

import os
from pathlib import Path


def write_private(file: Path, content: bytes) -> None:
    """Replace `file` whole, readable by its owner alone."""
    fresh = file.with_name(f".{file.name}.nuevo")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    fresh.replace(file)
