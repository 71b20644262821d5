"""The whole product over HTTP, 400 professionals signing with a software authenticator, open-loop load (T01, F39).

`lme servir` with two workers, PostgreSQL and the load share two cores. The figures end in `benchmarks/results.json`
and in a table in Spanish, each beside its floor (`benchmarks.floors`), its peer or its aim.
"""

import time
from pathlib import Path

from benchmarks import floors, report
from benchmarks.filling import fill
from benchmarks.machine import family, memory
from benchmarks.runs import QUICK, Target, caller, run, sustained, watched
from benchmarks.store import stored
from tests.factories.live import Live, serve

PROFESSIONALS, WINDOW, FEW, MANY = (40, 6.0, 2_000, 50_000) if QUICK else (400, 20.0, 10_000, 1_000_000)
USUAL, SLOWER_SYNC_MS, SETTLING, A_MINUTE = 50.0, 2.0, 2.0, 100


def bench_licences_over_http(tmp_path: Path) -> None:
    figures = report.Figures(professionals=PROFESSIONALS, window=WINDOW)
    with stored() as store, serve(tmp_path, store.url, LME_WEB_WORKERS="2") as live:
        callers = _enrol(live)
        target = Target(live.url, live.process.pid, tmp_path, store, callers)
        run(target, rate=0, seconds=0, arrivals=[number / 12 for number in range(PROFESSIONALS)])
        fill(store, licences=FEW)
        settled = run(target, rate=15.0, seconds=WINDOW / 2)
        figures.sustained = sustained(target, guess=1850 / settled.processor, seconds=WINDOW)
        usual = min(USUAL, 0.6 * figures.sustained.rate)
        grown = store.grown()
        figures.usual = run(target, rate=usual, seconds=WINDOW)
        figures.disk = _each(grown, store.grown(), figures.usual.issued)
        figures.web_memory, figures.postgres_memory = memory(family(live.process.pid)), memory(family(store.pid))
        with watched(live, target) as seen:
            run(seen, rate=usual, seconds=SETTLING)
            figures.few = run(seen, rate=usual, seconds=WINDOW)
        figures.sync_ms = store.sync_ms()
        if store.slows:
            store.slow_sync(SLOWER_SYNC_MS)
            figures.slow_usual = run(target, rate=usual, seconds=WINDOW)
            figures.slow_sustained = sustained(target, guess=figures.sustained.rate, seconds=WINDOW)
            store.slow_sync(0)
        figures.bare_answer = floors.bare_answer_ms()
        figures.bare_signatures = floors.bare_signatures_ms()
        figures.bare_commits = floors.bare_commits_ms(store)
        began = time.monotonic()
        fill(store, licences=MANY)
        figures.rows, figures.filling = (FEW, MANY), time.monotonic() - began
        with watched(live, target) as seen:
            run(seen, rate=usual, seconds=SETTLING)
            figures.many = run(seen, rate=usual, seconds=WINDOW)
        figures.many_usual = run(target, rate=usual, seconds=WINDOW)
    report.write(figures)


def _enrol(live: Live) -> list[dict[str, str]]:
    """Enrol everybody. The RNPI is asked about each, so many a minute at most: the shared clock moves on meanwhile."""
    clock_file, callers = live.operator.settings.clock_file, []
    for number in range(PROFESSIONALS):
        if number and number % A_MINUTE == 0 and clock_file is not None:
            clock_file.write_text(str(61.0 * (number // A_MINUTE)), encoding="ascii")
        callers.append(caller(live.doctor()))
    return callers


def _each(before: tuple[int, int], after: tuple[int, int], licences: int) -> tuple[float, float]:
    return (after[0] - before[0]) / licences, (after[1] - before[1]) / licences
