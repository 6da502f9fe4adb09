"""A target may begin so many series within an hour; what it has goes on."""

import numpy as np

from nightdesk.collect.caps import NewSeriesCap
from nightdesk.collect.collector import Readings
from nightdesk.collect.target_series import TargetSeries
from nightdesk.model.instant import HOUR, MINUTE
from nightdesk.model.labels import Labels
from nightdesk.model.series import AppendRefusal
from nightdesk.testing.lake import Lake

TARGET = Labels([("job", "bot"), ("instance", "a:1")])


def read(at: int, *names: str) -> Readings:
    """Return a reading of 1 for each name."""
    return Readings(tuple(map(Labels.of, names)), np.ones(len(names)), at)


def test_an_hour_makes_room_again() -> None:
    """Series that began an hour ago no longer count; one that comes and goes counts once."""
    cap = NewSeriesCap(2)
    a, b, c = map(Labels.of, "abc")
    assert [cap.admits(each, MINUTE) for each in (a, b, c, a, b)] == [True, True, False, True, True]
    assert not cap.admits(c, HOUR)
    assert cap.admits(c, HOUR + MINUTE)


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    """What began in a future that has not come is forgotten."""
    cap = NewSeriesCap(1)
    assert cap.admits(Labels.of("a"), 10 * HOUR)
    assert cap.admits(Labels.of("b"), HOUR)


def test_a_target_that_changes_its_labels_keeps_its_old_series() -> None:
    """Of new series none but the first few is taken, the steady ones have every sample, and refusals are counted."""
    lake, series = Lake(), TargetSeries(TARGET, most_new_series=5)
    for turn in range(10):
        at = turn * 1_000
        lake.append(series.job(read(at, "steady_a", "steady_b", f"life_{turn}"), at, 0.1)(lake))
    assert len(lake.told("steady_a")) == len(lake.told("steady_b")) == 10
    assert [len(lake.told(f"life_{turn}")) for turn in range(10)] == [2, 2, 2, 0, 0, 0, 0, 0, 0, 0]
    assert series.refused == {AppendRefusal.TARGET_LIMIT: 7}
    assert len(lake.told("up")) == 10


def test_a_new_era_is_heard_of() -> None:
    """References are resolved again, and what is gone ends under the new one."""
    lake, series = Lake(), TargetSeries(TARGET)
    lake.append(series.job(read(1_000, "a", "b"), 1_000, 0.1)(lake))
    asked, lake.era = lake.asked, 1
    lake.append(series.job(read(2_000, "a"), 2_000, 0.1)(lake))
    assert lake.asked == asked + 7
    assert lake.told("b")[-1][2] == "stale"
    lake.era = 2
    lake.append(series.farewell(3_000)(lake))
    assert lake.told("a")[-1][1:] == (3_000, "stale")
    assert lake.told("up")[-1][1:] == (3_000, "stale")
