"""The desk's own figures, in two forms: Prometheus' text for `/metrics`, readings for its own store."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nightdesk.app.figures.catalogue import METRICS
from nightdesk.collect.collector import Readings
from nightdesk.model.labels import METRIC_NAME, Labels, quote
from nightdesk.workers import Workers


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of one metric of the catalogue."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


Source = Callable[[], Iterable[Figure]]


def gather(sources: Sequence[Source]) -> list[Figure]:
    """Ask every source."""
    return [figure for source in sources for figure in source()]


def exposition(figures: Iterable[Figure]) -> bytes:
    """Write figures in Prometheus' text format, one family after the other, each with its help and type."""
    families: dict[str, list[Figure]] = {}
    for figure in figures:
        families.setdefault(figure.name, []).append(figure)
    lines: list[str] = []
    for name, members in sorted(families.items()):
        metric = METRICS[name]
        lines += [f"# HELP {name} {metric.help}", f"# TYPE {name} {metric.type.value}"]
        lines += [f"{name}{_braces(figure)} {figure.value!r}" for figure in members]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _braces(figure: Figure) -> str:
    inside = ",".join(f"{name}={quote(value)}" for name, value in figure.labels)
    return f"{{{inside}}}" if inside else ""


class OwnCollector:
    """A `Collector` of the desk's own figures: series of `job="nightdesk"`, without any request."""

    name = "nightdesk"
    deadline = 5.0
    url = ""
    metadata = METRICS

    def __init__(self, sources: Sequence[Source], interval: float, instance: str, chores: Workers) -> None:
        """Ask each source every `interval` seconds, on the chore thread: some look at the disk."""
        self._sources, self._chores = sources, chores
        self.interval = interval
        self.target = Labels.of(job="nightdesk", instance=instance)
        self._known: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
        self._labels: tuple[Labels, ...] = ()

    async def collect(self, now: int) -> Readings:
        """Return the figures; the tuple of labels is the same object while the set of series is."""
        figures = await asyncio.wrap_future(self._chores.submit(lambda: gather(self._sources)))
        known = tuple((figure.name, figure.labels) for figure in figures)
        if known != self._known:
            self._known = known
            self._labels = tuple(
                Labels([(METRIC_NAME, figure.name), *figure.labels, *self.target]) for figure in figures
            )
        return Readings(self._labels, np.array([figure.value for figure in figures], dtype=np.float64), now)

    def close(self) -> None:
        """Nothing is held."""
