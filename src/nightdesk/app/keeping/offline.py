"""Deleting from, and taking snapshots of, a data folder that no desk holds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nightdesk.app.offline import open_folder, open_samples
from nightdesk.app.private_copy import demand_folder, may_write
from nightdesk.app.selectors import selector_of
from nightdesk.clock import SystemClock
from nightdesk.errors import StoreError
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.store.inventory import TIERS
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.snapshot import Progress, clear_unfinished, take_snapshot
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.tiers.tiers import Tiers


class DeletableFolder:
    """The samples of a folder that this process holds."""

    def __init__(self, store: SampleStore, tiers: Tiers) -> None:
        """Delete from this store, and from the buckets that were made of it."""
        self._store, self._tiers = store, tiers

    def series(self, selectors: Sequence[str], start: int, end: int) -> list[str]:
        """Return the series that match and have samples around [start, end] ms, as text, sorted."""
        budget = QueryBudget(Limits(), SystemClock())
        found = {labels for text in selectors for labels in self._store.series(selector_of(text), start, end, budget)}
        return sorted(map(str, found))

    def delete(self, selectors: Sequence[str], start: int, end: int) -> None:
        """Delete their samples in [start, end] ms, and take them out of the files.

        Raises:
            StoreError: they are deleted for good, and still take their room: the next desk on the folder goes on.
        """
        chosen = [selector_of(text) for text in selectors]
        self._store.delete(chosen, start, end)
        self._tiers.delete(chosen, start, end)
        try:
            self._store.clean_tombstones()
            self._tiers.clean_tombstones()
        except Exception as error:
            what = str(error) or type(error).__name__
            raise StoreError(f"deleted; the room is not given back yet: {what}; the next desk on it goes on") from error


@contextmanager
def open_deletable(data: Path) -> Iterator[DeletableFolder]:
    """Hold a folder to delete from it. Raises as `app.offline.open_folder`."""
    with open_samples(data, to_change=True) as store:
        tiers = Tiers(store.path / TIERS, store, SystemClock(), KeepTiers())
        store.attach(tiers)
        try:
            yield DeletableFolder(store, tiers)
        finally:
            tiers.close()


def snapshot_of_folder(data: Path, target: Path, progress: Progress) -> int:
    """Take a snapshot of a folder that no desk holds; return its size. Raises as `open_folder`, `take_snapshot`."""
    demand_folder(data)
    if not may_write(data):
        return take_snapshot(data, target, progress)
    with open_folder(data, to_change=True):
        clear_unfinished(data)
        return take_snapshot(data, target, progress)
