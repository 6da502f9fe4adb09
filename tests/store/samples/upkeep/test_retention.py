"""Retention by bytes and by class: what goes, what stays, and that no wrong clock takes anything."""

from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, day_of
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.retention import Retention, RetentionClass
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000
TODAY = day_of(NOW)
SIM = (Matcher("job", MatchOp.EQUAL, "sim"),)
NOT_LIVE = (Matcher("job", MatchOp.NOT_REGEX, "live|"),)


def opened(folder: Path, clock: ManualClock, retention: Retention) -> SampleStore:
    """Open a store."""
    return SampleStore(folder, clock=clock, retention_ms=100 * DAY, retention=retention)


def fill(store: SampleStore, days: int, instants: int = 24) -> None:
    """Write `instants` samples a day of two jobs and a series without one, for the last days, and seal."""
    names = [Labels.of("up", job="sim"), Labels.of("up", job="live"), Labels.of("up", other="yes")]
    refs = np.array([store.reference(labels) for labels in names])
    chance = np.random.default_rng(1)
    for day in range(TODAY - days + 1, TODAY + 1):
        for step in range(instants):
            store.append(Batch.at(refs, day * DAY + step * (DAY // instants) // 2, chance.random(len(refs))))
        store.commit()
    store.seal()


def keep_house(store: SampleStore, clock: ManualClock) -> None:
    """Let a minute pass and do all there is to do."""
    clock.jump(61)
    while store.maintain():
        pass


def days_of(store: SampleStore, *matchers: Matcher) -> list[int]:
    """Return how many days ago there are samples, rising."""
    answer = store.select(matchers, MIN_INSTANT, MAX_INSTANT, FreeBudget())
    return sorted({TODAY - int(day) for series in answer for day in np.unique(series.times // DAY)})


def test_a_class_goes_sooner_than_the_rest(tmp_path: Path) -> None:
    """Days that a class is past as a whole lose its series and nothing else; the first class that matches holds."""
    clock = ManualClock(NOW)
    retention = Retention(classes=(RetentionClass(SIM, 5 * DAY), RetentionClass(NOT_LIVE, 2 * DAY)))
    store = opened(tmp_path, clock, retention)
    fill(store, 10)
    keep_house(store, clock)
    assert days_of(store, *SIM) == [0, 1, 2, 3, 4, 5]
    assert days_of(store, Matcher("job", MatchOp.EQUAL, "live")) == list(range(10))
    assert days_of(store, Matcher("other", MatchOp.EQUAL, "yes")) == list(range(10))
    assert store.stats().days_removed["class"] == 0
    store.close()


def test_a_class_is_applied_once(tmp_path: Path) -> None:
    """A day that was rewritten is left alone, by a store that was opened anew too."""
    clock = ManualClock(NOW)
    retention = Retention(classes=(RetentionClass(SIM, 2 * DAY),))
    store = opened(tmp_path, clock, retention)
    fill(store, 6)
    keep_house(store, clock)
    store.close()
    before = {path: path.stat().st_ino for path in (tmp_path / "days").glob("*.db")}
    store = opened(tmp_path, clock, retention)
    keep_house(store, clock)
    assert {path: path.stat().st_ino for path in (tmp_path / "days").glob("*.db")} == before
    store.close()


def test_a_day_of_one_class_alone_goes_as_a_whole(tmp_path: Path) -> None:
    """Nothing is left of it, so no file is either, and it is counted."""
    clock = ManualClock(NOW)
    store = opened(tmp_path, clock, Retention(classes=(RetentionClass(SIM, 2 * DAY),)))
    ref = np.array([store.reference(Labels.of("up", job="sim"))])
    store.append(Batch.at(ref, NOW - 10 * DAY, np.ones(1)))
    store.append(Batch.at(ref, NOW - HOUR, np.ones(1)))
    store.commit()
    store.seal()
    keep_house(store, clock)
    assert days_of(store) == [0]
    assert store.stats().days_removed["class"] == 1
    store.close()


def test_another_retention_holds_from_the_next_look_on(tmp_path: Path) -> None:
    """Time, classes and bytes can each be changed while the store runs; days looked at before are looked at again."""
    clock = ManualClock(NOW)
    store = opened(tmp_path, clock, Retention(classes=(RetentionClass(SIM, 5 * DAY),)))
    fill(store, 10, instants=1_000)
    keep_house(store, clock)
    store.retain(8 * DAY, Retention(classes=(RetentionClass(NOT_LIVE, 3 * DAY),)))
    assert days_of(store) == list(range(10)), "not before the next look"
    keep_house(store, clock)
    assert days_of(store) == list(range(9))
    assert days_of(store, *SIM) == [0, 1, 2, 3]
    late = Batch.at(np.array([store.reference(Labels.of("up", job="sim"))]), NOW - 10 * DAY, np.ones(1))
    assert store.append(late).accepted == 0, "what is past the new time is taken no more"
    store.retain(8 * DAY, Retention(bytes=1))
    keep_house(store, clock)
    assert days_of(store) == [0]
    assert store.stats().quota_bytes == 1
    store.close()


def test_the_oldest_days_go_until_it_fits(tmp_path: Path) -> None:
    """No more than needed, never today's."""
    clock = ManualClock(NOW)
    store = opened(tmp_path, clock, Retention())
    fill(store, 10, instants=1_000)
    stats = store.stats()
    store.close()
    store = opened(tmp_path, clock, Retention(bytes=stats.occupied.all - stats.occupied.days // 4))
    keep_house(store, clock)
    stats = store.stats()
    assert days_of(store) == list(range(7)) or days_of(store) == list(range(8))
    assert stats.quota_bytes is not None
    assert stats.occupied.all <= stats.quota_bytes
    assert stats.days_removed["bytes"] == 10 - len(days_of(store))
    store.close()
    store = opened(tmp_path, clock, Retention(bytes=1))
    keep_house(store, clock)
    assert days_of(store) == [0]
    store.close()


@pytest.mark.parametrize("step", [-40 * DAY, 400 * DAY])
def test_a_wrong_clock_removes_nothing_by_bytes_or_class_on_its_word_alone(tmp_path: Path, step: int) -> None:
    """A clock set back protects what it calls today and later; one set ahead makes no class older."""
    clock = ManualClock(NOW)
    retention = Retention(bytes=1 if step < 0 else None, classes=(RetentionClass(SIM, 20 * DAY),))
    store = opened(tmp_path, clock, Retention())
    fill(store, 10)
    store.close()
    store = opened(tmp_path, clock, retention)
    clock.step_wall(step)
    keep_house(store, clock)
    assert days_of(store, *SIM) == list(range(10))
    assert "wall clock" in store.clock_in_doubt
    store.close()
