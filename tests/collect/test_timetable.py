"""Timetables: on the grid for ever, never catching up."""

from hypothesis import given
from hypothesis import strategies as st

from nightdesk.collect.timetable import Timetable


def test_late_use_does_not_move_the_grid() -> None:
    """A tick used 0.4 s late leaves the next one where it was."""
    table = Timetable(100.0, 1.0)
    table.take(100.4)
    assert table.due == 101.0


def test_ticks_that_passed_are_counted_and_skipped() -> None:
    """After 5.5 s of silence one tick is used, five are missed, and the next is on the grid."""
    table = Timetable(100.0, 1.0)
    table.take(105.5)
    assert (table.missed, table.due) == (5, 106.0)


def test_a_tick_that_finds_its_collector_busy_is_missed() -> None:
    """A missed tick counts and makes way for the next."""
    table = Timetable(100.0, 1.0)
    table.take(100.0)
    table.miss(101.2)
    assert (table.missed, table.due) == (1, 102.0)


def test_a_hurried_tick_leaves_the_grid_alone() -> None:
    """An extra tick is due at once, uses no tick of the grid, and misses none."""
    table = Timetable(100.0, 10.0)
    table.take(100.0)
    table.hurry()
    assert table.is_due(103.0)
    table.take(103.0)
    assert (table.missed, table.due, table.is_due(103.0)) == (0, 110.0, False)


def test_a_hurried_tick_outlasts_a_busy_collector() -> None:
    """What was asked for at once stays wanted while the collector is busy."""
    table = Timetable(100.0, 1.0)
    table.hurry()
    table.miss(100.5)
    assert table.is_due(100.6)


@given(st.floats(0.1, 100), st.lists(st.floats(0, 500), max_size=30))
def test_every_tick_is_used_or_missed(interval: float, pauses: list[float]) -> None:
    """Used and missed ticks sum to the ticks that passed, and the next tick lies ahead by at most one interval."""
    table, now, used = Timetable(0.0, interval), 0.0, 0
    for pause in pauses:
        now += pause
        if table.is_due(now):
            table.take(now)
            used += 1
        assert now < table.due <= now + interval * 1.000001
    assert round(table.due / interval) == used + table.missed
