"""One push of a bot's client as values, read from JSON within limits; what it must hold is in docs/client.md.

Nothing in it is trusted: sizes are counted before anything is made of them, and names that belong to the desk are
refused. A metric or a beat that cannot be read is left out and counted: it must not hold up what came with it, for it
would come again with every push. Numbers are finite. Durations come as ages in seconds, since the bot's clock may
differ from the desk's.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeVar

import orjson

from nightdesk.collect.clients.words import Pairs, read_labels, read_name, read_word
from nightdesk.errors import BadPayload, PayloadTooLarge

T = TypeVar("T")

VERSION: Final = 1
MOST_VALUES: Final = 5_000
MOST_HISTOGRAMS: Final = 500
MOST_BOUNDS: Final = 200
MOST_BEATS: Final = 200
MOST_ENTRIES: Final = 1_000
MOST_DROPPED: Final = 32
LONGEST_AGE: Final = 400 * 86_400.0
"""Seconds; whoever lives longer is taken to be as old as this."""


@dataclass(frozen=True, slots=True)
class Value:
    """A counter or a gauge; `age` in seconds is set until the desk has acknowledged it once."""

    name: str
    labels: Pairs
    value: float
    age: float | None


@dataclass(frozen=True, slots=True)
class Durations:
    """A histogram: how many observations fell into each bucket by its number, and their sum."""

    name: str
    labels: Pairs
    counts: tuple[tuple[int, float], ...]
    sum: float
    age: float | None


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life as last given; `age` counts only while the bot's machine was awake."""

    name: str
    count: float
    age: float
    interval: float
    stage: str
    cursor: str


@dataclass(frozen=True, slots=True)
class Push:
    """Everything one push says; orders, fills and events as they came, for those who keep them."""

    bot: str
    run: str
    place: int | None
    forked: bool
    age: float
    sequence: int
    leaving: bool
    stopping: str | None
    labels: Pairs
    bounds: tuple[float, ...]
    counters: tuple[Value, ...]
    gauges: tuple[Value, ...]
    histograms: tuple[Durations, ...]
    beats: tuple[Beat, ...]
    ended: tuple[str, ...]
    dropped: tuple[tuple[str, float], ...]
    entries: tuple[Mapping[str, Any], ...]
    events: tuple[Mapping[str, Any], ...]
    unread: int = 0
    """Metrics and beats that cannot be read; the others are taken."""
    complaint: str = ""
    """Why the first of them cannot."""


class _Rows:
    """Reads the rows of metrics and beats one by one, and leaves out what cannot be read."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        """Read from a push."""
        self._told = told
        self.unread = 0
        self.complaint = ""

    def of(self, field: str, most: int, read: Callable[[Any], T]) -> tuple[T, ...]:
        """Return the rows of a field that can be read. Raises PayloadTooLarge where there are more than `most`."""
        rows = _listed(self._told, field, most)
        return tuple(value for row in rows if (value := self._read(read, row)) is not None)

    def _read(self, read: Callable[[Any], T], row: Any) -> T | None:
        try:
            return read(row)
        except BadPayload as error:
            self.unread += 1
            self.complaint = self.complaint or str(error)
            return None


def read_push(body: bytes) -> Push:
    """Read a body.

    Raises:
        BadPayload: it is no push; the message names the field.
        PayloadTooLarge: it holds more than a push may.
    """
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadPayload(f"the push is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise BadPayload("the push is no object")
    if told.get("version") != VERSION:
        raise BadPayload(f"version {told.get('version')!r} of the push is not known; this desk reads {VERSION}")
    stopping = told.get("stopping")
    bounds, rows = _bounds(told), _Rows(told)
    return Push(
        bot=read_word(told.get("bot"), "bot"),
        run=read_word(told.get("run"), "run"),
        place=None if told.get("place") is None else int(_number(told.get("place"), "place", 1, 10_000)),
        forked=told.get("forked") is True,
        age=_seconds(told.get("age")),
        sequence=int(_number(told.get("sequence"), "sequence", 0, 2**53)),
        leaving=told.get("leaving") is True,
        stopping=None if stopping is None else read_word(stopping, "stopping"),
        labels=read_labels(told.get("labels", {})),
        bounds=bounds,
        counters=rows.of("counters", MOST_VALUES, lambda row: _value(row, "counters", least=0.0)),
        gauges=rows.of("gauges", MOST_VALUES, lambda row: _value(row, "gauges", least=-math.inf)),
        histograms=rows.of("histograms", MOST_HISTOGRAMS, lambda row: _durations(row, len(bounds) + 1)),
        beats=rows.of("beats", MOST_BEATS, _beat),
        ended=rows.of("ended", MOST_BEATS, lambda name: read_word(name, "ended")),
        dropped=_dropped(told.get("dropped", {})),
        entries=_rows(told, "entries", MOST_ENTRIES, lambda row: _mapping(row, "entries")),
        events=_rows(told, "events", MOST_ENTRIES, lambda row: _mapping(row, "events")),
        unread=rows.unread,
        complaint=rows.complaint,
    )


def _rows(told: Mapping[str, Any], field: str, most: int, read: Callable[[Any], T]) -> tuple[T, ...]:
    return tuple(read(row) for row in _listed(told, field, most))


def _listed(told: Mapping[str, Any], field: str, most: int) -> list[Any]:
    rows = told.get(field, [])
    if not isinstance(rows, list):
        raise BadPayload(f"{field} is no list")
    if len(rows) > most:
        raise PayloadTooLarge(f"{len(rows)} {field} in one push; at most {most}")
    return rows


def _value(row: Any, field: str, *, least: float) -> Value:
    name, labels, value, age = _columns(row, 4, field)
    return Value(read_name(name), read_labels(labels), _number(value, field, least), _age(age))


def _durations(row: Any, buckets: int) -> Durations:
    name, labels, counts, total, age = _columns(row, 5, "histograms")
    if not isinstance(counts, dict):
        raise BadPayload("the counts of a histogram are no object")
    read = tuple((_bucket(bucket, buckets), _number(count, "histograms", 0)) for bucket, count in counts.items())
    return Durations(read_name(name), read_labels(labels), read, _number(total, "histograms", 0), _age(age))


def _beat(row: Any) -> Beat:
    name, count, age, interval, stage, cursor = _columns(row, 6, "beats")
    return Beat(
        read_word(name, "beats"),
        _number(count, "beats", 1),
        _seconds(age),
        _number(interval, "beats", 0.001, LONGEST_AGE),
        read_word(stage, "stage", empty=True),
        read_word(cursor, "cursor", empty=True),
    )


def _bounds(told: Mapping[str, Any]) -> tuple[float, ...]:
    bounds = _rows(told, "bounds", MOST_BOUNDS, lambda bound: _number(bound, "bounds"))
    if any(low >= high for low, high in pairwise(bounds)):
        raise BadPayload("the bounds do not ascend")
    return bounds


def _dropped(told: Any) -> tuple[tuple[str, float], ...]:
    counts = _mapping(told, "dropped")
    if len(counts) > MOST_DROPPED:
        raise PayloadTooLarge(f"{len(counts)} kinds of loss; at most {MOST_DROPPED}")
    return tuple((read_word(kind, "dropped"), _number(count, "dropped", 0)) for kind, count in counts.items())


def _columns(row: Any, count: int, field: str) -> Sequence[Any]:
    if not isinstance(row, list) or len(row) != count:
        raise BadPayload(f"a row of {field} is no list of {count}")
    return row


def _mapping(value: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadPayload(f"{field} holds something that is no object")
    return value


def _bucket(text: str, buckets: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < buckets):
        raise BadPayload(f"{text[:20]!r} is no bucket of the histogram")
    return int(text)


def _age(value: Any) -> float | None:
    return None if value is None else _seconds(value)


def _seconds(value: Any) -> float:
    """Read an age; nobody is refused for having lived long."""
    return min(_number(value, "age", 0), LONGEST_AGE)


def _number(value: Any, field: str, least: float = -math.inf, most: float = math.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadPayload(f"{field} holds {str(value)[:40]!r}, which is no finite number")
    if not least <= value <= most:
        raise BadPayload(f"{field} holds {value}, which is out of its bounds")
    return float(value)
