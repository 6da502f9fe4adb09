"""What every collector keeps to; subclass, give `make`, and the methods run on yours."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from itertools import pairwise

import numpy as np

from nightdesk.collect.collector import Collector, Readings
from nightdesk.errors import NightdeskError

_AT = 1_700_000_000_000
_LIMIT_SECONDS = 20.0


class CollectorContract(ABC):
    """The contract of `nightdesk.collect.collector.Collector`."""

    @abstractmethod
    def make(self) -> AbstractContextManager[Collector]:
        """Return a collector that is well, open until the context ends."""

    def hanging(self) -> AbstractContextManager[Collector] | None:
        """Return a collector whose source hangs; None where its source cannot be made to."""
        return None

    def test_it_says_who_it_is(self) -> None:
        """Name, job and instance are there; interval and deadline are more than nothing, and the deadline fits in."""
        with self.make() as collector:
            assert collector.name
            assert collector.target.get("job")
            assert collector.target.get("instance")
            assert "__name__" not in collector.target
            assert 0 < collector.deadline <= max(collector.interval, 1.0)

    def test_readings_are_whole(self) -> None:
        """Each series has a name and stands once; values are float64; the instant is the one asked about."""
        readings = self._collected(1)[0]
        assert readings.at == _AT
        assert readings.values.dtype == np.float64
        assert len(readings.labels) == len(readings.values)
        assert len(set(readings.labels)) == len(readings.labels)
        assert all(each.name for each in readings.labels)

    def test_labels_are_finite_and_plain(self) -> None:
        """Names and values are short, and can be written as UTF-8."""
        for labels in self._collected(1)[0].labels:
            assert len(labels) <= 32
            for name, value in labels:
                assert 0 < len(name.encode()) <= 128
                assert 0 < len(value.encode()) <= 1024

    def test_series_carry_the_target(self) -> None:
        """Job and instance of the target are on every series, so that its `up` can be matched to them."""
        with self.make() as collector:
            target = collector.target.only(["job", "instance"])
            (readings,) = _collected(collector, 1)
        for labels in readings.labels:
            assert labels.only(["job", "instance"]) == target

    def test_the_tuple_is_kept_while_the_series_are_the_same(self) -> None:
        """Of collections with equal labels, the later ones carry the same tuple; it spares the loop all label work."""
        for before, after in pairwise(self._collected(4)):
            if list(before.labels) == list(after.labels):
                assert after.labels is before.labels
                assert isinstance(after.labels, tuple)

    def test_it_ends_when_cancelled(self) -> None:
        """A collection whose source hangs ends at once when the deadline cancels it."""
        context = self.hanging()
        if context is None:
            return

        async def give_up() -> None:
            task = asyncio.ensure_future(collector.collect(_AT))
            done, _ = await asyncio.wait({task}, timeout=0.1)
            assert not done
            task.cancel()
            done, _ = await asyncio.wait({task}, timeout=1.0)
            assert done
            assert task.cancelled() or isinstance(task.exception(), NightdeskError)
            collector.close()

        with context as collector:
            _run(give_up)

    def test_it_leaves_the_default_executor_alone(self) -> None:
        """Nothing runs on the loop's own threads: six hung jobs there stop name resolution for everybody."""

        async def collect() -> None:
            await collector.collect(_AT)
            assert getattr(asyncio.get_running_loop(), "_default_executor", None) is None
            collector.close()

        with self.make() as collector:
            _run(collect)

    def _collected(self, times: int) -> list[Readings]:
        with self.make() as collector:
            return _collected(collector, times)


def _collected(collector: Collector, times: int) -> list[Readings]:
    found: list[Readings] = []

    async def collect() -> None:
        found.extend([await collector.collect(_AT) for _ in range(times)])
        collector.close()

    _run(collect)
    return found


def _run(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(_LIMIT_SECONDS):
            await work()

    asyncio.run(bounded())
