"""Everything one process counts, in bounded tables, and what of it a push tells the desk.

It knows neither threads nor the network: `push` gives what changed since the desk last acknowledged, and
`acknowledge` notes that it has it. Totals are told whole each time, so a push that is lost costs nothing.
"""

from __future__ import annotations

from math import isfinite
from threading import RLock
from time import monotonic

from nightdesk.client.beats import Beat, seconds_of
from nightdesk.client.losses import Loss, Losses
from nightdesk.client.lost import Lost, LostCounter, LostGauge, LostHistogram
from nightdesk.client.metrics import Counter, Gauge, Histogram, Metric
from nightdesk.client.names import Pairs, clean_labels, clean_word, is_name
from nightdesk.client.push import Push, Row

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from typing import Any, TypeVar

    M = TypeVar("M", bound=Metric)

MOST_VALUES = 2_000
"""Counters and gauges of one process."""
MOST_HISTOGRAMS = 200
"""Each is 64 series at the desk."""
MOST_BEATS = 100
MOST_ENDED = 100
"""Ended beats in one push; a desk that was away hears of the others later."""
MOST_ENDED_KEPT = 1_000
MOST_REMEMBERED = 8_192
"""Spellings (orders of labels) of metrics that are found without cleaning them again."""

CALLS = "bot_call_duration_seconds"
CALL_ERRORS = "bot_call_errors_total"
ERRORS = "bot_errors_total"
EVENTS = "bot_events_total"

_STAND_INS: dict[type[Metric], type[Lost]] = {Counter: LostCounter, Gauge: LostGauge, Histogram: LostHistogram}


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
        return self._own(Counter, name, labels)

    def gauge(self, name: str, labels: dict[str, object]) -> Gauge:
        """Return the gauge of this name and these labels, made on first sight."""
        return self._own(Gauge, name, labels)

    def histogram(self, name: str, labels: dict[str, object]) -> Histogram:
        """Return the histogram of this name and these labels, made on first sight."""
        return self._own(Histogram, name, labels)

    # ----------------------------------------------------------- metrics that every bot has

    def calls(self, operation: str) -> tuple[Histogram, Counter]:
        """Return the durations and the errors of an operation."""
        labels = (("operation", clean_word(operation)),)
        durations = self._made(Histogram, CALLS, labels)
        return durations, self._made(Counter, CALL_ERRORS, labels)

    def errors(self, kind: str) -> Counter:
        """Return the counter of an explicit kind of error."""
        return self._made(Counter, ERRORS, (("kind", clean_word(kind)),))

    def events(self, kind: str) -> Counter:
        """Return the counter of a kind of event."""
        return self._made(Counter, EVENTS, (("kind", clean_word(kind)),))

    def beat(self, name: str, every: object, stage: object, cursor: object) -> None:
        """Note a sign of life; `every` None keeps the interval that was given before."""
        interval = None if every is None else seconds_of(every)
        if every is not None and interval is None:
            self.losses.note(Loss.BAD_VALUE, every)
            if clean_word(name) not in self._beats:
                # Nobody knows when to miss it, and a guessed interval would wake somebody for nothing.
                return
        beat = self._beats.get(name) or self._new_beat(name)
        if beat is None:
            return
        if interval is not None:
            beat.interval = interval
        beat.strike(monotonic(), stage, cursor)

    def end_beat(self, name: str) -> None:
        """Expect a beat no more: the work it stood for is done."""
        with self._lock:
            beat = self._beats.pop(name, None)
            if beat is not None:
                self._told_beats.pop(name, None)
                # A beat that no push held is nobody's to miss.
                if beat.is_offered:
                    self._ended_beats.append(name)
                    if len(self._ended_beats) > MOST_ENDED_KEPT:
                        self.losses.note(Loss.SERIES_LIMIT, self._ended_beats.pop(0))

    # ----------------------------------------------------------- telling

    def push(self, *, whole: bool) -> Push:
        """Return what the desk has not acknowledged yet, or everything where `whole`.

        Its body holds lists: counters and gauges `[name, labels, value, age]`, histograms
        `[name, labels, {bucket: count}, sum, age]`, beats `[name, count, age, interval, stage, cursor]`, and the names
        of ended beats. An age is in seconds; of a metric it is there, and not null, until the desk has heard of it.
        """
        now = monotonic()
        with self._lock:
            tables = {kind: list(table.values()) for kind, table in self._tables.items()}
            beats, ended = list(self._beats.values()), self._ended_beats[:MOST_ENDED]
        rows = [
            *_values("counters", tables[Counter], now, whole=whole),
            *_values("gauges", tables[Gauge], now, whole=whole),
            *_histograms(tables[Histogram], now, whole=whole),
        ]
        for beat in beats:
            if not beat.is_refused and (whole or self._told_beats.get(beat.name) != beat.count):
                beat.is_offered = True
                told = [beat.name, beat.count, now - beat.at, beat.interval, beat.stage, beat.cursor]
                rows.append(Row("beats", told))
        return Push([*rows, *(Row("ended", name) for name in ended)])

    def acknowledge(self, push: Push) -> None:
        """Note that the desk has what a push told: a metric is told again only when it changes, or all are."""
        for row in push.rows:
            if row.metric is not None:
                row.metric.acknowledged = row.total
            elif row.field == "beats" and row.value[0] in self._beats:
                self._told_beats[row.value[0]] = row.value[1]
            elif row.field == "ended":
                with self._lock:
                    self._ended_beats = [name for name in self._ended_beats if name != row.value]

    def give_up(self, row: Row) -> None:
        """Tell no more of a metric or a beat which the desk will never take: it must not hold up all the others."""
        if row.metric is not None:
            row.metric.is_refused = True
        elif row.field == "beats" and (beat := self._beats.get(row.value[0])):
            beat.is_refused = True
        elif row.field == "ended":
            self.acknowledge(Push([row]))

    def unacknowledged(self) -> int:
        """Return how many metrics and beats have changed since the desk last heard of them."""
        changed = [row for row in self.push(whole=False).rows if row.metric is None or row.total]
        return len(changed)

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

    def _own(self, kind: type[M], name: str, labels: dict[str, object]) -> M:
        clean = clean_labels(labels, self.losses)
        if not is_name(name):
            return self._lost(kind, name, Loss.BAD_NAME)
        metric = self._made(kind, name, clean)
        known = self.known[kind]
        if len(known) < MOST_REMEMBERED and not isinstance(metric, Lost) and _is_plain(labels):
            known[name, *labels.items()] = metric
        return metric

    def _made(self, kind: type[M], name: str, labels: Pairs) -> M:
        table = self._tables[kind]
        found = table.get((name, labels))
        if found is not None:
            return found  # type: ignore[return-value] # each table holds one kind
        with self._lock:
            if self._kinds.setdefault(name, kind) is not kind:
                return self._lost(kind, name, Loss.BAD_NAME)
            if self._is_full(kind):
                return self._lost(kind, name, Loss.SERIES_LIMIT)
            return table.setdefault((name, labels), kind(name, labels, self.losses, monotonic()))  # type: ignore[return-value]

    def _lost(self, kind: type[M], name: str, reason: Loss) -> M:
        return _STAND_INS[kind](name, self.losses, reason)  # type: ignore[return-value] # of the same kind

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


def _values(field: str, metrics: list[Any], now: float, *, whole: bool) -> list[Row]:
    rows = []
    for metric in metrics:
        value = _finite(metric.value)
        if value is not None and not metric.is_refused and (whole or metric.acknowledged != value):
            told = [metric.name, dict(metric.labels), value, _age(metric, now)]
            rows.append(Row(field, told, metric, value))
    return rows


def _histograms(metrics: list[Any], now: float, *, whole: bool) -> list[Row]:
    rows = []
    for metric in metrics:
        counts, total = list(metric.counts), _finite(metric.sum)
        count = sum(counts)
        if total is not None and not metric.is_refused and (whole or metric.acknowledged != count):
            filled = {str(bucket): each for bucket, each in enumerate(counts) if each}
            told = [metric.name, dict(metric.labels), filled, total, _age(metric, now)]
            rows.append(Row("histograms", told, metric, count))
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
