"""CPU time by core and mode, from /proc/stat."""

import os
from collections.abc import Iterator
from typing import Final

from nightdesk.collect.host.files import HostFiles, Pairs, Point

MODES: Final = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_GUEST_MODES: Final = ("user", "nice")
_IDLE: Final = 3
_RESET_SECONDS: Final = 3.0
"""Idle time that falls by more than this was reset (the core was off); a smaller fall is the kernel's rounding."""
_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class CpuTimes:
    """Counters of each core, never falling: the kernel's iowait may, and `rate` would take that for a reset."""

    def __init__(self) -> None:
        """Start with no core seen."""
        self._last: dict[str, list[float]] = {}
        self._labels: dict[str, tuple[list[Pairs], list[Pairs]]] = {}

    def __call__(self, files: HostFiles) -> Iterator[Point]:
        """Yield `node_cpu_seconds_total{cpu,mode}` and `node_cpu_guest_seconds_total{cpu,mode}`."""
        for line in files.proc("stat").split(b"\n"):
            if not line.startswith(b"cpu"):
                break
            words = line.split()
            core = words[0][3:].decode()
            if core:
                seconds = self._risen(core, [int(word) / _TICKS for word in words[1:]])
                modes, guests = self._labelled(core)
                for labels, value in zip(modes, seconds, strict=False):
                    yield "node_cpu_seconds_total", labels, value
                for labels, value in zip(guests, seconds[len(MODES) :], strict=False):
                    yield "node_cpu_guest_seconds_total", labels, value

    def _risen(self, core: str, seconds: list[float]) -> list[float]:
        last = self._last.get(core)
        if last is not None and seconds[_IDLE] > last[_IDLE] - _RESET_SECONDS:
            seconds = [max(pair) for pair in zip(last, seconds, strict=True)]
        self._last[core] = seconds
        return seconds

    def _labelled(self, core: str) -> tuple[list[Pairs], list[Pairs]]:
        if core not in self._labels:
            self._labels[core] = (
                [(("cpu", core), ("mode", mode)) for mode in MODES],
                [(("cpu", core), ("mode", mode)) for mode in _GUEST_MODES],
            )
        return self._labels[core]
