"""Asking a probe once through its collector, as the desk does."""

import asyncio

from nightdesk.collect.collector import Readings
from nightdesk.collect.probes.collector import ProbeCollector
from nightdesk.collect.probes.probe import Probe, Probed

AT = 1_700_000_000_000


def collector_of(probe: Probe, timeout: float = 5.0) -> ProbeCollector:
    """Return the collector of a probe called `target`."""
    return ProbeCollector("target", probe, instance="here", interval=60.0, timeout=timeout)


def asked(probe: Probe, timeout: float = 5.0, times: int = 1) -> Probed:
    """Ask a probe and let it go; return what its last attempt found."""
    collector = collector_of(probe, timeout)

    async def ask() -> None:
        for _ in range(times):
            await collector.collect(AT)
        collector.close()

    asyncio.run(ask())
    assert collector.last is not None
    return collector.last


def values_of(readings: Readings) -> dict[str, float]:
    """Return the values by name, with the label that tells parts apart behind it."""
    parts = ("reason", "phase", "watched", "source", "code_class")
    return {
        ":".join([labels.name, *(labels.get(part) for part in parts if labels.get(part))]): float(value)
        for labels, value in zip(readings.labels, readings.values, strict=True)
    }


def points_of(probed: Probed) -> dict[str, float]:
    """Return the points by name, with the label's value behind it."""
    return {":".join([name, *(value for _, value in pairs)]): number for name, pairs, number in probed.points}
