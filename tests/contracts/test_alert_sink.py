"""The book and its fake keep the same promises."""

from nightdesk.alerts.book import Book
from nightdesk.alerts.routing import Router
from nightdesk.seams import AlertSink
from nightdesk.testing.alerts import MemorySink
from nightdesk.testing.contracts.alert_sink import AlertSinkContract
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
