"""Deletions and snapshots as the faces see them: each waits on a thread of its own, never on the event loop."""

import asyncio
import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeVar

from nightdesk.clock import Clock
from nightdesk.errors import Overloaded
from nightdesk.model.labels import Matcher
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.snapshot import FOLDER, take_snapshot
from nightdesk.store.tiers.tiers import Tiers
from nightdesk.workers import Workers

T = TypeVar("T")
MOST_SNAPSHOTS: Final = 100
"""Each holds on to days that retention has taken from the desk."""


class Keeping(Protocol):
    """What may be asked about samples that are kept."""

    async def delete(self, selectors: Sequence[tuple[Matcher, ...]], start: int, end: int) -> None:
        """Delete samples in [start, end] ms; no read shows them once this returns."""
        ...

    async def clean_tombstones(self) -> None:
        """Return once everything deleted has left the files."""
        ...

    async def snapshot(self) -> str:
        """Take a snapshot of the whole data folder and return its name."""
        ...


class KeepingDesk:
    """Keeping over a store and its data folder."""

    def __init__(
        self, store: SampleStore, tiers: Tiers, data: Path, clock: Clock, deleters: Workers, keepers: Workers
    ) -> None:
        """`deleters` may be held up for seconds, `keepers` for minutes, and nobody else waits for either."""
        self._store, self._tiers, self._data, self._clock = store, tiers, data, clock
        self._deleters, self._keepers = deleters, keepers

    async def delete(self, selectors: Sequence[tuple[Matcher, ...]], start: int, end: int) -> None:
        """Delete samples in [start, end] ms. Raises Overloaded, DataFolderFull, QueryError, QueryTimeout."""
        await _done(self._deleters, lambda: self._delete(selectors, start, end))

    def _delete(self, selectors: Sequence[tuple[Matcher, ...]], start: int, end: int) -> None:
        self._store.delete(selectors, start, end)
        # After the samples, so that nothing of them is rolled up again; whoever is not answered asks once more.
        self._tiers.delete(selectors, start, end)

    async def clean_tombstones(self) -> None:
        """Return once everything deleted has left the files."""
        await _done(self._keepers, self._store.clean_tombstones)
        await _done(self._keepers, self._tiers.clean_tombstones)

    async def snapshot(self) -> str:
        """Take a snapshot of the whole data folder and return its name.

        Raises:
            DataFolderFull: there is no room for what has to be copied.
            Overloaded: too many snapshots lie there already.
        """
        return await _done(self._keepers, self._take_snapshot)

    def _take_snapshot(self) -> str:
        folder = self._data / FOLDER
        lying = sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0
        if lying >= MOST_SNAPSHOTS:
            raise Overloaded(f"{lying} snapshots lie in {folder}: remove those that nobody needs")
        name = snapshot_name(self._clock.now())
        with self._store.still(), self._tiers.still():
            take_snapshot(self._data, folder / name)
        return name


async def _done(workers: Workers, call: Callable[[], T]) -> T:
    return await asyncio.wrap_future(workers.submit(call))


def snapshot_name(now: int) -> str:
    """Return a name that sorts by time (`now` in ms) and that no other snapshot has."""
    at = dt.datetime.fromtimestamp(now / 1000, dt.UTC)
    return f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
