"""A wall clock that is wrong: it removes no day and refuses no sample on its word alone."""

from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, MINUTE
from nightdesk.model.labels import Labels
from nightdesk.model.series import AppendRefusal, Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.wall import Wall
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000
RETENTION = 30 * DAY


def filled(folder: Path, clock: ManualClock, days: int = 20) -> SampleStore:
    """Return a store with one sealed sample on each of the last days."""
    store = SampleStore(folder, clock=clock, retention_ms=RETENTION)
    for age in range(days):
        put(store, clock.now() - age * DAY)
    store.seal()
    return store


def put(store: SampleStore, time: int) -> dict[AppendRefusal, int]:
    """Write one sample; return what was refused."""
    ref = store.reference(Labels.of("up"))
    appended = store.append(Batch.at(np.array([ref]), time, np.ones(1)))
    store.commit()
    return appended.refused


def keep_house(store: SampleStore) -> None:
    """Let housekeeping do all there is to do."""
    while store.maintain():
        pass


def held(store: SampleStore) -> int:
    """Return how many samples answer."""
    return sum(len(series.times) for series in store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget()))


def test_a_wall_clock_set_ahead_removes_nothing_and_says_so(tmp_path: Path) -> None:
    """A year ahead for an hour: every day is still there, and the doubt ends with the error."""
    clock = ManualClock(NOW)
    store = filled(tmp_path, clock)
    keep_house(store)
    clock.step_wall(400 * DAY)
    for _ in range(60):
        clock.jump(60)
        keep_house(store)
    assert held(store) == 20
    assert store.stats().clock_in_doubt.startswith("the wall clock is +400.00 days from where it should be")
    clock.step_wall(-400 * DAY)
    keep_house(store)
    clock.jump(61)
    keep_house(store)
    assert (held(store), store.stats().clock_in_doubt) == (20, "")
    store.close()


def test_a_new_time_that_stands_for_a_day_is_believed(tmp_path: Path) -> None:
    """Then retention goes by it, as it must once the clock has been set right."""
    clock = ManualClock(NOW)
    store = filled(tmp_path, clock)
    keep_house(store)
    clock.step_wall(400 * DAY)
    for _ in range(26):
        clock.jump(3_600)
        keep_house(store)
    assert (held(store), store.stats().clock_in_doubt) == (0, "")
    store.close()


@pytest.mark.parametrize("step", [-19_000 * DAY, -2 * DAY, 400 * DAY], ids=["1971", "two days back", "a year ahead"])
def test_samples_are_taken_by_either_time_while_in_doubt(tmp_path: Path, step: int) -> None:
    """What senders with right clocks and the desk itself write is not refused for good."""
    clock = ManualClock(NOW)
    store = filled(tmp_path, clock)
    clock.step_wall(step)
    assert (put(store, NOW + MINUTE), put(store, clock.now())) == ({}, {})
    assert put(store, max(NOW, clock.now()) + 2 * DAY) == {AppendRefusal.TOO_FAR_AHEAD: 1}
    assert put(store, min(NOW, clock.now()) - RETENTION - 2 * DAY) == {AppendRefusal.TOO_OLD: 1}
    store.close()


@pytest.mark.parametrize("wrote", [False, True], ids=["at once", "after it wrote by the wrong clock"])
def test_a_start_with_a_wrong_clock_removes_nothing(tmp_path: Path, wrote: bool) -> None:
    """The days held speak against the clock, and days of the wrong time itself are no witnesses for it."""
    filled(tmp_path, ManualClock(NOW)).close()
    clock = ManualClock(NOW + 400 * DAY, boot=10.0)
    for _ in range(2):
        store = SampleStore(tmp_path, clock=clock, retention_ms=RETENTION)
        if wrote:
            put(store, clock.now())
            store.seal()
        keep_house(store)
        assert held(store) == 20 + wrote
        assert store.stats().clock_in_doubt
        store.close()


def test_a_start_with_a_clock_that_is_far_behind_takes_right_samples(tmp_path: Path) -> None:
    """A machine without a battery starts in 1970: samples of senders are not refused as too far ahead."""
    filled(tmp_path, ManualClock(NOW)).close()
    store = SampleStore(tmp_path, clock=ManualClock(HOUR), retention_ms=RETENTION)
    assert put(store, NOW + DAY) == {}
    store.close()


def test_a_long_sleep_and_a_slow_drift_are_no_steps() -> None:
    """The boot clock counts suspended time, and an hour of difference is forgiven at each look."""
    clock = ManualClock(NOW)
    wall = Wall(clock, [NOW // DAY], RETENTION)
    clock.jump(90 * 86_400)
    assert wall.between() == (clock.now(), clock.now())
    for _ in range(10):
        clock.step_wall(HOUR // 2)
        assert wall.between() == (clock.now(), clock.now())
