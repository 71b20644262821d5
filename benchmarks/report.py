"""The table of figures, in Spanish, and the same as JSON."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import sections
from benchmarks.machine import Memory
from benchmarks.runs import QUICK, Run, percentile

RESULTS = Path(__file__).with_name("results.json")
BUSIEST_HOUR = (2, 7)
"""Licences a second of the whole country in its busiest hour."""
_MIB = 1 << 20


@dataclass
class Figures:
    """What was measured. Milliseconds and bytes; processor figures are for each licence."""

    professionals: int
    window: float
    sustained: Run = field(init=False)
    usual: Run = field(init=False)
    few: Run = field(init=False)
    many: Run = field(init=False)
    many_usual: Run = field(init=False)
    slow_usual: Run | None = None
    slow_sustained: Run | None = None
    disk: tuple[float, float] = (0.0, 0.0)
    web_memory: Memory = field(init=False)
    postgres_memory: Memory = field(init=False)
    sync_ms: float = 0.0
    bare_answer: float = 0.0
    bare_signatures: float = 0.0
    bare_commits: tuple[float, float] = (0.0, 0.0)
    rows: tuple[int, int] = (0, 0)
    filling: float = 0.0


def write(figures: Figures) -> None:
    """Print the table; keep it and the figures in `results.json`, unless this was only a trial."""
    lines = table(figures)
    print("\n".join(["", *lines]))  # noqa: T201
    keep(_kept(figures, lines))


def keep(kept: dict[str, object]) -> None:
    """Put these figures in `results.json`, beside what other runs left there; not of a trial."""
    if QUICK:
        return
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(before | kept, ensure_ascii=False, indent=1) + "\n")


def table(figures: Figures) -> list[str]:
    """The lines of the table, as README takes them."""
    held, usual = figures.sustained, figures.usual
    least, most = (held.rate / times for times in reversed(BUSIEST_HOUR))
    rows = [
        ("licencias/s sostenidas" + ("" if held.holds else " (no se sostuvo)"), f"**{held.rate:.0f}**",
         f"la hora más cargada del país, 2–7/s: {least:.0f} a {most:.0f} veces"),
        (f"preparar + emitir a {usual.rate:.0f}/s", _latency(usual), "meta: p99 ≤ 300 ms"),
        ("emitir solo", _spread(usual.issuing), "Rekor v2 admite p95 10 s; TesseraCT 60/s con 2 CPU"),
        *_slow(figures),
        *_costs(figures),
        *_rows(figures),
        ("memoria de los 2 procesos web", _memory(figures.web_memory), "granian vacío: 70 MB cada uno"),
        ("memoria de PostgreSQL", _memory(figures.postgres_memory), "shared_buffers 128 MB"),
        ("disco por licencia", f"{figures.disk[0] / 1000:.0f} kB en tablas, {figures.disk[1] / 1000:.0f} kB de WAL",
         "el archivo de evidencia ocupa unos 13 kB"),
        ("resto de la máquina durante la medida", f"{usual.others / 10:.0f} % de un núcleo", "0 en una máquina quieta"),
    ]  # fmt: skip
    head = [
        f"{figures.professionals} profesionales con llave, carga abierta (llegadas de Poisson, "
        f"{figures.window:.0f} s cada medida), 2 procesos web, PostgreSQL y la carga en los mismos 2 núcleos:",
        "",
        "| qué | cifra | piso, par o meta |",
        "|---|---|---|",
    ]
    return [*head, *(f"| {' | '.join(row)} |" for row in rows)]


def _slow(figures: Figures) -> list[tuple[str, str, str]]:
    slow, held = figures.slow_usual, figures.slow_sustained
    if slow is None or held is None:
        return [("con 2 ms más en cada sincronización", "no medido", "falta un compilador de C")]
    beside = f"sin ellos, cada sincronización tarda {figures.sync_ms:.2f} ms"
    return [
        ("con 2 ms más en cada sincronización: sostenidas", f"{held.rate:.0f}/s", beside),
        (f"… preparar + emitir a {slow.rate:.0f}/s", _latency(slow), f"p50 {_times(_p50(slow), _p50(figures.usual))}"),
    ]


def _costs(figures: Figures) -> list[tuple[str, str, str]]:
    """Processor a licence by component, from the watched server with few rows."""
    run, parts = figures.few, figures.few.parts
    named = [sections.DATABASE, sections.CHECKS, sections.XML, sections.REST, sections.LOG]
    signing = [sections.KEY, sections.XADES, sections.VERIFY, sections.WEBAUTHN]
    http = run.web - sum(parts.get(name, 0.0) for name in (*named, *signing))
    client, server = figures.bare_commits
    signatures = sum(parts.get(name, 0.0) for name in signing)
    told = ", ".join(
        f"{words} {parts.get(name, 0.0):.1f}"
        for words, name in (("llave y certificado", sections.KEY), ("XAdES y sello", sections.XADES),
                            ("verificación propia", sections.VERIFY), ("WebAuthn", sections.WEBAUTHN))
    )  # fmt: skip

    def row(name: str, spent: float, beside: str) -> tuple[str, str, str]:
        return (f"· {name}", f"{spent:.1f} ms", beside)

    bare = 2 * figures.bare_answer
    return [
        ("**procesador por licencia**", f"**{run.processor:.1f} ms**", f"sin la carga: {run.web + run.postgres:.1f}"),
        row("HTTP (granian, frente, Flask, JSON)", http, f"dos respuestas vacías {bare:.2f}: {_times(http, bare)}"),
        row("revisiones, sesión y facultades", parts.get(sections.CHECKS, 0.0), "sin la base de datos"),
        row("XML del documento", parts.get(sections.XML, 0.0), "hacerlo, leerlo y mostrarlo"),
        row(f"firmas ({told})", signatures,
            f"solo los números {figures.bare_signatures:.2f}: {_times(signatures, figures.bare_signatures)}"),
        row("recibos y entrada del registro", parts.get(sections.LOG, 0.0), "sin la base de datos"),
        row("resto del caso de uso (evidencia, sellado)", parts.get(sections.REST, 0.0), ""),
        row("cliente de la base de datos", parts.get(sections.DATABASE, 0.0),
            f"dos confirmaciones vacías {client:.2f}: {_times(parts.get(sections.DATABASE, 0.0), client)}"),
        row("servidor PostgreSQL", run.postgres,
            f"dos confirmaciones vacías {server:.2f}: {_times(run.postgres, server)}"),
        row("cliente de carga, aparte", run.client, "firma en software y HTTP"),
    ]  # fmt: skip


def _rows(figures: Figures) -> list[tuple[str, str, str]]:
    few, many = figures.few, figures.many
    least, most = (f"{count:,}".replace(",", ".") for count in figures.rows)
    spent = [one.web + one.postgres for one in (few, many)]
    return [
        (f"procesador con {most} licencias", f"{spent[1]:.1f} ms",
         f"con {least}: {spent[0]:.1f}; {spent[1] / spent[0]:.2f} veces (meta ≤ 1,2)"),
        (f"… preparar + emitir a {many.rate:.0f}/s", _latency(figures.many_usual),
         f"p50 {_times(_p50(figures.many_usual), _p50(figures.usual))}"),
    ]  # fmt: skip


def _latency(run: Run) -> str:
    failed = f", {sum(run.failed.values())} rechazadas" if run.failed else ""
    return _spread(run.whole) + failed


def _spread(values: list[float]) -> str:
    return " · ".join(f"p{part} {percentile(values, part):.0f}" for part in (50, 95, 99)) + " ms"


def _p50(run: Run) -> float:
    return percentile(run.whole, 50)


def _memory(memory: Memory) -> str:
    return f"PSS {memory.shared_once / _MIB:.0f} MB, RSS {memory.resident / _MIB:.0f} MB"


def _times(value: float, floor: float) -> str:
    return f"{value / floor:.1f} veces".replace(".", ",") if floor else "—"


def _kept(figures: Figures, lines: list[str]) -> dict[str, object]:
    runs = {
        name: getattr(figures, name)
        for name in ("sustained", "usual", "few", "many", "many_usual", "slow_usual", "slow_sustained")
    }
    return {
        "tabla": lines,
        "corridas": {name: None if run is None else _run(run) for name, run in runs.items()},
        "pisos_ms": {
            "respuesta_vacia": figures.bare_answer,
            "firmas": figures.bare_signatures,
            "confirmaciones_cliente_servidor": figures.bare_commits,
            "sincronizacion": figures.sync_ms,
        },
        "disco_bytes_tablas_wal": figures.disk,
        "memoria_bytes_pss": {"web": figures.web_memory.shared_once, "postgres": figures.postgres_memory.shared_once},
        "segundos_de_llenado": figures.filling,
    }


def _run(run: Run) -> dict[str, object]:
    return {
        "tasa": run.rate,
        "emitidas": run.issued,
        "rechazadas": run.failed,
        "sostenida": run.holds,
        "ms": {f"p{part}": percentile(run.whole, part) for part in (50, 95, 99)},
        "emitir_ms": {f"p{part}": percentile(run.issuing, part) for part in (50, 95, 99)},
        "procesador_ms": {"web": run.web, "postgres": run.postgres, "carga": run.client, "partes": run.parts},
        "resto_de_la_maquina_ms_por_segundo": run.others,
    }
