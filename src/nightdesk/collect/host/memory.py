"""Memory: every line of /proc/meminfo, the counters of paging, pressure."""

from collections.abc import Iterator
from typing import Final

from nightdesk.collect.host.files import NO_LABELS, HostFiles, Point

_KILOBYTE: Final = 1024.0
_VMSTAT: Final = (b"oom_kill", b"pgpg", b"pswp")
_MICROSECONDS: Final = 1e-6
_PRESSURE: Final = {
    ("cpu", b"some"): "node_pressure_cpu_waiting_seconds_total",
    ("io", b"some"): "node_pressure_io_waiting_seconds_total",
    ("io", b"full"): "node_pressure_io_stalled_seconds_total",
    ("memory", b"some"): "node_pressure_memory_waiting_seconds_total",
    ("memory", b"full"): "node_pressure_memory_stalled_seconds_total",
}
_names: dict[tuple[bytes, bool], str] = {}


def meminfo(files: HostFiles) -> Iterator[Point]:
    """Yield `node_memory_<name>_bytes` for each line in kB, and `node_memory_<name>` for plain counts."""
    for line in files.proc("meminfo").split(b"\n"):
        words = line.split()
        if len(words) < 2:
            continue
        in_bytes = len(words) > 2
        key = words[0], in_bytes
        name = _names.get(key) or _names.setdefault(key, _name(*key))
        yield name, NO_LABELS, float(words[1]) * (_KILOBYTE if in_bytes else 1.0)


def _name(word: bytes, in_bytes: bool) -> str:  # noqa: FBT001 - half of the key above
    """Write `Active(anon):` as `node_memory_Active_anon_bytes`."""
    plain = word.decode().rstrip(":").replace("(", "_").replace(")", "")
    return f"node_memory_{plain}" + ("_bytes" if in_bytes else "")


def vmstat(files: HostFiles) -> Iterator[Point]:
    """Yield paging, swapping, faults and kills for want of memory, the fields node_exporter picks."""
    for line in files.proc("vmstat").split(b"\n"):
        if line.startswith(_VMSTAT) or (line.startswith(b"pg") and b"fault" in line):
            word, value = line.split()
            yield f"node_vmstat_{word.decode()}", NO_LABELS, float(value)


def pressure(files: HostFiles) -> Iterator[Point]:
    """Yield the seconds that some or all tasks waited for CPU, input/output or memory (PSI)."""
    for resource in ("cpu", "io", "memory"):
        for line in files.proc(f"pressure/{resource}").split(b"\n"):
            word, _, rest = line.partition(b" ")
            name = _PRESSURE.get((resource, word))
            if name is not None:
                yield name, NO_LABELS, int(rest.rpartition(b"total=")[2]) * _MICROSECONDS
