"""Alerts that programs raise: one subject, one alert, one message; ends by word or by silence."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from nightdesk.alerts.book import Book
from nightdesk.alerts.raised import EXPIRES_AFTER, QUIET, Breach
from nightdesk.alerts.routing import Route, Router
from nightdesk.app.raised import MOST_RAISED, RaisedAlerts
from nightdesk.errors import BadLabels, DataFolderFull, Overloaded, Refused
from nightdesk.model.alert import Evidence, Severity
from nightdesk.model.direction import Direction
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.records import MemoryRecords


class AtOnce:
    """Runs a call in the caller's thread."""

    def submit(self, call: Callable[[], Any]) -> "Future[Any]":
        """Run now."""
        future: Future[Any] = Future()
        try:
            future.set_result(call())
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            future.set_exception(error)
        return future


class Records(MemoryRecords):
    """Records whose disk can be full."""

    full = False

    def record(self, transitions: Any, notices: Any) -> None:
        """Keep, or refuse as a full disk does."""
        if self.full:
            raise DataFolderFull("no space left")
        super().record(transitions, notices)


class Desk:
    """A book with the alerts of programs before it, on a manual clock."""

    def __init__(self) -> None:
        self.clock, self.records = ManualClock(), Records()
        self.start()

    def start(self) -> None:
        """Start, or start again from the records."""
        self.book = Book(self.records, Router([Route.of("mail", "console")]))
        self.raised = RaisedAlerts(self.book, self.clock, AtOnce(), self.records.live())

    def pass_time(self, seconds: int) -> None:
        """Let time pass, second by second."""
        for _ in range(seconds):
            self.clock._pass(1)
            self.raised.turn()

    def send(self, value: float = 97.0, metric: str = "cpu", threshold: float = 85, **labels: str) -> Any:
        """Raise an alert."""
        return asyncio.run(self.raised.take(Breach(metric, value, threshold, Labels(labels.items()))))

    def resolve(self, metric: str = "cpu", **labels: str) -> bool:
        """End one."""
        return asyncio.run(self.raised.resolve(metric, Labels(labels.items())))

    def mails(self) -> list[Notice]:
        """Return the messages to the mailbox, oldest first."""
        entries = self.records.entries(10_000)
        return [entry.notice for entry in reversed(entries) if entry.notice.channel == "mail"]

    def reasons(self) -> list[NoticeReason]:
        """Return why each mail is sent."""
        return [notice.reason for notice in self.mails()]


FIRED, RESOLVED = NoticeReason.FIRED, NoticeReason.RESOLVED


def test_a_report_every_second_for_a_minute_is_one_message() -> None:
    """The same metric with the same labels is one alert, whose value is that of the last report."""
    desk = Desk()
    for second in range(60):
        desk.send(90 + second / 60)
        desk.pass_time(1)
    (alert,) = desk.book.live()
    assert desk.reasons() == [FIRED]
    assert (alert.name, alert.severity, alert.active_at) == ("cpu", Severity.WARNING, 1_700_000_000_000)
    desk.pass_time(5)
    assert desk.book.live()[0].value == pytest.approx(90 + 59 / 60)


def test_two_bots_are_two_alerts() -> None:
    """Labels are the identity."""
    desk = Desk()
    for _ in range(10):
        desk.send(bot="maker")
        desk.send(bot="taker")
        desk.pass_time(1)
    assert sorted(alert.labels.get("bot") for alert in desk.book.live()) == ["maker", "taker"]
    assert desk.reasons() == [FIRED, FIRED]


def test_an_alert_ends_by_word() -> None:
    """`resolve` ends it at once, with the evidence of a false condition; another subject is left alone."""
    desk = Desk()
    desk.send(bot="maker")
    assert desk.resolve(bot="taker") is False
    assert desk.resolve(bot="maker") is True
    assert desk.book.live() == ()
    assert desk.reasons() == [FIRED, RESOLVED]
    assert desk.mails()[-1].alerts[0].evidence is Evidence.FALSE


def test_an_alert_ends_by_silence() -> None:
    """Without another report it ends after its time, and the message says that it is no recovery."""
    desk = Desk()
    desk.send()
    desk.pass_time(EXPIRES_AFTER // SECOND - 1)
    assert len(desk.book.live()) == 1
    desk.pass_time(1)
    assert desk.book.live() == ()
    assert desk.mails()[-1].alerts[0].evidence is Evidence.EXPIRED


def test_sleep_of_the_machine_is_no_silence() -> None:
    """A suspended machine gives the program no chance to renew: its time stands still."""
    desk = Desk()
    desk.send()
    desk.clock.jump(3600)
    desk.pass_time(5)
    assert len(desk.book.live()) == 1


def test_worse_is_told_and_milder_is_not() -> None:
    """An alert that becomes critical is told once more; back to a warning it stays what it was, and nothing is sent."""
    desk = Desk()
    for value in (90, 130, 91, 140, 90):
        desk.send(value)
        desk.pass_time(1)
    assert [notice.severity for notice in desk.mails()] == [Severity.WARNING, Severity.CRITICAL]
    assert desk.send(90).alert.severity is Severity.CRITICAL
    desk.resolve()
    assert desk.book.live() == ()
    assert desk.reasons() == [FIRED, FIRED, RESOLVED]


def test_flapping_does_not_multiply_messages() -> None:
    """Raised and resolved every ten seconds for an hour: a handful of messages, and the last says that it is over."""
    desk = Desk()
    for _ in range(360):
        desk.send()
        desk.pass_time(5)
        desk.resolve()
        desk.pass_time(5)
    assert desk.reasons() == [FIRED, RESOLVED, FIRED]
    desk.pass_time(QUIET // SECOND)
    assert desk.reasons() == [FIRED, RESOLVED, FIRED, RESOLVED]


def test_a_restart_changes_nothing() -> None:
    """The alert lives on, no message is sent twice, and its program has all its time to renew it."""
    desk = Desk()
    desk.send(90)
    desk.send(200)
    desk.start()
    assert len(desk.book.live()) == 2
    desk.pass_time(EXPIRES_AFTER // SECOND - 1)
    desk.send(200)
    desk.pass_time(10)
    assert desk.reasons() == [FIRED, FIRED]
    desk.pass_time(EXPIRES_AFTER // SECOND)
    assert desk.book.live() == ()


def test_its_own_time_survives_a_restart() -> None:
    """A program that reports once an hour is not forgotten by a restart."""
    desk = Desk()
    breach = Breach("report", 1, 0, expires_after=7_200 * SECOND)
    asyncio.run(desk.raised.take(breach))
    desk.start()
    desk.pass_time(7_000)
    assert len(desk.book.live()) == 1
    desk.pass_time(201)
    assert desk.book.live() == ()


def test_a_full_disk_is_told_and_tried_again() -> None:
    """Where the book cannot write, the caller hears it; the alert and its end reach the book later."""
    desk = Desk()
    desk.records.full = True
    with pytest.raises(DataFolderFull):
        desk.send()
    assert desk.book.live() == ()
    desk.records.full = False
    desk.pass_time(5)
    assert desk.reasons() == [FIRED]
    desk.records.full = True
    with pytest.raises(DataFolderFull):
        desk.resolve()
    desk.records.full = False
    desk.pass_time(1)
    assert desk.reasons() == [FIRED, RESOLVED]


def test_the_count_is_bounded() -> None:
    """So many live at a time; those are renewed, another is refused."""
    desk = Desk()
    for number in range(MOST_RAISED):
        desk.send(bot=str(number))
    with pytest.raises(Overloaded, match="resolve some"):
        desk.send(bot="one more")
    assert desk.send(bot="0").is_new is False


@pytest.mark.parametrize(
    ("metric", "labels"),
    [("", {}), ("9lives", {}), ("a b", {}), ("x", {"severity": "critical"}), ("x", {"alertname": "y"}),
     ("x", {"bad-name": "1"}), ("x", {"bot": "n" * 2_000}), ("x", {f"l{n}": "v" for n in range(30)})],
)  # fmt: skip
def test_names_are_checked(metric: str, labels: dict[str, str]) -> None:
    """What could be no label set is refused with a sentence."""
    with pytest.raises(BadLabels):
        Breach(metric, 1, 0, Labels(labels.items()))


@pytest.mark.parametrize("millis", [0, -1, 999, 8 * 24 * 3600 * 1000])
def test_the_time_to_renew_is_checked(millis: int) -> None:
    """Neither for ever nor for no time."""
    with pytest.raises(Refused):
        Breach("x", 1, 0, expires_after=millis)


def test_a_low_value_reads_well() -> None:
    """The summary says value, side and threshold."""
    assert Breach("cache_hit_ratio", 0.4, 0.8, direction=Direction.BELOW).summary == "cache_hit_ratio is 0.4, below 0.8"
    assert Breach("cpu", 80, 85).summary == "cpu is 80, not above 85"
