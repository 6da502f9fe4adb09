"""Clocks: the machine's never steps back, the manual one moves only when told."""

import asyncio

from nightdesk.clock import Clock, Deadline, SystemClock
from nightdesk.testing.clock import ManualClock


def test_the_boot_clock_never_steps_back() -> None:
    """A thousand readings rise or stay."""
    clock: Clock = SystemClock()
    readings = [clock.boot() for _ in range(1000)]
    assert readings == sorted(readings)


def test_sleepers_wake_in_order_at_their_own_instants() -> None:
    """Each sleeper sees the instant it asked for, however far time is advanced at once."""
    clock = ManualClock(now=0, boot=0.0)
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.boot()))
        if name == "early":
            await clock.sleep(1)
            woken.append(("again", clock.boot()))

    async def scenario() -> None:
        tasks = [asyncio.create_task(sleeper("late", 5)), asyncio.create_task(sleeper("early", 2))]
        await clock.advance(10)
        await asyncio.gather(*tasks)

    asyncio.run(scenario())
    assert woken == [("early", 2.0), ("again", 3.0), ("late", 5.0)]
    assert (clock.now(), clock.boot()) == (10_000, 10.0)


def test_a_step_of_wall_time_wakes_nobody() -> None:
    """NTP moves labels, not schedules."""
    clock = ManualClock(now=0, boot=0.0)
    clock.step_wall(3_600_000)
    assert (clock.now(), clock.boot()) == (3_600_000, 0.0)


def test_a_deadline_counts_down_to_zero() -> None:
    """What is left never goes below zero."""
    clock = ManualClock()
    deadline = Deadline(clock, 2.0)
    clock.jump(1.5)
    assert deadline.left == 0.5
    clock.jump(5.0)
    assert deadline.left == 0.0
    assert deadline.passed
