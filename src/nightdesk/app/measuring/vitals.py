"""The ten vitals: value, level and, where there is no value, the reason; read from the series that the rules record."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import itemgetter
from typing import Final

from nightdesk.model.direction import Direction
from nightdesk.model.labels import METRIC_NAME, Labels, Matcher, MatchOp
from nightdesk.model.series import Series, stale_mask
from nightdesk.rules.thresholds import Threshold
from nightdesk.seams.samples import Budget, SeriesReader


class Level(Enum):
    """How a vital stands against its thresholds."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    """There should be a value and there is none: never the same as ok."""
    NONE = "none"
    """Nothing is measured here, or no thresholds are set."""


@dataclass(frozen=True, slots=True)
class VitalKind:
    """One row of the catalogue: name (also of the recorded series), unit, series of its parts, what it means."""

    name: str
    unit: str
    parts: str
    definition: str
    of_host: bool = False
    """Given by every machine that is measured: without a value something is amiss."""


CATALOGUE: Final = (
    VitalKind(
        "cpu_usage", "percent", "cpu_usage:core", "Busy share of all cores since the last collection.", of_host=True
    ),
    VitalKind("memory_usage", "percent", "", "(total - available) / total memory.", of_host=True),
    VitalKind(
        "disk_usage",
        "percent",
        "disk_usage:mount",
        "The fullest real local filesystem, counted as df does.",
        of_host=True,
    ),
    VitalKind("npu_utilization", "percent", "npu_utilization:device", "Busy share of the busiest NPU."),
    VitalKind("gpu_utilization", "percent", "gpu_utilization:device", "Busy share of the busiest GPU."),
    VitalKind(
        "api_response_times",
        "seconds",
        "api_response_times:target",
        "95th percentile over 5 minutes of the slowest API probed; a timeout counts as its deadline.",
    ),
    VitalKind(
        "database_performance",
        "seconds",
        "database_performance:target",
        "95th percentile over 5 minutes of a real query on the slowest database probed; never the desk's own store.",
    ),
    VitalKind(
        "cache_hit_ratio",
        "ratio",
        "cache_hit_ratio:target",
        "Hits / lookups of the worst cache over the last 5 minutes; none below 100 lookups.",
    ),
    VitalKind(
        "active_connections",
        "count",
        "active_connections:watched",
        "Established TCP connections of what is watched; where nothing is, of the whole machine.",
    ),
    VitalKind(
        "error_rate",
        "ratio",
        "error_rate:source",
        "Failed / attempted of probes, clients and HTTP logs over 5 minutes; none without attempts.",
    ),
)
DEFINITIONS: Final[Mapping[str, str]] = {kind.name: kind.definition for kind in CATALOGUE}
HOST_OFF: Final = "Not measured: this desk runs without collecting (--no-collect)."
NOT_YET: Final = "No value yet: the first measurements are on their way."
NOT_A_NUMBER: Final = "No value: the measurement is not a number."
Reasons = Callable[[str], str | None]
"""Asked why a vital has no value; None where its source knows of no reason."""
Notes = Callable[[str], str | None]
"""Asked what the value of a vital does not tell; None where that is nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a vital: one core, one mount."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Vital:
    """One vital as it stands: `value` or `reason`, never both; `at` in ms is when it was measured."""

    name: str
    unit: str
    value: float | None
    reason: str | None
    at: int
    level: Level
    threshold: Threshold | None
    parts: tuple[Part, ...] = ()
    note: str | None = None
    """What the value does not tell, as a sentence: of what else is measured some has no value."""
    labels: dict[str, str] = field(default_factory=dict)
    """Of the series whose value it is; the parts it is made of have them too, those of other machines have not."""
    instance: str | None = None
    """The machine whose value it is, where that is to be said: several have one, or it is not this desk's own."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """All ten, at one instant in ms."""

    at: int
    interval_ms: int
    vitals: tuple[Vital, ...]


class VitalsReader:
    """Reads the newest value of every vital and of its parts in one select."""

    def __init__(
        self,
        reader: SeriesReader,
        thresholds: Sequence[Threshold],
        interval_ms: int,
        *,
        collects: bool,
        here: str,
        reasons: Reasons = lambda _: None,
        notes: Notes = lambda _: None,
    ) -> None:
        """Judge levels by the same thresholds that the rules are made of; ask `reasons` about what has no value.

        `here` is what this machine is called in the label `instance`.
        """
        self._reader, self._interval_ms, self._collects, self._here = reader, interval_ms, collects, here
        self._reasons, self._notes = reasons, notes
        self.use(thresholds)
        names = [name for kind in CATALOGUE for name in (kind.name, kind.parts) if name]
        self._matchers = (Matcher(METRIC_NAME, MatchOp.REGEX, "|".join(names)),)

    def use(self, thresholds: Sequence[Threshold]) -> None:
        """Judge by other thresholds from now on."""
        self._thresholds = {threshold.name: threshold for threshold in thresholds}

    @property
    def stale_after_ms(self) -> int:
        """Age from which a value counts as old: five intervals, at least 10 s, so that one late round is no alarm."""
        return max(10_000, 5 * self._interval_ms)

    def read(self, now: int, budget: Budget) -> Vitals:
        """Return the vitals at `now`; reads the store, so call it off the loop."""
        found: dict[str, list[Series]] = {}
        # A minute back, to say how old an old value is.
        for series in self._reader.select(self._matchers, now - max(60_000, 2 * self.stale_after_ms), now, budget):
            found.setdefault(series.labels.name, []).append(series)
        vitals = tuple(self._vital(kind, found, now) for kind in CATALOGUE)
        newest = max((vital.at for vital in vitals if vital.value is not None), default=now)
        return Vitals(newest, self._interval_ms, vitals)

    def _vital(self, kind: VitalKind, found: Mapping[str, Sequence[Series]], now: int) -> Vital:
        threshold = self._thresholds.get(kind.name)
        lasts = [(last, each.labels) for each in found.get(kind.name, ()) if (last := _last(each))]
        fresh = [(last, labels) for last, labels in lasts if self._is_known(last, now)]
        if not fresh:
            return self._without_value(kind, [last for last, _ in lasts], threshold, now)
        # Of several hosts the worst, never their mean; one that fell silent has no say.
        below = threshold is not None and threshold.direction is Direction.BELOW
        (value, at), labels = (min if below else max)(fresh, key=itemgetter(0))
        parts = tuple(
            Part(series.labels.without_name().as_dict(), last[0])
            for series in found.get(kind.parts, ())
            if (last := _last(series)) and self._is_known(last, now)
        )
        level = level_of(value, threshold) if threshold else Level.NONE
        note, told = self._notes(kind.name), labels.without_name().as_dict()
        instance = self._to_be_named(labels, [labels for _, labels in fresh])
        return Vital(kind.name, kind.unit, value, None, at, level, threshold, parts, note, told, instance)

    def _to_be_named(self, told: Labels, among: Sequence[Labels]) -> str | None:
        """Return the machine that is told where somebody may take it for another."""
        instances = {labels.get("instance") for labels in among}
        return (told.get("instance") or None) if instances != {self._here} else None

    def _without_value(
        self, kind: VitalKind, lasts: Sequence[tuple[float, int]], threshold: Threshold | None, now: int
    ) -> Vital:
        """Say why there is no value: what its source says goes before what the samples let one guess."""
        at = max((at for _, at in lasts), default=now)
        level, reason = Level.NONE, HOST_OFF if kind.of_host and not self._collects else self._reasons(kind.name)
        if reason is None:
            level, reason = Level.UNKNOWN, self._guess(at, now) if lasts else NOT_YET
        return Vital(kind.name, kind.unit, None, reason, at, level, threshold)

    def _guess(self, at: int, now: int) -> str:
        is_old = now - at > self.stale_after_ms
        return f"No value: last measured {(now - at) // 1000} s ago." if is_old else NOT_A_NUMBER

    def _is_known(self, last: tuple[float, int], now: int) -> bool:
        return now - last[1] <= self.stale_after_ms and not math.isnan(last[0])


def _last(series: Series) -> tuple[float, int] | None:
    """Return the newest value and its instant; None where the series has ended."""
    if not len(series.values) or bool(stale_mask(series.values[-1:])[0]):
        return None
    return float(series.values[-1]), int(series.times[-1])


def level_of(value: float, threshold: Threshold) -> Level:
    """Return how a value stands; a value on the level has not passed it, as in the rules."""
    for bound, level in ((threshold.critical, Level.CRITICAL), (threshold.warning, Level.WARNING)):
        if bound is not None and (value > bound if threshold.direction is Direction.ABOVE else value < bound):
            return level
    return Level.OK
