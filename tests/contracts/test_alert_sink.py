"""The book and its fake keep the same promises."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from nightdesk.alerts.book import Book
from nightdesk.alerts.routing import Router
from nightdesk.model.alert import AlertState
from nightdesk.seams.alerts import AlertSink
from nightdesk.store.records.records import Records
from nightdesk.testing.alerts import MemorySink
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_sink import AT, AlertSinkContract
from nightdesk.testing.records import MemoryRecords


class TestBook(AlertSinkContract):
    """The real one."""

    def make(self) -> AlertSink:
        """Return a book over records in memory."""
        return Book(MemoryRecords(), Router())


class TestMemorySink(AlertSinkContract):
    """Its fake."""

    def make(self) -> AlertSink:
        """Return the fake."""
        return MemorySink()


class TestBookOnDisk(AlertSinkContract):
    """The real one over a real state file."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> Iterator[None]:
        self._held = ExitStack()
        self._path = tmp_path / "state.db"
        yield
        self._held.close()

    def make(self) -> AlertSink:
        """Return a book over records in a file."""
        records = Records.open(self._path)
        self._held.callback(records.close)
        return Book(records.alerts, Router())

    def test_what_was_told_survives_a_restart(self) -> None:
        """A book that is opened again knows whom it told and how often an alert changed."""
        self.make().accept([an_alert()], AT)
        self._held.close()
        again = self.make()
        assert list(again.accept([an_alert()], AT + 1000)) == []
        (change,) = again.accept([an_alert(state=AlertState.RESOLVED)], AT + 2000)
        assert (change.number, change.alert.told) == (2, ("console",))
