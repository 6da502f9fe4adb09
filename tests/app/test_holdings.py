"""What the desk says it holds: bytes by kind and days; nothing it does not know, and nobody waits for a disk."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.app.standing.holdings import FRESH_SECONDS, Holdings, LatelyHeld
from nightdesk.errors import StoreError
from nightdesk.model.instant import DAY
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.stats import StoreStats
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.retention import Retention
from nightdesk.testing.clock import ManualClock
from nightdesk.workers import Workers

NOW = 1_700_000_000_000
"""On 2023-11-14."""


@pytest.fixture
def chores() -> Iterator[Workers]:
    """A thread for short work."""
    workers = Workers("chores")
    yield workers
    workers.stop()


class Disk:
    """A store whose disk answers when it is let, with an error if there is one."""

    def __init__(self, store: SampleStore) -> None:
        """Answer at once."""
        self.store, self.error = store, ""
        self.answers = threading.Event()
        self.answers.set()

    def stats(self) -> StoreStats:
        """Return what the store does."""
        self.answers.wait(30)
        if self.error:
            raise StoreError(self.error)
        return self.store.stats()


def put(store: SampleStore, at: int) -> None:
    """Store one sample."""
    store.append(Batch.at(np.array([store.reference(Labels.of("up"))]), at, np.ones(1)))
    store.commit()


def test_days_and_bytes_are_told_and_what_is_not_known_has_a_reason(tmp_path: Path) -> None:
    """An empty store, one with samples in memory, and one that is sealed."""
    store = SampleStore(tmp_path, clock=ManualClock(NOW), retention_ms=9 * DAY, retention=Retention(bytes=2**30))
    empty = Holdings.of(store.stats())
    assert (empty.oldest_day, empty.newest_day, empty.newest_at) == (None, None, None)
    assert (empty.samples_bytes, empty.quota_bytes, empty.reason) == (0, 2**30, "no samples are kept yet")
    put(store, NOW - 2 * DAY)
    put(store, NOW)
    held = Holdings.of(store.stats())
    assert (held.oldest_day, held.newest_day, held.newest_at) == ("2023-11-12", "2023-11-14", NOW)
    assert (held.reason, bool(held.journal_bytes)) == ("", True)
    store.seal()
    sealed = Holdings.of(store.stats())
    assert (sealed.oldest_day, sealed.newest_day, sealed.newest_at) == ("2023-11-12", "2023-11-14", NOW)
    assert sealed.reason == ""
    assert sealed.samples_bytes == sum(file.stat().st_size for file in (tmp_path / "days").glob("*.db"))
    store.close()


def test_it_is_looked_at_now_and_then(tmp_path: Path, chores: Workers) -> None:
    """Within ten seconds the answer is the one before."""

    async def told() -> None:
        clock = ManualClock(NOW)
        store = SampleStore(tmp_path, clock=clock, retention_ms=9 * DAY)
        lately = LatelyHeld(store, clock, chores)
        assert (await lately.now()).newest_at is None
        put(store, NOW)
        assert (await lately.now()).newest_at is None
        clock.jump(FRESH_SECONDS)
        assert (await lately.now()).newest_at == NOW
        store.close()

    asyncio.run(told())


def test_nobody_waits_for_a_disk_that_hangs(tmp_path: Path, chores: Workers) -> None:
    """What was known before is told meanwhile; a disk that refuses is told with its reason."""

    async def told() -> None:
        clock = ManualClock(NOW)
        store = SampleStore(tmp_path, clock=clock, retention_ms=9 * DAY)
        disk = Disk(store)
        disk.answers.clear()
        lately = LatelyHeld(disk, clock, chores)
        unknown = await lately.now()
        assert (unknown.samples_bytes, unknown.reason) == (None, "the disk has not answered yet")
        disk.answers.set()
        async with asyncio.timeout(10):
            while (await lately.now()).samples_bytes is None:
                clock.jump(1)
        disk.error = "input/output error"
        clock.jump(FRESH_SECONDS)
        refused = await lately.now()
        assert (refused.samples_bytes, refused.reason) == (None, "the files cannot be looked at: input/output error")
        store.close()

    asyncio.run(told())
