"""Everything one process counts, in bounded tables, and what of it a push tells the desk.

It knows neither threads nor the network: `push` gives what changed since the desk last acknowledged, and
`Push.acknowledge` notes that it has it. Totals are told whole each time, so a push that is lost costs nothing.
"""

from __future__ import annotations

from math import isfinite
from threading import RLock
from time import monotonic

from nightdesk.client.beats import Beat, seconds_of
from nightdesk.client.losses import Loss, Losses
from nightdesk.client.metrics import Counter, Gauge, Histogram, LostCounter, LostGauge, LostHistogram, Metric
from nightdesk.client.names import Pairs, clean_labels, clean_word, is_name

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from typing import Any, TypeVar

    M = TypeVar("M", bound=Metric)

MOST_VALUES = 2_000
"""Counters and gauges of one process."""
MOST_HISTOGRAMS = 200
"""Each is 64 series at the desk."""
MOST_BEATS = 100
MOST_REMEMBERED = 8_192
"""Spellings (orders of labels) of metrics that are found without cleaning them again."""

CALLS = "bot_call_duration_seconds"
CALL_ERRORS = "bot_call_errors_total"
ERRORS = "bot_errors_total"
EVENTS = "bot_events_total"


class Push:
    """What changed, ready to be written as JSON, and the note that the desk has it."""

    __slots__ = ("_told", "body")

    def __init__(self, body: dict[str, Any], told: list[tuple[Metric, float]]) -> None:
        """Hold what is told."""
        self.body, self._told = body, told

    @property
    def is_empty(self) -> bool:
        """True where nothing changed."""
        return not (self._told or self.body["beats"])

    def acknowledge(self) -> None:
        """Note that the desk has these values: they are told again only when they change, or all are."""
        for metric, value in self._told:
            metric.acknowledged = value


class Registry:
    """The metrics and beats of one process. Safe from several threads, in signal handlers, and over a fork."""

    def __init__(self, losses: Losses | None = None) -> None:
        """Start empty; losses are counted in `losses`, or in a table of its own."""
        self.losses = losses or Losses()
        self._lock = RLock()
        self.known: dict[type[Metric], dict[tuple[Any, ...], Any]] = {Counter: {}, Gauge: {}, Histogram: {}}
        """Metrics by the very words they were asked for, for whoever looks here first: it is the hot path."""
        self._tables: dict[type[Metric], dict[tuple[str, Pairs], Metric]] = {Counter: {}, Gauge: {}, Histogram: {}}
        self._kinds: dict[str, type[Metric]] = {}
        self._beats: dict[str, Beat] = {}
        self._told_beats: dict[str, int] = {}
        self._ended_beats: list[str] = []

    # ----------------------------------------------------------- metrics of the bot's own naming

    def counter(self, name: str, labels: dict[str, object]) -> Counter:
        """Return the counter of this name and these labels, made on first sight."""
        return self._own(Counter, LostCounter, name, labels)

    def gauge(self, name: str, labels: dict[str, object]) -> Gauge:
        """Return the gauge of this name and these labels, made on first sight."""
        return self._own(Gauge, LostGauge, name, labels)

    def histogram(self, name: str, labels: dict[str, object]) -> Histogram:
        """Return the histogram of this name and these labels, made on first sight."""
        return self._own(Histogram, LostHistogram, name, labels)

    # ----------------------------------------------------------- metrics that every bot has

    def calls(self, operation: str) -> tuple[Histogram, Counter]:
        """Return the durations and the errors of an operation."""
        labels = (("operation", clean_word(operation)),)
        durations = self._made(Histogram, LostHistogram, CALLS, labels)
        return durations, self._made(Counter, LostCounter, CALL_ERRORS, labels)

    def errors(self, kind: str) -> Counter:
        """Return the counter of an explicit kind of error."""
        return self._made(Counter, LostCounter, ERRORS, (("kind", clean_word(kind)),))

    def events(self, kind: str) -> Counter:
        """Return the counter of a kind of event."""
        return self._made(Counter, LostCounter, EVENTS, (("kind", clean_word(kind)),))

    def beat(self, name: str, every: object, stage: object, cursor: object) -> None:
        """Note a sign of life; `every` None keeps the interval that was given before."""
        beat = self._beats.get(name) or self._new_beat(name)
        if beat is None:
            return
        if every is not None:
            interval = seconds_of(every)
            if interval is None:
                self.losses.note(Loss.BAD_VALUE, every)
            else:
                beat.interval = interval
        beat.strike(monotonic(), stage, cursor)

    def end_beat(self, name: str) -> None:
        """Expect a beat no more: the work it stood for is done."""
        with self._lock:
            if self._beats.pop(name, None) is not None:
                self._told_beats.pop(name, None)
                self._ended_beats.append(name)

    # ----------------------------------------------------------- telling

    def push(self, *, whole: bool) -> Push:
        """Return what the desk has not acknowledged yet, or everything where `whole`.

        Its body holds lists: counters and gauges `[name, labels, value, age]`, histograms
        `[name, labels, {bucket: count}, sum, age]`, beats `[name, count, age, interval, stage, cursor]`, and the names
        of ended beats. An age is in seconds; of a metric it is there, and not null, until the desk has heard of it.
        """
        now = monotonic()
        told: list[tuple[Metric, float]] = []
        with self._lock:
            tables = {kind: list(table.values()) for kind, table in self._tables.items()}
            beats, ended = list(self._beats.values()), list(self._ended_beats)
        body = {
            "counters": _values(tables[Counter], now, told, whole=whole),
            "gauges": _values(tables[Gauge], now, told, whole=whole),
            "histograms": _histograms(tables[Histogram], now, told, whole=whole),
            "beats": [
                [beat.name, beat.count, now - beat.at, beat.interval, beat.stage, beat.cursor]
                for beat in beats
                if whole or self._told_beats.get(beat.name) != beat.count
            ],
            "ended": ended,
        }
        return Push(body, told)

    def acknowledge(self, push: Push) -> None:
        """Note that the desk has what a push told."""
        push.acknowledge()
        with self._lock:
            for name, count, *_ in push.body["beats"]:
                if name in self._beats:
                    self._told_beats[name] = count
            del self._ended_beats[: len(push.body["ended"])]

    def start_anew(self) -> None:
        """Count from nothing, in a forked child: handles that the bot holds stay good, the parent tells its own."""
        self._lock = RLock()
        self.losses.start_anew()
        self._beats, self._told_beats, self._ended_beats = {}, {}, []
        now = monotonic()
        for table in self._tables.values():
            for metric in table.values():
                metric.start_anew(now)

    # ----------------------------------------------------------- making

    def _own(self, kind: type[M], lost: type[M], name: str, labels: dict[str, object]) -> M:
        clean = clean_labels(labels, self.losses)
        if not is_name(name):
            self.losses.note(Loss.BAD_NAME, name)
            return lost(str(name)[:MOST_REMEMBERED], clean, self.losses, 0.0)
        metric = self._made(kind, lost, name, clean)
        known = self.known[kind]
        if len(known) < MOST_REMEMBERED and not isinstance(metric, lost) and _is_plain(labels):
            known[name, *labels.items()] = metric
        return metric

    def _made(self, kind: type[M], lost: type[M], name: str, labels: Pairs) -> M:
        table = self._tables[kind]
        found = table.get((name, labels))
        if found is not None:
            return found  # type: ignore[return-value] # each table holds one kind
        with self._lock:
            if self._kinds.setdefault(name, kind) is not kind:
                self.losses.note(Loss.BAD_NAME, name)
                return lost(name, labels, self.losses, 0.0)
            if self._is_full(kind):
                self.losses.note(Loss.SERIES_LIMIT, name)
                return lost(name, labels, self.losses, 0.0)
            return table.setdefault((name, labels), kind(name, labels, self.losses, monotonic()))  # type: ignore[return-value]

    def _is_full(self, kind: type[Metric]) -> bool:
        if kind is Histogram:
            return len(self._tables[Histogram]) >= MOST_HISTOGRAMS
        return len(self._tables[Counter]) + len(self._tables[Gauge]) >= MOST_VALUES

    def _new_beat(self, name: str) -> Beat | None:
        clean = clean_word(name)
        with self._lock:
            if clean not in self._beats:
                if len(self._beats) >= MOST_BEATS:
                    self.losses.note(Loss.SERIES_LIMIT, clean)
                    return None
                self._beats[clean] = Beat(clean)
            return self._beats[clean]


def _is_plain(labels: dict[str, object]) -> bool:
    """Tell whether equal values are written alike: 1, 1.0 and True are equal, and are not the same label."""
    return all(type(value) is str for value in labels.values())


def _values(metrics: list[Any], now: float, told: list[tuple[Metric, float]], *, whole: bool) -> list[list[Any]]:
    rows = []
    for metric in metrics:
        value = _finite(metric.value)
        if value is not None and (whole or metric.acknowledged != value):
            told.append((metric, value))
            rows.append([metric.name, dict(metric.labels), value, _age(metric, now)])
    return rows


def _histograms(metrics: list[Any], now: float, told: list[tuple[Metric, float]], *, whole: bool) -> list[list[Any]]:
    rows = []
    for metric in metrics:
        counts, total = list(metric.counts), _finite(metric.sum)
        count = sum(counts)
        if total is None:
            continue
        if whole or metric.acknowledged != count:
            told.append((metric, count))
            filled = {str(bucket): each for bucket, each in enumerate(counts) if each}
            rows.append([metric.name, dict(metric.labels), filled, total, _age(metric, now)])
    return rows


def _finite(value: Any) -> float | None:
    """Return a total as JSON can carry it, whatever kind of number was added; None where it grew beyond all bounds."""
    try:
        number = float(value)
    except (TypeError, OverflowError):
        return None
    return number if isfinite(number) else None


def _age(metric: Metric, now: float) -> float | None:
    return max(0.0, now - metric.born) if metric.acknowledged is None else None
