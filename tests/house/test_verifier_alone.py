"""The verifier is a program by itself: copied alone, without rooms and without a database's client, it judges."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from click.testing import CliRunner

from lme_operator.entrypoints.cli.verify import verify

PACKAGE = "lme_operator"
ROOT = Path(__file__).parents[2]
FILES = ROOT / "tests" / "assets" / "evidence"
PROGRAM = "lme_operator.entrypoints.cli.verify"
ALONE = """
import sys
sys.path.remove(sys.argv.pop(1))
for name in ("sqlalchemy", "psycopg", "flask", "celery", "httpx"):
    sys.modules[name] = None
sys.path.insert(0, ".")
from lme_operator.entrypoints.cli.verify import verify
verify()
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verifier's modules and their data; a room's door that it does not need is an empty file."""
    graph = grimp.build_graph(PACKAGE)
    folder = tmp_path_factory.mktemp("solo")
    for module in {PROGRAM, *graph.find_upstream_modules(PROGRAM)}:
        path = Path(*module.split("."))
        path = path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    for package in (path for path in folder.rglob("*") if path.is_dir()):
        (package / "__init__.py").touch()
    for data in (ROOT / PACKAGE / "domain" / "licences").rglob("*.xsd"):
        (folder / data.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(data, folder / data.relative_to(ROOT))
    return folder


@pytest.mark.norm("N-2.4a")
@pytest.mark.parametrize("name", sorted(folder.name for folder in FILES.iterdir() if folder.is_dir()))
def test_the_verifier_alone_says_what_the_product_says(copy: Path, name: str) -> None:
    evidence, trust = FILES / name / "evidencia.zip", FILES / name / "confianza.json"
    arguments = [str(evidence), "--confianza", str(trust), "--json"]
    alone = subprocess.run(
        [sys.executable, "-c", ALONE, str(ROOT), *arguments],
        cwd=copy, capture_output=True, text=True, timeout=60, check=False, env={},
    )  # fmt: skip
    assert alone.stdout, alone.stderr
    product = CliRunner().invoke(verify, arguments)
    assert (alone.returncode, json.loads(alone.stdout)) == (product.exit_code, json.loads(product.stdout))
