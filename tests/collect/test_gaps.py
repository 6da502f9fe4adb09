"""Gaps: suspends, steps and stalls are told apart, and an even flow of time has none."""

import asyncio

import pytest

from nightdesk.collect.gaps import GapKind, GapWatch
from nightdesk.testing.clock import ManualClock


def test_even_time_has_no_gaps() -> None:
    """A hundred ticks a second apart are no news."""
    clock = ManualClock()
    watch = GapWatch(clock)
    for _ in range(100):
        asyncio.run(clock.advance(1.0))
        assert watch.tick(1.0) == []


def test_suspended_time_is_told_by_the_boot_clock() -> None:
    """Eight hours asleep are one gap of that length, whatever the wall clock says."""
    clock = ManualClock()
    watch = GapWatch(clock)
    clock.jump(8 * 3600)
    (gap,) = watch.tick(1.0)
    assert gap.kind is GapKind.SUSPENDED
    assert gap.seconds == pytest.approx(8 * 3600)


@pytest.mark.parametrize("step", [3_600_000, -3_600_000])
def test_a_step_of_wall_time_has_its_sign(step: int) -> None:
    """An hour forward or back is a step of that many seconds."""
    clock = ManualClock()
    watch = GapWatch(clock)
    clock.step_wall(step)
    (gap,) = watch.tick(0.0)
    assert (gap.kind, gap.seconds, gap.at) == (GapKind.STEPPED, step / 1000, clock.now())


def test_slewing_is_no_step() -> None:
    """Half a second of difference is not an event."""
    clock = ManualClock()
    watch = GapWatch(clock)
    clock.step_wall(500)
    assert watch.tick(0.0) == []


def test_a_process_that_was_stopped_is_stalled() -> None:
    """All clocks went on for a minute and the tick meant to wait a second: the desk was held up."""
    clock = ManualClock()
    watch = GapWatch(clock)
    asyncio.run(clock.advance(60.0))
    (gap,) = watch.tick(1.0)
    assert (gap.kind, watch.counts[GapKind.STALLED]) == (GapKind.STALLED, 1)
