"""The state file of a data folder: alerts and outbox under one lock, durable at every return."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from nightdesk.errors import DataFolderFull
from nightdesk.model.alert import Transition
from nightdesk.model.notice import OutboxEntry
from nightdesk.store.records.alerts import StoredAlerts
from nightdesk.store.records.confirmations import StoredConfirmations
from nightdesk.store.records.outbox import StoredOutbox
from nightdesk.store.records.schema import STATE
from nightdesk.store.sqlite import Database


class Records:
    """Alerts and outbox of one data folder. Threads may share it: transactions are short and take turns.

    Use `alerts` and `outbox`; wrap it in `SpillingRecords` to go on while the disk is full.
    """

    alerts: StoredAlerts
    outbox: StoredOutbox
    confirmations: StoredConfirmations

    def __init__(self, database: Database) -> None:
        """Work on an open state file."""
        self._database = database
        self.outbox = StoredOutbox(database)
        self.alerts = StoredAlerts(database, self.outbox)
        self.confirmations = StoredConfirmations(database)

    @classmethod
    def open(cls, path: Path | str, on_full: Callable[[], None] | None = None) -> "Records":
        """Open or make the state file. The caller holds the folder's lock, so whoever left a lease behind has died.

        Opening needs a little space for the log; on a full disk `on_full` is asked once to free some.

        Raises:
            NewerFormat: a newer release wrote the file.
            StoreError: it cannot be used.
        """
        try:
            return cls._opened(Path(path))
        except DataFolderFull:
            if on_full is None:
                raise
        on_full()
        return cls._opened(Path(path))

    @classmethod
    def _opened(cls, path: Path) -> "Records":
        records = cls(Database(path, STATE))
        try:
            records.outbox.release()
        except BaseException:
            records.close()
            raise
        return records

    def absorb(self, transitions: Sequence[Transition], entries: Sequence[OutboxEntry]) -> dict[str, int]:
        """Take in, in one transaction, what was kept elsewhere; return the id of each entry by its key."""
        with self._database.transaction():
            self.alerts.keep(transitions, [entry.notice for entry in entries])
            return {entry.notice.key: self.outbox.restate(entry) for entry in entries}

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
