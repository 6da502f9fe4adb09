"""Messages that reached nobody: they are made good while the alert fires, and never in an endless stream."""

from nightdesk.alerts.book import Book
from nightdesk.alerts.lost import ASKED_AGAIN_AFTER, still_lost
from nightdesk.alerts.routing import Route, Router
from nightdesk.model.alert import AlertState
from nightdesk.model.mute import MuteReason
from nightdesk.model.notice import Attempt, FailureReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.records import MemoryRecords

AT = 1_700_000_000_000


def a_refused_desk(*channels: str) -> tuple[MemoryRecords, Book]:
    """Build a book whose only alert was told on channels, the first of which gave the message up."""
    records = MemoryRecords()
    book = Book(records, Router([Route.of(*channels)]))
    book.accept([an_alert()], AT)
    refuse(records, book, channels[0], AT)
    return records, book


def refuse(records: MemoryRecords, book: Book, channel: str, at: int) -> None:
    """Let a channel give its message up."""
    (entry,) = (entry for entry in records.lease(at, 9, 60_000) if entry.notice.channel == channel)
    records.mark(entry.id, Attempt(at, FailureReason.REFUSED), None)
    book.given_up(entry.notice, at)


def told(records: MemoryRecords) -> list[str]:
    """Return the channels of all messages, oldest first."""
    return [entry.notice.channel for entry in reversed(records.entries(99))]


def test_a_dead_channel_gets_a_message_an_hour() -> None:
    """What a channel gave up is told on it again after an hour, not each round."""
    records, book = a_refused_desk("mail")
    for minute in range(1, 60):
        book.accept([an_alert()], AT + minute * 60_000)
    assert told(records) == ["mail"]
    assert book.held()[0][1].reason is MuteReason.UNDELIVERABLE
    book.accept([an_alert()], AT + ASKED_AGAIN_AFTER)
    assert told(records) == ["mail", "mail"]
    assert book.held() == ()


def test_other_routes_take_over_at_once() -> None:
    """When the settings are read again, an alert that reached nobody goes where the new routes lead."""
    records, book = a_refused_desk("mail")
    book.reroute(Router([Route.of("phone")]))
    book.accept([an_alert()], AT + 1)
    assert told(records) == ["mail", "phone"]


def test_whoever_was_reached_is_not_told_twice() -> None:
    """Only the channel that gave up is told again."""
    records, book = a_refused_desk("mail", "console")
    book.reroute(Router([Route.of("mail", "console")]))
    book.accept([an_alert()], AT + 1)
    book.accept([an_alert()], AT + 2)
    assert told(records) == ["mail", "console", "mail"]
    book.accept([an_alert(state=AlertState.RESOLVED)], AT + 3)
    assert sorted(told(records)[3:]) == ["console", "mail"]


def test_who_never_heard_that_it_fires_hears_of_no_end() -> None:
    """The end goes only where the beginning arrived."""
    records, book = a_refused_desk("mail", "console")
    book.accept([an_alert(state=AlertState.RESOLVED)], AT + 1)
    assert told(records) == ["mail", "console", "console"]


def test_a_restart_makes_it_good() -> None:
    """A desk that starts anew, with a channel corrected perhaps, tells what was given up, and tells it once."""
    records, _ = a_refused_desk("mail", "console")
    for _ in range(3):
        book = Book(records, Router([Route.of("mail", "console")]))
        for notice in still_lost(records.entries(99)):
            book.given_up(notice)
        book.accept([an_alert()], AT + 1)
    assert told(records) == ["mail", "console", "mail"]


def test_what_was_given_up_of_an_older_breach_is_old_news() -> None:
    """A message given up about an alert that has ended and come again takes nothing from the new one."""
    records, book = a_refused_desk("mail", "console")
    book.accept([an_alert(state=AlertState.RESOLVED)], AT + 1)
    book.accept([an_alert(at=AT + 2)], AT + 2)
    book.given_up(records.entries(99)[-1].notice, AT + 3)
    book.accept([an_alert(at=AT + 2)], AT + 4)
    assert [alert.told for alert in book.live()] == [("mail", "console")]
