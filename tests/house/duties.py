"""`make duties`: every duty of the matrix, one a line: `ID shown|partial|open  test names`.

A duty is *shown* only when a violation planted in a copy of the code turns its test red in this very run; *partial*
when tests that name it pass but no violation is planted, or the violation covers only what is built so far; *open*
when no passing test names it. Violations stand in `violations.toml`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_COPIED = ("lme_operator", "migrations", "protocols", "config", "tests", "pyproject.toml", "celery_worker.py")


@dataclass(frozen=True)
class Violation:
    """A line of the code made wrong, and the test that must notice."""

    duties: tuple[str, ...]
    file: str
    removes: str
    puts: str
    test: str
    whole: bool
    """False where the duty has parts that are not built yet: it stays partial."""

    @property
    def name(self) -> str:
        return self.test.rpartition("::")[2]


def matrix() -> list[str]:
    """The ids of the duties, in the matrix's order."""
    return re.findall(r"^\| ((?:N|M)-[0-9.]+[a-l]?) \|", (ROOT / "protocols/matriz.md").read_text("utf-8"), re.M)


def violations() -> tuple[Violation, ...]:
    """The planted violations."""
    rows = tomllib.loads((Path(__file__).parent / "violations.toml").read_text("utf-8"))["violacion"]
    return tuple(
        Violation(
            duties=tuple(row["deberes"]),
            file=row["archivo"],
            removes=row["quita"],
            puts=row["pone"],
            test=row["prueba"],
            whole=row["entero"],
        )
        for row in rows
    )


def run_pytest(folder: Path, *arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run pytest on the tree in `folder`, that tree first on the path."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def outcomes() -> dict[str, set[str]]:
    """Duty → names of the tests that name it and pass."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        arguments = ("-m", "norm", "-n", "2", "-p", "tests.house.duty_plugin")
        ran = run_pytest(ROOT, *arguments, environment={"LME_DUTIES": report.name})
        if ran.returncode not in (0, 1):
            sys.exit(ran.stdout + ran.stderr)
        tests = json.loads(Path(report.name).read_text("utf-8"))
    by_name: dict[tuple[str, str], bool] = {}
    for node, outcome in tests.items():
        name = node.rpartition("::")[2].partition("[")[0]
        for duty in outcome["duties"]:
            sound = outcome["passed"] and not outcome["failed"]
            by_name[duty, name] = by_name.get((duty, name), True) and sound
    passing: dict[str, set[str]] = {}
    for (duty, name), sound in by_name.items():
        if sound:
            passing.setdefault(duty, set()).add(name)
    return passing


def turns_red(violation: Violation) -> bool:
    """Plant the violation in a copy of the tree and see whether its test fails."""
    with tempfile.TemporaryDirectory(prefix="lme-violacion-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        for part in _COPIED:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / part)
        target = folder / violation.file
        text = target.read_text("utf-8")
        if text.count(violation.removes) != 1:
            sys.exit(f"violations.toml: {violation.file}: text to remove found {text.count(violation.removes)} times")
        target.write_text(text.replace(violation.removes, violation.puts), "utf-8")
        compile(target.read_text("utf-8"), violation.file, "exec")
        ran = run_pytest(folder, violation.test, "-p", "no:xdist", environment={})
        return ran.returncode == 1 and " failed" in ran.stdout


def main() -> None:
    """Print the table and the counts."""
    passing = outcomes()
    planted = violations()
    with ThreadPoolExecutor(max_workers=2) as pool:
        red = dict(zip(planted, pool.map(turns_red, planted), strict=True))
    counts = {"shown": 0, "partial": 0, "open": 0}
    for duty in matrix():
        names = passing.get(duty, set())
        proofs = [violation for violation in planted if duty in violation.duties and violation.name in names]
        shown = any(red[proof] and proof.whole for proof in proofs)
        state = "shown" if shown else "partial" if names else "open"
        counts[state] += 1
        print(f"{duty:6} {state:7}  {' '.join(sorted(names))}".rstrip())  # noqa: T201
    for violation, noticed in red.items():
        if not noticed:
            print(f"NOT NOTICED: {violation.file} → {violation.test}")  # noqa: T201
    print(", ".join(f"{count} {state}" for state, count in counts.items()))  # noqa: T201
    sys.exit(0 if all(red.values()) else 1)


if __name__ == "__main__":
    main()
