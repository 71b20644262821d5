"""What a process costs, as Linux counts it: processor time and memory of it and of all below it (/proc)."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICK = 1000 / os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True)
class Memory:
    """Bytes. `shared_once` (PSS) counts each shared page once among those who share it."""

    resident: int
    shared_once: int


def family(pid: int) -> list[int]:
    """The process and everything below it."""
    parents = {int(entry.name): _parent(int(entry.name)) for entry in _PROC.iterdir() if entry.name.isdigit()}
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += [child for child, parent in parents.items() if parent == found[-1]]
    return found


def processor_ms(pid: int) -> float:
    """Milliseconds of processor of a process and its living and reaped children (/proc/PID/stat)."""
    return sum(sum(_ticks(one, reaped=one == pid)) for one in family(pid)) * _TICK


def busy_ms() -> float:
    """Milliseconds that all processors together have not been idle (/proc/stat): ours, and everybody else's."""
    user, nice, system, _idle, _wait, irq, soft = (int(part) for part in _read(_PROC / "stat").split()[1:8])
    return (user + nice + system + irq + soft) * _TICK


def memory(pids: list[int]) -> Memory:
    """Memory of these processes together."""
    resident = shared = 0
    for pid in pids:
        for line in _read(_PROC / str(pid) / "smaps_rollup").splitlines():
            name, _, rest = line.partition(":")
            if name in ("Rss", "Pss"):
                size = int(rest.split()[0]) * 1024
                resident, shared = (resident + size, shared) if name == "Rss" else (resident, shared + size)
    return Memory(resident, shared)


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _ticks(pid: int, *, reaped: bool) -> tuple[int, ...]:
    fields = _stat(pid)
    return tuple(int(part) for part in fields[11 : 15 if reaped else 13])


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold anything; none when the process has gone."""
    return _read(_PROC / str(pid) / "stat").rpartition(")")[2].split()


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""
