"""`MetricsDatabase` and `MetricsCollector`: every metric, durable, in the desk's own store."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from nightdesk.app.embed.door import History
from nightdesk.app.embed.given import hours_of, labels_of, metric_of, number_to_store, within
from nightdesk.app.embed.link import DeskLink
from nightdesk.app.embed.linked import Linked
from nightdesk.app.embed.write_body import write_body
from nightdesk.app.measuring.vitals import CATALOGUE
from nightdesk.app.settings.settings import Settings
from nightdesk.clock import SystemClock
from nightdesk.collect.clients.words import read_labels, read_name
from nightdesk.model.instant import HOUR, format_duration
from nightdesk.model.labels import METRIC_NAME, Labels

JOB: Final = "program"
"""The label `job` of what programs store."""
MOST_INSTANT: Final = float(1 << 52)
"""Of ms since 1970, the year 144683; what is ahead of the clock is the desk's to refuse."""
VITALS: Final = frozenset(kind.name for kind in CATALOGUE)


class MetricsDatabase(Linked):
    """What was measured, and what programs stored: read back by time."""

    async def store_metrics(
        self,
        metrics: Mapping[str, float | None],
        *,
        labels: Mapping[str, object] | None = None,
        at: float | None = None,
    ) -> int:
        """Store values at an instant in ms, now unless given, and return how many; durable when this returns.

        Each is a series of its name with `job="program"` and the labels. What is None has no sample: absence is no
        number. The ten vitals of a desk are recorded as it measures them, so they are not stored a second time. Names
        that the desk writes itself (`up`, `nightdesk_...`) and labels that it gives (`job`, `instance`) are refused.

        Raises:
            BadPayload, BadLabels: a name or label cannot be, or the instant is too old or ahead.
            Refused: a value is no number, or the instant none.
            Overloaded, DataFolderFull: store it again later.
        """
        instant = SystemClock().now() if at is None else round(within(at, "at", 0, MOST_INSTANT))
        about = read_labels(labels_of(labels))
        samples = [
            (
                Labels([*about, ("job", JOB), (METRIC_NAME, read_name(name))]),
                instant,
                number_to_store(value, f"the value of {name}"),
            )
            for name, value in metrics.items()
            if value is not None and name not in VITALS
        ]
        if samples:
            await (await self._door()).write(write_body(samples))
        return len(samples)

    async def get_recent_metrics(self, hours: float = 24, names: Sequence[str] | str = ()) -> list[History]:
        """Return the samples of the last hours as they were stored, by series; times in ms.

        Without names: the ten vitals and whatever programs stored; with names, or one: every series of these metrics.

        Raises:
            Refused, BadLabels: the hours are none, or a name is none.
            QueryLimitExceeded: more samples than a query may read (`[limits] query_samples`): ask for less.
        """
        window = format_duration(max(1, round(hours_of(hours) * HOUR)))
        named = [names] if isinstance(names, str) else names
        wanted = "|".join(metric_of(name) for name in named or sorted(VITALS))
        exprs = [f'{{__name__=~"{wanted}"}}[{window}]', *([] if names else [f'{{job="{JOB}"}}[{window}]'])]
        door = await self._door()
        return [found for expr in exprs for found in await door.samples(expr)]


class MetricsCollector(Linked):
    """Collects by the desk's collectors, and stores what a program measured itself."""

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        interval: float | None = None,
        settings: Settings | Path | str | None = None,
        attach: bool = True,
        link: DeskLink | None = None,
    ) -> None:
        """Open nothing yet; see `Linked`."""
        super().__init__(data, interval=interval, settings=settings, attach=attach, link=link)
        self.metrics_database = MetricsDatabase(link=self.link)

    async def store_metrics(
        self,
        metrics: Mapping[str, float | None],
        *,
        labels: Mapping[str, object] | None = None,
        at: float | None = None,
    ) -> int:
        """Store values; see `MetricsDatabase.store_metrics`."""
        return await self.metrics_database.store_metrics(metrics, labels=labels, at=at)

    async def get_recent_metrics(self, hours: float = 24, names: Sequence[str] | str = ()) -> list[History]:
        """Return the samples of the last hours; see `MetricsDatabase.get_recent_metrics`."""
        return await self.metrics_database.get_recent_metrics(hours, names)
