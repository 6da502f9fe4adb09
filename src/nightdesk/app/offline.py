"""A data folder that no desk holds, opened for reading: the lock is taken, so that no desk starts meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nightdesk.app.keeping.tiers import FOLDER
from nightdesk.clock import SystemClock
from nightdesk.errors import StoreError
from nightdesk.model.instant import YEAR
from nightdesk.query.engine import Engine
from nightdesk.store.folder import DataFolder
from nightdesk.store.records.records import Records
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.tiers.tiers import Tiers

_KEEP_ALL = 1_000 * YEAR
"""Nothing is dropped by looking: retention is the running desk's business."""


@contextmanager
def open_folder(data: Path) -> Iterator[DataFolder]:
    """Hold a data folder that is there already.

    Raises:
        StoreError: there is none, or it cannot be read.
        DataFolderBusy: a desk holds it.
    """
    if not (data / "format").is_file():
        raise StoreError(f"{data} is not a data folder of Nightdesk; name one with --data, or start a desk on it")
    folder = DataFolder.open(data)
    try:
        yield folder
    finally:
        folder.close()


@contextmanager
def open_records(data: Path) -> Iterator[Records]:
    """Open alerts, history and outbox of a folder. Raises as `open_folder`."""
    with open_folder(data) as folder, Records.open(folder.state_db) as records:
        yield records


@contextmanager
def open_samples(data: Path) -> Iterator[SampleStore]:
    """Open the samples of a folder for reading. Raises as `open_folder`."""
    with open_folder(data) as folder:
        store = SampleStore(folder.samples, clock=SystemClock(), retention_ms=_KEEP_ALL)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def open_engine(data: Path) -> Iterator[Engine]:
    """Open the samples of a folder behind a query engine. Raises as `open_folder`."""
    with open_samples(data) as samples:
        tiers = Tiers(samples.path / FOLDER, samples, SystemClock(), KeepTiers())
        try:
            yield Engine(samples, SystemClock(), tiers=tiers, flaws=samples.flaws)
        finally:
            tiers.close()
