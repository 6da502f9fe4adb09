"""Deleting in a folder that no desk holds: what fails after the deletion is told as what it is."""

from pathlib import Path

import numpy as np
import pytest

from nightdesk.app.keeping.offline import open_deletable
from nightdesk.cli.exits import exit_code
from nightdesk.clock import SystemClock
from nightdesk.errors import StoreError
from nightdesk.model.instant import HOUR, MINUTE
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.folder import DataFolder
from nightdesk.store.samples.store import SampleStore


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that holds an hour of one series."""
    folder = DataFolder.open(tmp_path / "data")
    store = SampleStore(folder.samples, clock=SystemClock(), retention_ms=100 * HOUR)
    times = np.arange(SystemClock().now() - HOUR, SystemClock().now(), MINUTE, dtype=np.int64)
    store.append(Batch(np.full(len(times), store.reference(Labels.of("m"))), times, np.ones(len(times))))
    store.commit()
    store.close()
    folder.close()
    return tmp_path / "data"


def test_a_failure_after_the_deletion_says_that_it_is_done(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that cannot be written anew: one sentence with its exit code, and the samples stay deleted."""

    def fail(_: SampleStore) -> None:
        raise OSError("no spare block")

    with open_deletable(data) as folder, monkeypatch.context() as patched:
        patched.setattr(SampleStore, "clean_tombstones", fail)
        with pytest.raises(StoreError, match=r"^deleted; the room is not given back yet: no spare block") as told:
            folder.delete(["m"], 0, SystemClock().now())
    assert exit_code(told.value) == 4
    with open_deletable(data) as folder:
        assert folder.series(["m"], 0, SystemClock().now()) == []
