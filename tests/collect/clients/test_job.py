"""Pushes as series: names, labels, buckets, births; and what the desk knows of bots after its own restart."""

import asyncio
import json
from typing import Any

import numpy as np
import pytest
from tests.collect.clients.test_push import NOW, PLAIN, body

from nightdesk.collect.clients.job import PushJob
from nightdesk.collect.clients.repeater import Repeater
from nightdesk.collect.clients.roster import Roster
from nightdesk.collect.clients.standing_series import read_back
from nightdesk.model.instant import DAY, HOUR, SECOND
from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.model.series import AppendRefusal, stale_mask
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.intake import InlineIntake
from nightdesk.testing.samples import MemorySamples


def stored(samples: MemorySamples, name: str) -> dict[tuple[tuple[str, str], ...], list[tuple[int, float]]]:
    """Return the samples of a metric by their labels less name, job and bot."""
    found = samples.select(named(name), 0, NOW * 2, FreeBudget())
    return {
        series.labels.without(("__name__", "job", "bot")).pairs: list(
            zip(series.times.tolist(), series.values.tolist(), strict=True)
        )
        for series in found
    }


def take(samples: MemorySamples, roster: Roster, told: bytes, now: int = NOW) -> PushJob:
    """Run the job of a push and keep its samples."""
    job = PushJob(told, roster, now)
    samples.append(job(samples))
    return job


def test_every_series_carries_job_and_bot() -> None:
    """So that no bot can write in another's name."""
    samples = MemorySamples()
    take(samples, Roster(), body())
    every = samples.select((Matcher("__name__", MatchOp.NOT_EQUAL, ""),), 0, NOW * 2, FreeBudget())
    assert {(series.labels.get("job"), series.labels.get("bot")) for series in every} == {("bot", "maker")}


def test_a_counter_starts_with_a_zero_at_its_birth() -> None:
    """Its first increments show in `increase`; once it was acknowledged no zero comes again."""
    samples, roster = MemorySamples(), Roster()
    take(samples, roster, body())
    later = {**PLAIN, "sequence": 2, "counters": [["orders_total", {"venue": "kraken"}, 4, None]]}
    take(samples, roster, json.dumps(later).encode(), NOW + SECOND)
    assert stored(samples, "orders_total") == {
        (("venue", "kraken"),): [(NOW - 500, 0.0), (NOW, 3.0), (NOW + SECOND, 4.0)]
    }


def test_a_seat_that_is_used_again_swallows_no_count() -> None:
    """Two short workers that lived at once push one after the other, into one seat: 200 and 800 are 1,000."""
    samples, roster = MemorySamples(), Roster()
    take(samples, roster, body(run="parent", counters=[]))
    row = ["done_total", {}, 200, 0.15]
    take(samples, roster, body(run="w1", forked=True, leaving=True, counters=[row]), NOW + 150)
    row = ["done_total", {}, 800, 0.45]
    take(samples, roster, body(run="w2", forked=True, leaving=True, counters=[row]), NOW + 450)
    [(labels, values)] = stored(samples, "done_total").items()
    assert labels == (("process", "2"),)
    assert values == [(NOW, 0.0), (NOW + 150, 200.0), (NOW + 151, 0.0), (NOW + 450, 800.0)]


def test_a_label_of_a_metric_goes_before_that_of_its_bot() -> None:
    """Both may be given under one name: the metric stands, with its own."""
    samples = MemorySamples()
    job = take(samples, Roster(), body(labels={"venue": "all", "zone": "eu"}))
    assert not job.refused
    assert list(stored(samples, "orders_total")) == [(("venue", "kraken"), ("zone", "eu"))]


def test_a_histogram_is_cumulative_with_every_bound() -> None:
    """Buckets at or below each bound, +Inf, sum and count, as Prometheus keeps them."""
    samples = MemorySamples()
    take(samples, Roster(), body())
    buckets = stored(samples, "bot_call_duration_seconds_bucket")
    decide = ("operation", "decide")
    assert {labels: values[-1][1] for labels, values in buckets.items()} == {
        (("le", "0.1"), decide): 2.0,
        (("le", "1"), decide): 2.0,
        (("le", "+Inf"), decide): 3.0,
    }
    assert stored(samples, "bot_call_duration_seconds_sum")[(decide,)][-1][1] == 7.5
    assert stored(samples, "bot_call_duration_seconds_count")[(decide,)][-1][1] == 3.0


def test_beats_losses_and_stops_are_series() -> None:
    """By the names that the rules and the page know."""
    samples = MemorySamples()
    take(samples, Roster(), body(stopping="weekend"))
    loop = (("beat", "loop"),)
    assert stored(samples, "bot_beat_timestamp_seconds") == {loop: [(NOW, NOW / 1000 - 2)]}
    assert stored(samples, "bot_beat_interval_seconds") == {loop: [(NOW, 30.0)]}
    assert stored(samples, "bot_beat_expected") == {loop: [(NOW, 0.0)]}
    assert stored(samples, "bot_stopping") == {(("reason", "weekend"),): [(NOW, 1.0)]}
    assert stored(samples, "bot_client_dropped_total") == {(("kind", "bad_name"),): [(NOW, 2.0)]}
    assert stored(samples, "bot_client_last_seen_timestamp_seconds") == {(): [(NOW, NOW / 1000)]}


def test_series_over_the_cap_are_left_out_and_counted() -> None:
    """The rest of the push is taken; whoever pushed hears how many were not, and why."""
    samples = MemorySamples(max_series=3)
    job = take(samples, Roster(), body())
    assert job.refused[AppendRefusal.SERIES_LIMIT] > 0
    assert "series" in job.complaint
    assert len(stored(samples, "orders_total")) == 1


def test_a_late_push_writes_nothing() -> None:
    """It was overtaken by a later one of the same process."""
    samples, roster = MemorySamples(), Roster()
    take(samples, roster, body(sequence=2))
    assert take(samples, roster, body(sequence=1), NOW + SECOND).seat is None
    assert all(len(values) == 2 for values in stored(samples, "orders_total").values())


@pytest.mark.parametrize("stopping", [None, "weekend"])
def test_what_was_known_is_known_after_a_restart(stopping: Any) -> None:
    """Beats with their instants, announced stops, when each was heard: a bot that died with the desk is missed."""
    samples, roster = MemorySamples(), Roster()
    take(samples, roster, body(stopping=stopping))
    Repeater(roster, InlineIntake(samples), ManualClock(NOW + SECOND)).turn()
    [seat] = Roster(read_back(samples, FreeBudget(), NOW + HOUR)).seats(NOW + HOUR)
    assert (seat.bot, seat.place, seat.run, seat.heard_at, seat.stopping) == ("maker", 1, "", NOW, stopping)
    assert (seat.beats["loop"].at, seat.beats["loop"].interval) == (NOW - 2 * SECOND, 30 * SECOND)
    assert seat.expects(seat.beats["loop"], NOW + HOUR) is (stopping is None)
    assert read_back(samples, FreeBudget(), NOW + 2 * DAY) == []


def test_the_last_signs_of_life_are_repeated_until_they_are_forgotten() -> None:
    """Every five seconds, dead or alive; a day and an hour later the series end. Without bots nothing is written."""
    samples, roster, clock = MemorySamples(), Roster(), ManualClock(NOW)
    repeater = Repeater(roster, InlineIntake(samples), clock)
    repeater.turn()
    assert samples.commits == 0
    take(samples, roster, body())
    for _ in range(3):
        asyncio.run(clock.advance(5))
        repeater.turn()
    [beats] = stored(samples, "bot_beat_timestamp_seconds").values()
    assert beats == [(NOW + at, NOW / 1000 - 2) for at in (0, 5_000, 10_000, 15_000)]
    asyncio.run(clock.advance((DAY + HOUR) / SECOND))
    repeater.turn()
    repeater.turn()
    [beats] = stored(samples, "bot_beat_timestamp_seconds").values()
    assert len(beats) == 5
    assert stale_mask(np.array([beats[-1][1]])).all()


def test_a_full_queue_is_no_reason_to_stop() -> None:
    """The next round tells the same."""
    samples, roster = MemorySamples(), Roster()
    take(samples, roster, body())
    intake = InlineIntake(samples)
    repeater = Repeater(roster, intake, ManualClock(NOW + SECOND))
    intake.full = True
    repeater.turn()
    intake.full = False
    repeater.turn()
    assert [len(values) for values in stored(samples, "bot_beat_timestamp_seconds").values()] == [2]
