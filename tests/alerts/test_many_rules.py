"""Several rules about one alert: each rule's word is about its own, people hear of one alert."""

from dataclasses import replace

import pytest

from nightdesk.alerts.book import Book
from nightdesk.alerts.routing import Route, Router
from nightdesk.model.alert import Alert, AlertState
from nightdesk.model.notice import NoticeReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.records import MemoryRecords

AT = 1_700_000_000_000
PENDING, FIRING, RESOLVED, DROPPED = AlertState.PENDING, AlertState.FIRING, AlertState.RESOLVED, AlertState.DROPPED


def by(rule: str, state: AlertState, at: int = AT) -> Alert:
    """Build the report of one rule about the one alert."""
    alert = an_alert("TargetDown", state, at)
    return replace(alert, rule=rule)


def said(records: MemoryRecords) -> list[tuple[str, NoticeReason]]:
    """Return channel and reason of every message, oldest first."""
    return [(entry.notice.channel, entry.notice.reason) for entry in reversed(records.entries(99))]


FIRED_ONCE = [("console", NoticeReason.FIRED)]


@pytest.mark.parametrize("other", [PENDING, RESOLVED, DROPPED])
@pytest.mark.parametrize("first", [True, False])
def test_another_rule_takes_no_alert_away(other: AlertState, first: bool) -> None:
    """What one rule says of its own pending or ended alert leaves the same alert of another rule firing."""
    records = MemoryRecords()
    book = Book(records, Router())
    for step in range(3):
        reports = [by("slow", other), by("fast", FIRING)]
        book.accept(reports if first else reports[::-1], AT + step)
    assert said(records) == FIRED_ONCE
    assert [(alert.state, alert.rule) for alert in book.live()] == [(FIRING, "fast")]


def test_an_alert_ends_with_its_last_rule() -> None:
    """People hear that it fires when the first rule's does, and that it ended when the last rule's did."""
    records = MemoryRecords()
    book = Book(records, Router())
    book.accept([by("one", FIRING)], AT)
    book.accept([by("two", FIRING)], AT + 1)
    book.accept([by("one", RESOLVED)], AT + 2)
    assert said(records) == FIRED_ONCE
    assert [alert.told for alert in book.live()] == [("console",)]
    book.accept([by("two", RESOLVED)], AT + 3)
    assert said(records) == [*FIRED_ONCE, ("console", NoticeReason.RESOLVED)]
    assert book.live() == ()


def test_both_ends_in_one_round_are_one_message() -> None:
    """Rules whose alerts end together tell it once."""
    records = MemoryRecords()
    book = Book(records, Router())
    book.accept([by("one", FIRING), by("two", FIRING)], AT)
    book.accept([by("one", RESOLVED), by("two", RESOLVED)], AT + 1)
    assert said(records) == [*FIRED_ONCE, ("console", NoticeReason.RESOLVED)]


def test_a_restart_remembers_what_each_rule_held() -> None:
    """After a restart every rule's alert is there, and who was told is told of the end of the last."""
    records = MemoryRecords()
    Book(records, Router([Route.of("mail")])).accept([by("fast", FIRING), by("slow", PENDING)], AT)
    assert {alert.rule: alert.state for alert in records.live()} == {"fast": FIRING, "slow": PENDING}
    book = Book(records, Router())
    book.accept([by("slow", FIRING)], AT + 1)
    book.accept([by("fast", RESOLVED)], AT + 2)
    book = Book(records, Router())
    book.accept([by("slow", RESOLVED)], AT + 3)
    assert said(records) == [("mail", NoticeReason.FIRED), ("mail", NoticeReason.RESOLVED)]


def test_each_rule_shows_its_own() -> None:
    """What is listed by rule is what that rule holds, though people see one alert."""
    book = Book(MemoryRecords(), Router())
    book.accept([by("fast", FIRING), by("slow", PENDING)], AT)
    assert {rule: [each.state for each in alerts] for rule, alerts in book.by_rule().items()} == {
        "fast": [FIRING],
        "slow": [PENDING],
    }
    assert len(book.live()) == 1


@pytest.mark.parametrize("restart", [True, False])
def test_every_change_has_a_key_of_its_own(restart: bool) -> None:
    """An alert that comes again at the same instant, as after a wall clock set back, is told again."""
    records = MemoryRecords()
    book = Book(records, Router())
    for _ in range(3):
        book.accept([by("fast", FIRING)], AT)
        book.accept([by("fast", RESOLVED)], AT)
        book = Book(records, Router()) if restart else book
    assert [reason for _, reason in said(records)] == [NoticeReason.FIRED, NoticeReason.RESOLVED] * 3
    assert records.repeated == 0
