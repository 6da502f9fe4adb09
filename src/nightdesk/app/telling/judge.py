"""Works out how the desk itself stands: asks each part, and says in sentences what a person has to do."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from nightdesk import __version__
from nightdesk.app.build import build_id
from nightdesk.app.channels.desk import ChannelDesk
from nightdesk.app.figures.pulse import Pulse
from nightdesk.app.standing.holdings import Holdings
from nightdesk.app.standing.standing import Counts, Lags, Standing, StandingWarning, WarningCode, state_of
from nightdesk.app.supervisor import Supervisor
from nightdesk.clock import Clock
from nightdesk.collect.collector import CollectorHealth
from nightdesk.collect.loop import CollectLoop
from nightdesk.deliver.courier import Courier
from nightdesk.rules.health import RuleState
from nightdesk.rules.runner import RuleRunner
from nightdesk.store.ingest import IngestThread
from nightdesk.store.records.spill import SpillingRecords
from nightdesk.store.samples.store import SampleStore

LATE_SECONDS: Final = 5.0
INGEST_LATE_SECONDS: Final = 15.0
SILENT_MS: Final = 90_000
"""Without a judgement for this long the desk's state is unknown; twice this where every group is slower."""
MOST_NAMES: Final = 3
MOST_DETAIL: Final = 160
"""Characters of a failure's detail in a warning; `/api/v1/targets` has all of it."""


class StandingJudge:
    """Asks the parts of a running desk.

    Runs on the event loop: whatever it asks reads neither the disk nor a lock that a write to disk may hold.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        data: Path,
        interval_ms: int,
        store: SampleStore,
        ingest: IngestThread,
        runner: RuleRunner,
        collecting: CollectLoop,
        records: SpillingRecords,
        courier: Courier,
        pulse: Pulse,
        supervisor: Supervisor,
        channels: ChannelDesk,
    ) -> None:
        """Take every part; the desk counts as started now."""
        self._clock, self._data, self._interval_ms = clock, data, interval_ms
        self._store, self._ingest, self._runner, self._collecting = store, ingest, runner, collecting
        self._records, self._courier = records, courier
        self._pulse, self._supervisor = pulse, supervisor
        self._channels = channels
        self._started_at, self._started_boot = clock.now(), clock.boot()
        self._build = build_id()

    def __call__(self, counts: Counts, held: Holdings) -> Standing:
        """Return the standing as of now; alerts and bytes are counted by the caller, off the event loop."""
        series, samples = self._store.counts()
        return Standing(
            version=__version__,
            build=self._build,
            state=state_of(counts, judging=self._is_judging()),
            started_at=self._started_at,
            now=self._clock.now(),
            data=str(self._data),
            interval_ms=self._interval_ms,
            uptime_seconds=self._clock.boot() - self._started_boot,
            lag=Lags(self._pulse.lag_p99(), self._runner.lag.p99, self._ingest.lag_seconds),
            series=series,
            samples_total=samples,
            held=held,
            counts=counts,
            warnings=tuple(self._warnings()),
        )

    def _is_judging(self) -> bool:
        """Tell whether rules are judged; a desk without any rule has nothing to judge and is well."""
        health = self._runner.health()
        if not health:
            return True
        newest = max((group.at for group in health if group.at is not None), default=None)
        slowest = max(group.group.interval for group in health)
        alive = self._runner.alive and newest is not None
        return alive and newest is not None and self._clock.now() - newest < max(SILENT_MS, 2 * slowest)

    def _warnings(self) -> Iterator[StandingWarning]:
        yield from self._channels.warnings(self._courier.health())
        yield from of_ingest(self._ingest.lag_seconds)
        yield from self._of_rules()
        yield from self._of_collecting()
        yield from self._of_samples()
        if self._records.spilled:
            text = f"The disk takes no writes: {self._records.spilled} records are in memory only. Free space at once."
            yield StandingWarning(WarningCode.RECORDS_IN_MEMORY, text)
        for task, count in self._supervisor.crashes.items():
            text = f"The task {task} crashed {count} times and was started again; the log says why."
            yield StandingWarning(WarningCode.TASK_CRASHED, text)

    def _of_rules(self) -> Iterator[StandingWarning]:
        if self._runner.sink_error:
            yield StandingWarning(WarningCode.BOOK_NOT_WRITTEN, f"Alerts cannot be kept: {self._runner.sink_error}")
        if self._runner.lag.p99 > LATE_SECONDS:
            text = f"Rules are judged {self._runner.lag.p99:.1f} s late (99th percentile)."
            yield StandingWarning(WarningCode.RULES_LATE, text)
        groups = self._runner.health()
        failing = [health.rule.name for group in groups for health in group.rules if health.state is RuleState.ERROR]
        if failing:
            yield StandingWarning(WarningCode.RULES_FAIL, f"{len(failing)} rules fail: {_names(failing)}.")

    def _of_collecting(self) -> Iterator[StandingWarning]:
        yield from of_sources(self._collecting.health())

    def _of_samples(self) -> Iterator[StandingWarning]:
        if self._store.clock_in_doubt:
            text = f"Set the clock right: {self._store.clock_in_doubt}."
            yield StandingWarning(WarningCode.CLOCK_IN_DOUBT, text)
        if self._store.damaged:
            places = "1 place, which is" if self._store.damaged == 1 else f"{self._store.damaged} places, which are"
            text = f"Stored samples are damaged in {places} set aside; `nightdesk verify` names all of it."
            yield StandingWarning(WarningCode.SAMPLES_DAMAGED, text)


def of_ingest(lag_seconds: float) -> Iterator[StandingWarning]:
    """Warn where samples have waited long to be stored: rules see none of them, nor the desk's own figures."""
    if lag_seconds > INGEST_LATE_SECONDS:
        text = f"No sample was stored for {lag_seconds:.0f} s while some wait: the disk hangs, or one write takes long."
        yield StandingWarning(WarningCode.INGEST_LATE, text)


def of_sources(health: Sequence[CollectorHealth]) -> Iterator[StandingWarning]:
    """Name the sources whose latest collection brought nothing, each with its reason and what was seen."""
    failing = [f"{each.name} ({_why(each)})" for each in health if each.failure is not None]
    if failing:
        count = "1 source brings" if len(failing) == 1 else f"{len(failing)} sources bring"
        yield StandingWarning(WarningCode.COLLECTOR_DOWN, f"{count} no samples: {_names(failing)}.")


def _why(health: CollectorHealth) -> str:
    reason = health.failure.value if health.failure else ""
    return f"{reason}: {textwrap.shorten(health.detail, MOST_DETAIL, placeholder=' ...')}" if health.detail else reason


def _names(names: Sequence[str]) -> str:
    """List a few names, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES} more"
