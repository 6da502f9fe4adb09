"""The loop: on time, none delaying another, nothing lost between a collector and the store."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future

import numpy as np
import pytest

from nightdesk.collect.collector import CollectFailure, Readings, Standing
from nightdesk.collect.gaps import Gap, GapKind
from nightdesk.collect.loop import CollectLoop
from nightdesk.errors import BadPayload, CollectError, PayloadTooLarge, SettingsError
from nightdesk.model.labels import Labels
from nightdesk.model.series import Appended, Batch
from nightdesk.seams.samples import SampleWriter
from nightdesk.testing.clock import ManualClock, settle
from nightdesk.testing.collectors import ScriptedCollector
from nightdesk.testing.lake import Lake

A, B = Labels.of("a"), Labels.of("b")
START = 1_700_000_000_000


class Night:
    """A running loop on a manual clock."""

    def __init__(self, collectors: Sequence[ScriptedCollector], lake: Lake | None = None) -> None:
        self.clock = ManualClock(now=START, boot=1000.0)
        self.lake = lake or Lake()
        self.gaps: list[Gap] = []
        self.loop = CollectLoop(collectors, self.lake.intake, self.clock, on_gap=self.gaps.append)


def play(night: Night, story: Callable[[], Awaitable[None]]) -> None:
    """Run the loop while the story is told."""

    async def both() -> None:
        task = asyncio.create_task(night.loop.run())
        await settle()
        try:
            await story()
        finally:
            task.cancel()
            await asyncio.wait({task})

    asyncio.run(both())


async def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Poll real time until a condition holds; for what depends on a deadline of the event loop."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a bounded poll, what it waits for has no event
            await asyncio.sleep(0.005)


def test_collections_stay_on_the_grid() -> None:
    """A minute at 1 s gives 61 collections exactly a second apart, stored under those instants."""
    collector = ScriptedCollector(script={A: 1.0})
    night = Night([collector])

    async def story() -> None:
        await night.clock.advance(60.0)

    play(night, story)
    assert collector.collected == [START + 1000 * n for n in range(61)]
    assert [at for _, at, _ in night.lake.told("a")] == collector.collected
    assert night.lake.values("up") == [1.0] * 61


def test_a_millisecond_beside_the_grid_is_labelled_as_on_it() -> None:
    """Timestamps stay even while the clock is off by up to 2 ms; a larger move is labelled as it is."""
    collector = ScriptedCollector(script={A: 1.0})
    night = Night([collector])

    async def story() -> None:
        for step in (0, 1, 1, -3, 500):
            await night.clock.advance(1.0)
            night.clock.step_wall(step)
        await night.clock.advance(1.0)

    play(night, story)
    assert [at - START for at in collector.collected] == [0, 1000, 2000, 3000, 4000, 5000, 6499]


def test_a_hanging_collector_delays_no_other() -> None:
    """One hangs to its deadline time after time; its neighbour is on time, and `up` tells them apart."""
    hanging, well = ScriptedCollector("hanging", deadline=0.02), ScriptedCollector("well", script={A: 1.0})
    hanging.hangs = True
    night = Night([hanging, well])

    async def story() -> None:
        for _ in range(5):
            await night.clock.advance(1.0)
            await eventually(lambda: not night.loop._seats["hanging"].busy)

    play(night, story)
    health = {each.name: each for each in night.loop.health()}
    assert len(well.collected) >= 5
    assert health["well"].standing is Standing.UP
    assert (health["hanging"].standing, health["hanging"].failure) == (Standing.DOWN, CollectFailure.DEADLINE)
    ups = {labels.get("job"): value for labels, _, value in night.lake.told("up")}
    assert ups == {"hanging": 0.0, "well": 1.0}


def test_a_collector_that_ignores_its_cancellation_is_left_alone() -> None:
    """Its next collections fail as busy at once; no second one is started beside the first."""
    started = 0
    released = asyncio.Event()

    class Stubborn(ScriptedCollector):
        async def collect(self, now: int) -> Readings:
            nonlocal started
            started += 1
            while not released.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await released.wait()
            return Readings((), np.empty(0), now)

    stubborn = Stubborn(deadline=0.01)
    night = Night([stubborn])

    async def story() -> None:
        for _ in range(3):
            await eventually(lambda: not night.loop._seats["scripted"].busy)
            await night.clock.advance(1.0)
        await eventually(lambda: night.loop.health()[0].failures.get(CollectFailure.BUSY, 0) >= 2)
        released.set()

    play(night, story)
    assert started == 1


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (CollectError("no", CollectFailure.UNREACHABLE), CollectFailure.UNREACHABLE),
        (BadPayload("no"), CollectFailure.BAD_PAYLOAD),
        (PayloadTooLarge("no"), CollectFailure.TOO_LARGE),
        (ZeroDivisionError("no"), CollectFailure.CRASHED),
    ],
)
def test_failures_are_counted_by_reason(error: Exception, failure: CollectFailure) -> None:
    """Whatever a collector raises is counted, said in a sentence, and followed by the next collection."""
    collector = ScriptedCollector(script=error)
    night = Night([collector])

    async def story() -> None:
        await night.clock.advance(1.0)
        collector.script = {A: 1.0}
        await night.clock.advance(1.0)

    play(night, story)
    (health,) = night.loop.health()
    assert health.failures == {failure: 2}
    assert (health.standing, health.failure) == (Standing.UP, None)
    assert night.lake.values("up") == [0, 0, 1]


def test_a_suspended_machine_collects_once_when_it_wakes() -> None:
    """Eight hours asleep: one gap, one collection at once, the ticks between counted as missed."""
    collector = ScriptedCollector(script={A: 1.0})
    night = Night([collector])

    async def story() -> None:
        await night.clock.advance(2.0)
        assert night.loop.fresh
        night.clock.jump(8 * 3600.0)
        await night.clock.advance(0.0)

    play(night, story)
    assert [gap.kind for gap in night.gaps] == [GapKind.SUSPENDED]
    assert len(collector.collected) == 4
    assert night.loop.health()[0].missed == pytest.approx(8 * 3600, abs=2)
    assert night.loop.fresh


def test_absence_is_not_judged_before_every_collector_was_asked() -> None:
    """After a gap `fresh` is false until even the slow collector has answered; it is asked at once, off its grid."""
    quick, slow = ScriptedCollector("quick"), ScriptedCollector("slow", interval=60.0, deadline=30.0)
    night = Night([quick, slow])

    def is_fresh() -> bool:
        return night.loop.fresh

    async def story() -> None:
        assert not is_fresh()
        await night.clock.advance(2.0)
        assert is_fresh()
        slow.hangs = True
        night.clock.jump(10.0)
        await night.clock.advance(0.0)
        assert len(slow.collected) == 2
        assert not is_fresh()

    play(night, story)


def test_a_full_queue_is_counted_and_loses_no_staleness() -> None:
    """While the intake is full nothing is written; the series that ended meanwhile ends with the next collection."""
    collector = ScriptedCollector(script={A: 1.0, B: 2.0})
    night = Night([collector])

    async def story() -> None:
        night.lake.intake.full = True
        collector.script = {A: 3.0}
        await night.clock.advance(1.0)
        night.lake.intake.full = False
        await night.clock.advance(1.0)

    play(night, story)
    assert night.loop.health()[0].failures == {CollectFailure.OVERLOADED: 1}
    assert night.lake.values("a") == [1, 3]
    assert night.lake.values("b") == [2, "stale"]


def test_a_reload_ends_what_left_and_keeps_what_stayed() -> None:
    """After `replace`: a collector that left has its series and `up` ended, a successor goes on in its place."""
    leaving, staying = ScriptedCollector("leaving", script={A: 1.0}), ScriptedCollector("staying", script={B: 1.0})
    successor = ScriptedCollector("staying", script={B: 2.0})
    night = Night([leaving, staying])

    async def story() -> None:
        await night.clock.advance(0.6)
        night.loop.replace([successor, ScriptedCollector("new")])
        await night.clock.advance(2.0)

    play(night, story)
    assert night.lake.values("a")[-1] == "stale"
    assert "stale" not in night.lake.values("b")
    assert night.lake.values("b")[-1] == 2.0
    assert (leaving.closed, staying.closed) == (True, True)
    assert [each.name for each in night.loop.health()] == ["staying", "new"]
    last = {labels.get("job"): value for labels, _, value in night.lake.told("up")}
    assert last == {"leaving": "stale", "staying": 1.0, "new": 1.0}


def test_a_reload_does_not_cut_off_a_running_collection() -> None:
    """A collector that is replaced in the middle of a collection is closed when that has ended, not before."""
    before, after = ScriptedCollector("same", deadline=0.05), ScriptedCollector("same", script={A: 1.0})
    before.hangs = True
    night = Night([before])

    async def story() -> None:
        night.loop.replace([after])
        assert not before.closed
        await eventually(lambda: before.closed)
        await night.clock.advance(1.0)

    play(night, story)
    assert night.lake.values("a") == [1.0]


def test_two_collectors_of_one_name_are_refused() -> None:
    """Names tell collectors apart in health and metrics."""
    with pytest.raises(SettingsError, match="are the same"):
        Night([ScriptedCollector("same"), ScriptedCollector("same")])


def test_an_error_of_the_store_is_told() -> None:
    """A job that fails on the ingest thread shows in the health of its collector, which goes on."""

    class Broken:
        def submit(self, job: Callable[[SampleWriter], Batch], size: int) -> "Future[Appended]":
            del job, size
            future: Future[Appended] = Future()
            future.set_exception(RuntimeError("disk on fire"))
            return future

    clock, collector = ManualClock(), ScriptedCollector(script={A: 1.0})
    loop = CollectLoop([collector], Broken(), clock)

    async def both() -> None:
        task = asyncio.create_task(loop.run())
        await clock.advance(2.0)
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(both())
    (health,) = loop.health()
    assert (health.failure, health.detail) == (CollectFailure.STORE, "disk on fire")
    assert health.collections >= 2
    assert collector.closed
