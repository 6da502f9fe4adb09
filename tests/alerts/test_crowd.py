"""A storm of one alert rings few times, and loses none."""

from nightdesk.alerts.book import Book
from nightdesk.alerts.crowd import AT_ONCE, WINDOW
from nightdesk.alerts.routing import Router
from nightdesk.model.alert import Alert, AlertState
from nightdesk.model.instant import MINUTE, SECOND
from nightdesk.model.mute import MuteReason
from nightdesk.model.notice import NoticeReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.records import MemoryRecords

AT = 1_700_000_000_000
STORM = 945


def one(number: int, at: int, severity: str = "warning", state: AlertState = AlertState.FIRING) -> Alert:
    """Build the alert of one of many pairs."""
    return an_alert("SpreadWide", state, at, severity=severity, pair=f"p{number}")


def told(records: MemoryRecords, reason: NoticeReason = NoticeReason.FIRED) -> list[int]:
    """Return how many alerts each message is about, oldest message first."""
    entries = sorted(records.entries(100_000), key=lambda entry: entry.id)
    return [len(entry.notice.alerts) for entry in entries if entry.notice.reason is reason]


def storm(book: Book) -> list[Alert]:
    """Let the alert begin for many pairs, one a round, within a few seconds."""
    alerts = [one(number, AT + number) for number in range(STORM)]
    for number, alert in enumerate(alerts):
        book.accept([alert], AT + number)
    return alerts


def test_the_first_ring_at_once_and_the_rest_together() -> None:
    """Some single messages, then all that waited in messages of fifty; each alert is told exactly once."""
    records = MemoryRecords()
    book = Book(records, Router())
    alerts = storm(book)
    assert told(records) == [1] * AT_ONCE
    assert {muted.reason for _, muted in book.held()} == {MuteReason.CROWD}
    book.accept(alerts, AT + WINDOW + SECOND)
    assert told(records) == [1] * AT_ONCE + [50] * 18 + [40]
    assert book.held() == ()
    book.accept(alerts, AT + WINDOW + MINUTE)
    assert sum(told(records)) == STORM


def test_one_that_begins_later_takes_all_who_wait_along() -> None:
    """The report of a single alert lets out the whole crowd: no one waits behind ever newer ones."""
    records = MemoryRecords()
    book = Book(records, Router())
    storm(book)
    book.accept([one(STORM, AT + WINDOW + SECOND)], AT + WINDOW + SECOND)
    assert sum(told(records)) == STORM + 1
    assert book.held() == ()


def test_the_first_critical_is_behind_no_crowd() -> None:
    """A crowd of warnings holds back no critical alert, nor one of another name."""
    records = MemoryRecords()
    book = Book(records, Router())
    storm(book)
    book.accept([one(1, AT + SECOND, "critical"), an_alert("DiskFilling", at=AT + SECOND)], AT + SECOND)
    assert sum(told(records)) == AT_ONCE + 2


def test_an_end_is_told_where_the_beginning_was() -> None:
    """What ended while it waited was told to nobody, and so is its end."""
    records = MemoryRecords()
    book = Book(records, Router())
    storm(book)
    ends = [one(number, AT + number, state=AlertState.RESOLVED) for number in range(STORM)]
    book.accept(ends, AT + 10 * SECOND)
    assert (told(records), told(records, NoticeReason.RESOLVED)) == ([1] * AT_ONCE, [AT_ONCE])
    book.accept([one(0, AT + MINUTE)], AT + MINUTE)
    assert told(records) == [1] * (AT_ONCE + 1)


def test_many_that_begin_in_one_round_are_no_crowd() -> None:
    """A rule that finds hundreds at once makes one message of them, at once."""
    records = MemoryRecords()
    Book(records, Router()).accept([one(number, AT) for number in range(40)], AT)
    assert told(records) == [40]
