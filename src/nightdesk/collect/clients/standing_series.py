"""What is known of bots as series: signs of life, announced stops, when each was last heard, what it lost.

Written again and again, so that a dead bot's last beat stays in sight of the rules, and read back when
the desk starts, so that a bot which died with the desk is missed all the same.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from nightdesk.collect.clients.roster import FORGOTTEN, Seat, SeenBeat
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import METRIC_NAME, Labels, Matcher, MatchOp
from nightdesk.seams.samples import Budget, SeriesReader

JOB: Final = "bot"
BEAT_AT: Final = "bot_beat_timestamp_seconds"
BEAT_INTERVAL: Final = "bot_beat_interval_seconds"
BEAT_EXPECTED: Final = "bot_beat_expected"
STOPPING: Final = "bot_stopping"
HEARD_AT: Final = "bot_client_last_seen_timestamp_seconds"
DROPPED: Final = "bot_client_dropped_total"

Row = tuple[Labels, float]


def labels_of(seat: Seat, name: str, *pairs: tuple[str, str]) -> Labels:
    """Return the labels of a series of a process; an empty value is no label."""
    return Labels([(METRIC_NAME, name), ("job", JOB), ("bot", seat.bot), ("process", seat.process), *pairs])


def rows_of(seat: Seat, now: int) -> Iterator[Row]:
    """Yield the series of one process with their values at `now` (ms)."""
    yield labels_of(seat, HEARD_AT), seat.heard_at / SECOND
    if seat.stopping is not None:
        yield labels_of(seat, STOPPING, ("reason", seat.stopping)), 1.0
    for beat in seat.beats.values():
        yield labels_of(seat, BEAT_AT, ("beat", beat.name)), beat.at / SECOND
        yield labels_of(seat, BEAT_INTERVAL, ("beat", beat.name)), beat.interval / SECOND
        yield labels_of(seat, BEAT_EXPECTED, ("beat", beat.name)), float(seat.expects(beat, now))
    for kind, count in seat.dropped:
        yield labels_of(seat, DROPPED, ("kind", kind)), count


def read_back(samples: SeriesReader, budget: Budget, now: int) -> list[Seat]:
    """Return the processes that the store knows of the latest day, without knowing their runs."""
    seats: dict[tuple[str, str], Seat] = {}
    for labels, value in _latest(samples, HEARD_AT, budget, now):
        process = labels.get("process")
        place = int(process) if process.isdigit() else 1
        seats[labels.get("bot"), process] = Seat(labels.get("bot"), place, "", round(value * SECOND))
    intervals = {
        labels.without_name(): round(value * SECOND) for labels, value in _latest(samples, BEAT_INTERVAL, budget, now)
    }
    for labels, value in _latest(samples, BEAT_AT, budget, now):
        seat, interval = seats.get((labels.get("bot"), labels.get("process"))), intervals.get(labels.without_name())
        if seat is not None and interval:
            seat.beats[labels.get("beat")] = SeenBeat(labels.get("beat"), round(value * SECOND), interval)
    for labels, value in _latest(samples, STOPPING, budget, now):
        seat = seats.get((labels.get("bot"), labels.get("process")))
        if seat is not None and value == 1.0:
            seat.stopping = labels.get("reason")
    for labels, value in _latest(samples, BEAT_EXPECTED, budget, now):
        seat, name = seats.get((labels.get("bot"), labels.get("process"))), labels.get("beat")
        if seat is not None and seat.stopping is None and name in seat.beats and value == 0.0:
            seat.beats[name] = replace(seat.beats[name], ended_at=now)
    return list(seats.values())


def _latest(samples: SeriesReader, name: str, budget: Budget, now: int) -> Iterator[tuple[Labels, float]]:
    matchers = (Matcher(METRIC_NAME, MatchOp.EQUAL, name), Matcher("job", MatchOp.EQUAL, JOB))
    for series in samples.select(matchers, now - FORGOTTEN, now, budget):
        # A stale marker is a NaN: what ended was ended on purpose.
        if np.isfinite(series.values[-1]):
            yield series.labels, float(series.values[-1])
