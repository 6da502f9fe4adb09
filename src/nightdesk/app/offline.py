"""A data folder that no desk holds, opened by a command: the lock is taken, and whoever else wants it waits meanwhile.

Also for a question alone: opening replays the journal, sets damage aside and folds logs in, which takes one at a time.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from nightdesk.app.private_copy import demand_folder, may_write, private_copy
from nightdesk.clock import SystemClock
from nightdesk.model.instant import YEAR
from nightdesk.query.engine import Engine
from nightdesk.store.folder import DataFolder
from nightdesk.store.folder_lock import Holder
from nightdesk.store.inventory import TIERS
from nightdesk.store.records.records import Records
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.tiers.tiers import Tiers

_KEEP_ALL = 1_000 * YEAR
"""Nothing is dropped by looking: retention is the running desk's business."""


@contextmanager
def open_folder(data: Path, *, to_change: bool = False) -> Iterator[DataFolder]:
    """Hold a data folder that is there already; one that cannot be written, unless it is `to_change`, as a copy of it.

    Raises:
        StoreError: there is none, or it cannot be read.
        DataFolderBusy: a desk holds it, or another command for too long.
    """
    demand_folder(data)
    with ExitStack() as held:
        is_copied = not to_change and not may_write(data)
        place = held.enter_context(private_copy(data)) if is_copied else data
        folder = DataFolder.open(place, Holder.COMMAND)
        held.callback(folder.close)
        yield folder


@contextmanager
def open_records(data: Path) -> Iterator[Records]:
    """Open alerts, history and outbox of a folder. Raises as `open_folder`."""
    with open_folder(data) as folder, Records.open(folder.state_db) as records:
        yield records


@contextmanager
def open_samples(data: Path, *, to_change: bool = False) -> Iterator[SampleStore]:
    """Open the samples of a folder. Raises as `open_folder`."""
    with open_folder(data, to_change=to_change) as folder:
        store = SampleStore(folder.samples, clock=SystemClock(), retention_ms=_KEEP_ALL)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def open_engine(data: Path) -> Iterator[Engine]:
    """Open the samples of a folder behind a query engine. Raises as `open_folder`."""
    with open_samples(data) as samples:
        tiers = Tiers(samples.path / TIERS, samples, SystemClock(), KeepTiers())
        try:
            yield Engine(samples, SystemClock(), tiers=tiers, flaws=tiers.flaws)
        finally:
            tiers.close()
