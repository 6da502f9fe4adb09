"""The ten vitals: value, level and, where there is no value, the reason; read from the series that the rules record."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nightdesk.model.labels import METRIC_NAME, Matcher, MatchOp
from nightdesk.model.series import Series, stale_mask
from nightdesk.rules.thresholds import Direction, Threshold
from nightdesk.seams import Budget, SeriesReader


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
    """One row of the catalogue: name (also of the recorded series), unit, series of its parts."""

    name: str
    unit: str
    parts: str = ""
    missing: str = ""
    """Why it has no value while nothing measures it; empty for what the host itself gives."""


CATALOGUE: Final = (
    VitalKind("cpu_usage", "percent", "cpu_usage:core"),
    VitalKind("memory_usage", "percent"),
    VitalKind("disk_usage", "percent", "disk_usage:mount"),
    VitalKind("npu_utilization", "percent", missing="Not measured: this release reads no NPUs yet."),
    VitalKind("gpu_utilization", "percent", missing="Not measured: this release reads no GPUs yet."),
    VitalKind("api_response_times", "seconds", missing="Not measured: this release has no API probes yet."),
    VitalKind("database_performance", "seconds", missing="Not measured: this release has no database probes yet."),
    VitalKind("cache_hit_ratio", "ratio", missing="Not measured: this release has no cache probes yet."),
    VitalKind("active_connections", "count", missing="Not measured: this release counts no connections yet."),
    VitalKind("error_rate", "ratio", missing="Not measured: this release counts no errors yet."),
)
HOST_OFF: Final = "Not measured: this desk runs without collecting (--no-collect)."
NOT_YET: Final = "No value yet: the first measurements are on their way."


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


@dataclass(frozen=True, slots=True)
class Vitals:
    """All ten, at one instant in ms."""

    at: int
    interval_ms: int
    vitals: tuple[Vital, ...]


class VitalsReader:
    """Reads the newest value of every vital and of its parts in one select."""

    def __init__(
        self, reader: SeriesReader, thresholds: Sequence[Threshold], interval_ms: int, *, collects: bool
    ) -> None:
        """Judge levels by the same thresholds that the rules are made of."""
        self._reader, self._interval_ms, self._collects = reader, interval_ms, collects
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
        worst = self._worst(kind, found.get(kind.name, ()))
        if worst is None:
            level = Level.NONE if kind.missing or not self._collects else Level.UNKNOWN
            reason = kind.missing or (NOT_YET if self._collects else HOST_OFF)
            return Vital(kind.name, kind.unit, None, reason, now, level, threshold)
        value, at = worst
        if now - at > self.stale_after_ms:
            reason = f"No value: last measured {(now - at) // 1000} s ago."
            return Vital(kind.name, kind.unit, None, reason, at, Level.UNKNOWN, threshold)
        if math.isnan(value):
            return Vital(
                kind.name, kind.unit, None, "No value: the measurement is not a number.", at, Level.UNKNOWN, None
            )
        parts = tuple(
            Part(series.labels.without_name().as_dict(), last[0])
            for series in found.get(kind.parts, ())
            if (last := _last(series)) and now - last[1] <= self.stale_after_ms and not math.isnan(last[0])
        )
        level = level_of(value, threshold) if threshold else Level.NONE
        return Vital(kind.name, kind.unit, value, None, at, level, threshold, parts)

    def _worst(self, kind: VitalKind, series: Sequence[Series]) -> tuple[float, int] | None:
        """Return the worst last value of several hosts, never their mean."""
        lasts = [last for each in series if (last := _last(each))]
        if not lasts:
            return None
        threshold = self._thresholds.get(kind.name)
        below = threshold is not None and threshold.direction is Direction.BELOW
        return min(lasts) if below else max(lasts)


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
