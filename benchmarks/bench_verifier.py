"""The verifier: hostile files, the greatest honest dossier as a program of its own, and a licence (T-verifier).

Processor time, each beside reading and hashing the same bytes, which nobody who verifies can do without.
"""

import hashlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import report
from lme_operator.core.canonical import Json, decode, encode, sha256, to_base64url
from lme_operator.core.database import Database
from lme_operator.domain.audit import TrustFile, open_strict
from lme_operator.domain.exports import Overall, judge_evidence
from tests.factories.forger import Forger
from tests.factories.honest_files import BY_DEVICE, DOSSIER, honest_files
from tests.factories.hostile import LICENCE, hostile_containers, hostile_contents, hostile_members, trust_of
from tests.factories.mutants import logged
from tests.factories.stage import LOG_ORIGIN, Stage

PAPER, ROUNDS, WORST = 12_000_000, 5, 5
_MIB = 1 << 20
_WATCH = """
import resource, subprocess, sys, time
began = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
_SUFFIX = {"application/pdf": "pdf", "image/jpeg": "jpg"}


def bench_verifier(database: Database, tmp_path: Path) -> None:
    stage = Stage(database, tmp_path)
    honest = {one.kind: one.file for one in honest_files(stage)}
    rows = [*_hostile(), _dossier(stage, honest[DOSSIER], tmp_path), _licence(stage.trust, honest[BY_DEVICE])]
    lines = ["| qué | cifra | piso, par o meta |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    print("\n".join(["", *lines]))  # noqa: T201
    report.keep({"verificador": lines})


def _hostile() -> list[tuple[str, str, str]]:
    """The worst of the hostile files, and the sum of what they are."""
    files = {what: (LICENCE, file) for what, file in hostile_containers().items()}
    files |= hostile_contents() | hostile_members()
    spent = []
    for what, (name, file) in files.items():
        for trust in (trust_of(name), None):
            judged = _processor_ms(lambda file=file, trust=trust: judge_evidence(file, trust))  # type: ignore[misc]
            spent.append((judged, what, file))
    spent.sort(key=lambda one: one[0], reverse=True)
    rows = [(f"{len(files)} archivos hostiles, el peor", f"{spent[0][0]:.0f} ms", "meta: ≤ 500 ms de procesador")]
    shown = dict.fromkeys(what for _, what, _ in spent)
    for what in list(shown)[:WORST]:
        judged, _, file = next(one for one in spent if one[1] == what)
        floor = _processor_ms(lambda file=file: hashlib.sha256(file).digest())  # type: ignore[misc]
        rows.append((f"· {what}", f"{judged:.0f} ms", f"su SHA-256 ({len(file) / 1e6:.1f} MB): {floor:.1f} ms"))
    return rows


def _dossier(stage: Stage, honest: bytes, folder: Path) -> tuple[str, str, str]:
    file, trust = folder / "expediente.zip", folder / "confianza.json"
    file.write_bytes(_greatest(stage, honest))
    trust.write_bytes(stage.trust.render())
    command = [str(Path(sys.executable).with_name("lme")), "verificar", str(file), "--confianza", str(trust)]
    seconds, most = zip(*(_run(command) for _ in range(ROUNDS)), strict=True)
    hashed, _ = zip(*(_run(["sha256sum", str(file)]) for _ in range(ROUNDS)), strict=True)
    return (
        f"el mayor expediente honesto ({file.stat().st_size / 1e6:.0f} MB), `lme verificar`",
        f"{statistics.median(seconds):.2f} s, {max(most) / _MIB:.0f} MiB",
        f"meta: ≤ 3 s y 250 MiB; `sha256sum` del mismo archivo {statistics.median(hashed):.2f} s",
    )


def _greatest(stage: Stage, honest: bytes) -> bytes:
    """The dossier with five papers of the greatest size, logged anew with the stage's own keys."""
    members = {name: content for name, content in open_strict(honest).items() if not name.startswith("v1/archivo-")}
    case, papers = decode(members["v1/expediente.json"]), []

    def paper(reference: Json) -> Json:
        content = os.urandom(PAPER)
        told = {**reference, "digesto": to_base64url(sha256(content))}
        papers.append({"miembro": f"v1/archivo-{len(papers) + 1}.{_SUFFIX[told['tipo']]}"} | told)
        members[papers[-1]["miembro"]] = content
        return told

    for piece in case["piezas"]:
        held = piece["contenido"]
        if piece["tarea"] in ("datos", "documento"):
            held["archivo"] = paper({"id": piece["id"], "tipo": "application/pdf"})
        elif "archivo" in held:
            held["archivo"] = paper(held["archivo"])
        elif "archivos" in held:
            held["archivos"] = [paper(reference) for reference in held["archivos"]]
        piece["digesto"] = to_base64url(sha256(encode(held)))
    case["archivos"] = [{name: one[name] for name in ("miembro", "id", "digesto")} for one in papers]
    made = logged({**members, "v1/expediente.json": encode(case)}, Forger(stage.keys.log, LOG_ORIGIN))
    if judge_evidence(made, stage.trust).overall is not Overall.BY_OPERATOR:
        raise RuntimeError("not an honest dossier")
    return made


def _licence(trust: TrustFile, file: bytes) -> tuple[str, str, str]:
    judged = _processor_ms(lambda: judge_evidence(file, trust), rounds=200)
    hashed = _processor_ms(lambda: hashlib.sha256(file).digest(), rounds=200)
    return (
        "una licencia firmada con llave",
        f"{judged:.1f} ms",
        f"su SHA-256 ({len(file) / 1000:.0f} kB): {hashed:.2f} ms",
    )


def _processor_ms(do: Callable[[], object], *, rounds: int = 1) -> float:
    began = time.process_time()
    for _ in range(rounds):
        do()
    return (time.process_time() - began) * 1000 / rounds


def _run(command: list[str]) -> tuple[float, int]:
    """Seconds on the clock and greatest memory in bytes of a program that ends well.

    Started by a small process of its own: what a child's memory was before it became the program would count too.
    """
    told = subprocess.run([sys.executable, "-c", _WATCH, *command], capture_output=True, check=True, text=True)
    seconds, kibibytes = told.stdout.split()
    return float(seconds), int(kibibytes) * 1024
