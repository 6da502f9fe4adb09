"""`SystemMonitor`: the continuous watch over the ten vitals, inside any asyncio program."""

import logging
import math
from enum import Enum
from pathlib import Path
from typing import Final, Literal

from nightdesk.app.embed.alert_manager import AlertManager
from nightdesk.app.embed.door import Door
from nightdesk.app.embed.given import number, word_of
from nightdesk.app.embed.health_metrics import HealthMetrics
from nightdesk.app.embed.link import DeskLink
from nightdesk.app.embed.linked import Linked
from nightdesk.app.embed.metrics import VITALS, MetricsCollector
from nightdesk.app.embed.performance_tracker import PerformanceTracker
from nightdesk.app.rule_groups import thresholds_of
from nightdesk.app.settings.settings import Settings
from nightdesk.app.shapes.vitals import ThresholdsShape
from nightdesk.clock import Clock, Deadline, SystemClock
from nightdesk.errors import NightdeskError, Refused
from nightdesk.rules.thresholds import Threshold

FIRST_SECONDS: Final = 3.0
"""How long the first collection waits for the first measurement of a desk that has just been started."""
ASK_AGAIN_SECONDS: Final = 0.1

_log = logging.getLogger(__name__)


class Level(Enum):
    """The two levels that a vital has."""

    WARNING = "warning"
    CRITICAL = "critical"


class SystemMonitor(Linked):
    """Watches the machine, its accelerators, APIs, databases, caches and connections.

    Where nobody holds the data folder it runs a desk in this process, on the event loop that is there; else it is the
    client of the desk that does. Thresholds are rules, judged where the desk runs: there is one judge, not two.
    """

    def __init__(
        self,
        data: Path | str | None = None,
        *,
        interval: float | None = None,
        settings: Settings | Path | str | None = None,
        attach: bool = True,
        link: DeskLink | None = None,
        bot: str = "",
        clock: Clock | None = None,
    ) -> None:
        """Open nothing yet; see `DeskLink` for the first four. `bot` names this program in what its tracker counts."""
        super().__init__(data, interval=interval, settings=settings, attach=attach, link=link)
        self._clock = clock or SystemClock()
        self.metrics_collector = MetricsCollector(link=self.link)
        self.alert_manager = AlertManager(link=self.link)
        self.performance_tracker = PerformanceTracker(link=self.link, bot=bot)
        self.latest: HealthMetrics | None = None
        """What was collected last."""
        self.rounds = 0
        """Rounds of `monitor_system_health` that went well."""
        self.failed_rounds = 0
        """Rounds that brought nothing; the log says why."""

    async def monitor_system_health(self) -> None:
        """Watch until cancelled: each interval the vitals are measured, compared with their thresholds and stored.

        The rounds keep to a grid of the boot clock, so they do not drift; a round that comes late or fails is counted,
        and the next one is on time. A source that is slow delays no other: each is read on its own schedule.

        Raises:
            DataFolderBusy, StoreError, SettingsError, RuleFileError, Unsafe, DeskUnreachable: it cannot begin.
        """
        await self.open()
        due = self._clock.boot()
        while True:
            await self._round()
            due += self.link.interval
            behind = self._clock.boot() - due
            if behind > 0:
                due += math.ceil(behind / self.link.interval) * self.link.interval
            await self._clock.sleep(due - self._clock.boot())

    async def collect_health_metrics(self) -> HealthMetrics:
        """Return the ten vitals: numbers, or None with the reason in `.reasons`.

        Of a desk that has just been started the first call waits for the first measurement, 3 s at most.

        Raises:
            DeskUnreachable, Overloaded: the desk does not answer.
        """
        door = await self._door()
        patience = Deadline(self._clock, FIRST_SECONDS if self.latest is None else 0.0)
        metrics = HealthMetrics(await door.vitals())
        while not patience.passed and self._is_too_early(metrics):
            await self._clock.sleep(ASK_AGAIN_SECONDS)
            metrics = HealthMetrics(await door.vitals())
        self.latest = metrics
        return metrics

    def get_threshold(self, metric: str, severity: Literal["warning", "critical"] = "warning") -> float | None:
        """Return the level of a vital, in its unit; None where none is set.

        Raises:
            Refused: it is no vital, or no level.
        """
        wanted = word_of(Level, severity, "severity")
        levels = self._levels(metric)
        if levels is None:
            return None
        return levels.warning if wanted is Level.WARNING else levels.critical

    def exceeds_threshold(
        self, metric: str, value: float | None, severity: Literal["warning", "critical"] = "warning"
    ) -> bool:
        """Return whether a value has passed a vital's level on the bad side; what is no number has passed nothing."""
        levels, level = self._levels(metric), self.get_threshold(metric, severity)
        measured = number(value)
        if levels is None or level is None or math.isnan(measured):
            return False
        return measured > level if _direction(levels) == "above" else measured < level

    async def get_npu_utilization(self) -> float | None:
        """Return the busy share of the busiest NPU in %; None with the reason in `latest.reasons`."""
        return await self._vital("npu_utilization")

    async def get_gpu_utilization(self) -> float | None:
        """Return the busy share of the busiest GPU in %."""
        return await self._vital("gpu_utilization")

    async def measure_api_response_times(self) -> float | None:
        """Return the p95 over 5 minutes of the slowest API target in seconds."""
        return await self._vital("api_response_times")

    async def measure_db_performance(self) -> float | None:
        """Return the p95 over 5 minutes of a real query on the slowest database in seconds."""
        return await self._vital("database_performance")

    async def get_cache_hit_ratio(self) -> float | None:
        """Return hits over look-ups of the last 5 minutes, 0 to 1."""
        return await self._vital("cache_hit_ratio")

    async def count_active_connections(self) -> float | None:
        """Return the established TCP connections of what is watched, or of the machine."""
        return await self._vital("active_connections")

    async def calculate_error_rate(self) -> float | None:
        """Return failed over attempted of the last 5 minutes, 0 to 1, from all sources."""
        return await self._vital("error_rate")

    async def close(self) -> None:
        """Tell the desk what is still to be told, and let go of it."""
        if self.link.is_open:
            await self.performance_tracker.aclose()
        await super().close()

    async def _begin(self) -> None:
        await super()._begin()
        await self.alert_manager.open()  # it learns the channels and routes

    async def _round(self) -> None:
        try:
            await self.collect_health_metrics()
        except NightdeskError as error:
            self.failed_rounds += 1
            _log.warning("a round of the monitor brought nothing: %s", error)
        except Exception:  # noqa: BLE001 - the watch must outlive any fault of the desk
            self.failed_rounds += 1
            _log.exception("a round of the monitor failed by a fault of ours")
        else:
            self.rounds += 1

    async def _vital(self, name: str) -> float | None:
        return (await self.collect_health_metrics())[name]

    async def _door(self) -> Door:
        door = await super()._door()
        self.performance_tracker.use(door)
        return door

    def _is_too_early(self, metrics: HealthMetrics) -> bool:
        """Tell whether the host should have been measured by now and was not; a busy share takes two intervals."""
        wanted = ("cpu_usage", "memory_usage") if 2 * self.link.interval < FIRST_SECONDS else ("memory_usage",)
        return self.link.settings.desk.collect and any(metrics[name] is None for name in wanted)

    def _levels(self, metric: str) -> ThresholdsShape | Threshold | None:
        """Return the levels that the desk judges by; those of the settings here until it has told its own."""
        if metric not in VITALS:
            raise Refused(f"{metric!r} is none of the ten vitals: write one of {', '.join(sorted(VITALS))}")
        if self.latest is not None:
            return self.latest.vitals[metric].thresholds
        return next((each for each in thresholds_of(self.link.settings) if each.name == metric), None)


def _direction(levels: ThresholdsShape | Threshold) -> str:
    return levels.direction.value if isinstance(levels, Threshold) else levels.direction
