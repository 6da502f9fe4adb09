"""`MetricsDatabase` and `MetricsCollector`: every metric, durable, in the desk's own store."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from nightdesk.app.embed.door import History
from nightdesk.app.embed.link import DeskLink
from nightdesk.app.embed.linked import Linked
from nightdesk.app.embed.write_body import write_body
from nightdesk.app.measuring.vitals import CATALOGUE
from nightdesk.app.settings.settings import Settings
from nightdesk.clock import SystemClock
from nightdesk.errors import Refused
from nightdesk.model.instant import HOUR, format_duration
from nightdesk.model.labels import METRIC_NAME, Labels

JOB: Final = "program"
"""The label `job` of what programs store."""
MOST_HOURS: Final = 10 * 366 * 24.0
VITALS: Final = frozenset(kind.name for kind in CATALOGUE)


class MetricsDatabase(Linked):
    """What was measured, and what programs stored: read back by time."""

    async def store_metrics(
        self,
        metrics: Mapping[str, float | None],
        *,
        labels: Mapping[str, object] | None = None,
        at: int | None = None,
    ) -> int:
        """Store values at an instant in ms, now unless given, and return how many; durable when this returns.

        Each is a series of its name with `job="program"` and the labels. What is None has no sample: absence is no
        number. The ten vitals of a desk are recorded as it measures them, so they are not stored a second time.

        Raises:
            BadPayload, BadLabels: a name or label cannot be, or the instant is too old or ahead.
            Overloaded, DataFolderFull: store it again later.
        """
        instant = SystemClock().now() if at is None else at
        about = {name: str(value) for name, value in (labels or {}).items()}
        samples = [
            (Labels([("job", JOB), *about.items(), (METRIC_NAME, name)]), instant, float(value))
            for name, value in metrics.items()
            if value is not None and name not in VITALS
        ]
        if samples:
            await (await self._door()).write(write_body(samples))
        return len(samples)

    async def get_recent_metrics(self, hours: float = 24, names: Sequence[str] = ()) -> list[History]:
        """Return the samples of the last hours as they were stored, by series; times in ms.

        Without names: the ten vitals and whatever programs stored; with names: every series of these metrics.

        Raises:
            Refused: the hours are none.
            QueryLimitExceeded: more samples than a query may read (`[limits] query_samples`): ask for less.
        """
        if not (0 < hours <= MOST_HOURS and math.isfinite(hours)):
            raise Refused(f"hours: a number above 0 and at most {MOST_HOURS:g}")
        window = format_duration(max(1, round(hours * HOUR)))
        wanted = "|".join(names or sorted(VITALS)).replace("\\", "\\\\").replace('"', '\\"')
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
        self, metrics: Mapping[str, float | None], *, labels: Mapping[str, object] | None = None, at: int | None = None
    ) -> int:
        """Store values; see `MetricsDatabase.store_metrics`."""
        return await self.metrics_database.store_metrics(metrics, labels=labels, at=at)

    async def get_recent_metrics(self, hours: float = 24, names: Sequence[str] = ()) -> list[History]:
        """Return the samples of the last hours; see `MetricsDatabase.get_recent_metrics`."""
        return await self.metrics_database.get_recent_metrics(hours, names)
