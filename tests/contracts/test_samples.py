"""The sockets of samples, on the dictionary and on the real store: in the head, sealed, and opened again."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nightdesk.model.instant import YEAR
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Summarised
from nightdesk.model.series import Appended, Batch, Series
from nightdesk.seams.samples import Budget
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.contracts.samples import CAP, NOW, Samples, SamplesContract
from nightdesk.testing.samples import MemorySamples


def open_store(path: Path) -> SampleStore:
    """Open a store as the contract wants it."""
    return SampleStore(path, clock=ManualClock(NOW), retention_ms=100 * YEAR, max_series=CAP)


class TestMemorySamples(SamplesContract):
    @contextmanager
    def make(self) -> Iterator[Samples]:
        yield MemorySamples(max_series=CAP)


class TestHead(SamplesContract):
    @contextmanager
    def make(self) -> Iterator[Samples]:
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(Path(folder))
            yield store
            store.close()


class Disturbed:
    """A store to which something happens before every read; answers must not show it."""

    def __init__(self, path: Path) -> None:
        """Open the store."""
        self._path, self._store = path, open_store(path)
        self.era = 0

    def disturb(self) -> None:
        """Seal: what was in the head is in day files now."""
        self._store.seal()

    def reopen(self) -> None:
        """Replay the journal."""
        self._store.close()
        self._store = open_store(self._path)

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def reference(self, labels: Labels, *, pushed: bool = False) -> int:
        """Ask the store."""
        return self._store.reference(labels, pushed=pushed)

    def append(self, batch: Batch) -> Appended:
        """Ask the store."""
        return self._store.append(batch)

    def commit(self) -> None:
        """Ask the store."""
        self._store.commit()
        self.era = self._store.era

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        """Disturb, then ask the store."""
        self.disturb()
        return self._store.select(matchers, start, end, budget)

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Disturb, then ask the store."""
        self.disturb()
        return self._store.panels(matchers, start, end, budget)

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Disturb, then ask the store."""
        self.disturb()
        return self._store.summarised(matchers, start, end, budget)

    def series(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Labels]:
        """Disturb, then ask the store."""
        self.disturb()
        return self._store.series(matchers, start, end, budget)

    def label_names(self, start: int, end: int, budget: Budget) -> list[str]:
        """Disturb, then ask the store."""
        self.disturb()
        return self._store.label_names(start, end, budget)

    def label_values(self, name: str, start: int, end: int, budget: Budget) -> list[str]:
        """Disturb, then ask the store."""
        self.disturb()
        return self._store.label_values(name, start, end, budget)


class Reopened(Disturbed):
    """A store that is closed and opened before every read."""

    def disturb(self) -> None:
        """Replay the journal."""
        self.reopen()


class TestSealed(SamplesContract):
    @contextmanager
    def make(self) -> Iterator[Samples]:
        with tempfile.TemporaryDirectory() as folder:
            store = Disturbed(Path(folder))
            yield store
            store.close()


class TestReopened(SamplesContract):
    @contextmanager
    def make(self) -> Iterator[Samples]:
        with tempfile.TemporaryDirectory() as folder:
            store = Reopened(Path(folder))
            yield store
            store.close()
