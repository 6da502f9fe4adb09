"""The contracts of alert records and outbox, on the file, on memory, and on a disk that takes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk.clock import SystemClock
from nightdesk.seams.alerts import AlertRecords, Outbox
from nightdesk.store.records.records import Records
from nightdesk.store.records.schema import STATE
from nightdesk.store.records.spill import SpillingRecords
from nightdesk.store.sqlite import Database
from nightdesk.testing.contracts.alert_records import AlertRecordsContract
from nightdesk.testing.contracts.outbox import OutboxContract
from nightdesk.testing.records import MemoryRecords


class BothContracts(AlertRecordsContract, OutboxContract):
    """The two sockets share their transactions, so one object is put to both."""


class TestMemory(BothContracts):
    def records(self) -> tuple[AlertRecords, Outbox]:
        """Return the fake."""
        made = MemoryRecords()
        return made, made


class OnDisk(BothContracts):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> Iterator[None]:
        self._opened: list[Records] = []
        self.path = tmp_path
        yield
        for records in self._opened:
            records.close()

    def open(self) -> Records:
        """Open a new state file."""
        self._opened.append(Records.open(self.path / f"state{len(self._opened)}.db"))
        return self._opened[-1]


class TestFile(OnDisk):
    def records(self) -> tuple[AlertRecords, Outbox]:
        """Return records over a file."""
        made = self.open()
        return made.alerts, made.outbox


class TestSpillingInHealth(OnDisk):
    def records(self) -> tuple[AlertRecords, Outbox]:
        """Return records that could spill."""
        made = SpillingRecords(self.open(), SystemClock())
        return made.alerts, made.outbox


class TestSpilled(OnDisk):
    def records(self) -> tuple[AlertRecords, Outbox]:
        """Return records whose file refuses every write, as on a file system that was remounted read-only."""
        database = Database(self.path / "state.db", STATE)
        database.execute("PRAGMA query_only = 1")
        self._opened.append(Records(database))
        made = SpillingRecords(self._opened[0], SystemClock())
        return made.alerts, made.outbox
