"""How bots are doing: signs of life from the roster, quantiles by PromQL as anybody could ask, counts exactly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from nightdesk.collect.clients.roster import Seat
from nightdesk.model.instant import MINUTE
from nightdesk.model.labels import Labels
from nightdesk.query.answer import Answer
from nightdesk.store.events import BotEvent

WINDOW: Final = "5m"
WINDOW_MS: Final = 5 * MINUTE
_BY: Final = "bot, operation"
QUERIES: Final = {
    "p50": f"histogram_quantile(0.5, sum by ({_BY}, le) (rate(bot_call_duration_seconds_bucket[{WINDOW}])))",
    "p95": f"histogram_quantile(0.95, sum by ({_BY}, le) (rate(bot_call_duration_seconds_bucket[{WINDOW}])))",
}
"""What is asked of each operation, over the latest five minutes."""
COUNTERS: Final = {"calls": "bot_call_duration_seconds_count", "errors": "bot_call_errors_total"}
"""Whose growth in these five minutes is told; `increase` would extrapolate, and tell 202 of 200 calls."""

Ask = Callable[[str], Answer]
Grown = Callable[[str, int, int], Mapping[Labels, float]]
"""Returns how much the counters of a name grew in [start, end) ms."""
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One tracked operation over the latest five minutes; None where there was no call."""

    name: str
    p50: float | None
    p95: float | None
    calls: float | None
    errors: float | None


@dataclass(frozen=True, slots=True)
class BeatStanding:
    """A sign of life; instants and durations in ms."""

    name: str
    process: str
    at: int
    age: int
    expected: int
    stage: str
    cursor: str
    is_missed: bool
    """True where twice the expected interval has passed and somebody is to miss it."""


@dataclass(frozen=True, slots=True)
class BotStanding:
    """One bot with all its processes."""

    name: str
    heard_at: int
    processes: int
    stopping: str | None
    """Why it stops, where that was announced."""
    operations: tuple[Operation, ...]
    beats: tuple[BeatStanding, ...]
    dropped: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BotsStanding:
    """Every bot that was heard within a day, by name, and the newest events of all."""

    at: int
    bots: tuple[BotStanding, ...]
    events: Sequence[BotEvent]


def read_standing(ask: Ask, grown: Grown, seats: Sequence[Seat], events: Sequence[BotEvent], now: int) -> BotsStanding:
    """Put together what is known at `now` (ms)."""
    columns = {name: _by_operation(ask(expr)) for name, expr in QUERIES.items()} if seats else {}
    for name, counter in COUNTERS.items() if seats else ():
        columns[name] = _summed(grown(counter, now - WINDOW_MS, now + 1))
    names = sorted({seat.bot for seat in seats})
    return BotsStanding(
        now,
        tuple(_bot(name, [seat for seat in seats if seat.bot == name], columns, now) for name in names),
        events,
    )


def _bot(name: str, seats: Sequence[Seat], columns: dict[str, dict[_Key, float]], now: int) -> BotStanding:
    operations = sorted({operation for column in columns.values() for bot, operation in column if bot == name})
    dropped: dict[str, float] = {}
    for seat in seats:
        for kind, count in seat.dropped:
            dropped[kind] = dropped.get(kind, 0.0) + count
    return BotStanding(
        name=name,
        heard_at=max(seat.heard_at for seat in seats),
        processes=len(seats),
        stopping=next((seat.stopping for seat in seats if seat.stopping is not None), None),
        operations=tuple(
            Operation(each, *(columns[column].get((name, each)) for column in (*QUERIES, *COUNTERS)))
            for each in operations
        ),
        beats=tuple(each for seat in seats for each in _beats(seat, now)),
        dropped=dropped,
    )


def _beats(seat: Seat, now: int) -> list[BeatStanding]:
    return [
        BeatStanding(
            name=beat.name,
            process=seat.process,
            at=beat.at,
            age=max(0, now - beat.at),
            expected=beat.interval,
            stage=beat.stage,
            cursor=beat.cursor,
            is_missed=seat.expects(beat, now) and now - beat.at > 2 * beat.interval,
        )
        for beat in seat.beats.values()
        if beat.ended_at is None
    ]


def _summed(grown: Mapping[Labels, float]) -> dict[_Key, float]:
    """Return growth by bot and operation, whichever process it was in."""
    found: dict[_Key, float] = {}
    for labels, growth in grown.items():
        key = (labels.get("bot"), labels.get("operation"))
        found[key] = found.get(key, 0.0) + growth
    return found


def _by_operation(answer: Answer) -> dict[_Key, float]:
    """Return the values of an answer by bot and operation; what is no number is left out."""
    return {
        (labels.get("bot"), labels.get("operation")): float(value)
        for labels, present, value in zip(answer.labels, answer.present[:, 0], answer.values[:, 0], strict=True)
        if present and np.isfinite(value)
    }
