"""Who answers for samples: a commit that another thread made in between hides no failure from the appending side."""

from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import DataFolderFull, StoreError
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.journal.journal import Journal
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000


def open_store(folder: Path) -> SampleStore:
    """Open a store that keeps 30 days."""
    return SampleStore(folder, clock=ManualClock(NOW), retention_ms=30 * DAY)


def append(store: SampleStore, time: int) -> None:
    """Append one sample without a commit."""
    store.append(Batch.at(np.array([store.reference(Labels.of("up"))]), time, np.ones(1)))


def break_writes(monkeypatch: pytest.MonkeyPatch, error: StoreError) -> None:
    """Let the journal fail as a disk does."""

    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(Journal, "write", fail)


def test_a_flush_of_a_seal_that_failed_is_heard_by_the_next_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seal took the samples between append and commit: the commit must not report them durable."""
    store = open_store(tmp_path)
    append(store, NOW)
    with monkeypatch.context() as patch:
        break_writes(patch, DataFolderFull("full"))
        with pytest.raises(DataFolderFull):
            store.seal()
    append(store, NOW + 1)
    with pytest.raises(DataFolderFull):
        store.commit()
    append(store, NOW + 2)
    store.commit()
    store.close()
    again = open_store(tmp_path)
    (series,) = again.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert NOW + 2 in series.times.tolist()
    again.close()


def test_a_close_that_failed_is_heard_by_the_next_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk that stops while a write is under way does not acknowledge what it could not keep."""
    store = open_store(tmp_path)
    append(store, NOW)
    break_writes(monkeypatch, DataFolderFull("full"))
    with pytest.raises(DataFolderFull):
        store.close()
    with pytest.raises(DataFolderFull):
        store.commit()


def test_a_commit_that_fails_by_an_input_output_error_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that breaks shows in the figures as a full one does."""
    store = open_store(tmp_path)
    append(store, NOW)
    with monkeypatch.context() as patch:
        break_writes(patch, StoreError("disk I/O error"))
        with pytest.raises(StoreError):
            store.commit()
    assert store.stats().failed_commits == 1
    store.close()
