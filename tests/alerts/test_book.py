"""Changes, messages, and what happens when they cannot be written down."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from nightdesk.alerts.book import Book
from nightdesk.alerts.routing import Route, Router
from nightdesk.errors import DataFolderFull
from nightdesk.model.alert import Alert, AlertState, Severity, Transition
from nightdesk.model.mute import MuteReason
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.testing.builders import an_alert
from nightdesk.testing.records import MemoryRecords

AT = 1_700_000_000_000
PENDING, FIRING, RESOLVED, DROPPED = AlertState.PENDING, AlertState.FIRING, AlertState.RESOLVED, AlertState.DROPPED


class Ledger(MemoryRecords):
    """Records that also keep what was handed to them, and refuse on demand."""

    def __init__(self, live: Sequence[Alert] = ()) -> None:
        super().__init__(live)
        self.notices: list[Notice] = []
        self.full = False

    def record(self, transitions: Sequence[Transition], notices: Sequence[Notice]) -> None:
        """Write down, or refuse as a full disk does."""
        if self.full:
            raise DataFolderFull("no space")
        super().record(transitions, notices)
        self.notices.extend(notices)

    def said(self) -> list[tuple[str, NoticeReason, list[str]]]:
        """Return channel, reason and names of the alerts of each notice."""
        return [(each.channel, each.reason, [alert.name for alert in each.alerts]) for each in self.notices]


def a_warning(state: AlertState = FIRING, at: int = AT, **labels: str) -> Alert:
    """Build a warning about a full disk."""
    return an_alert("DiskFilling", state, at, severity="warning", **labels)


def a_critical(state: AlertState = FIRING, at: int = AT, **labels: str) -> Alert:
    """Build the critical one of the same disk."""
    return an_alert("DiskFilling", state, at, severity="critical", **labels)


def test_pending_is_told_to_nobody() -> None:
    """A pending alert is recorded and not sent."""
    ledger = Ledger()
    Book(ledger, Router()).accept([a_warning(PENDING)], AT)
    assert [change.alert.state for change in ledger.transitions] == [PENDING]
    assert ledger.notices == []


def test_fired_and_resolved_are_told_once_each() -> None:
    """A person hears once that it fires and once that it ended, however often it is reported."""
    ledger = Ledger()
    book = Book(ledger, Router())
    for step, state in enumerate((PENDING, FIRING, FIRING, FIRING, RESOLVED)):
        book.accept([a_warning(state)], AT + step)
    assert ledger.said() == [
        ("console", NoticeReason.FIRED, ["DiskFilling"]),
        ("console", NoticeReason.RESOLVED, ["DiskFilling"]),
    ]
    assert book.live() == ()


def test_dropped_is_told_to_nobody() -> None:
    """Pending that went away is history, not news."""
    ledger = Ledger()
    book = Book(ledger, Router())
    book.accept([a_warning(PENDING)], AT)
    book.accept([a_warning(DROPPED)], AT + 1)
    assert ledger.notices == []
    assert ledger.transitions[-1].alert.state is DROPPED


def test_one_round_makes_one_message_a_channel() -> None:
    """Alerts that fire together travel together."""
    ledger = Ledger()
    router = Router([Route.of("console", "mail")])
    Book(ledger, router).accept([a_warning(mountpoint=f"/{number}") for number in range(3)], AT)
    assert [(each.channel, len(each.alerts)) for each in ledger.notices] == [("console", 3), ("mail", 3)]


def test_a_message_is_bounded() -> None:
    """A storm is cut into messages of fifty, with keys of their own."""
    ledger = Ledger()
    Book(ledger, Router()).accept([a_warning(mountpoint=f"/{number}") for number in range(120)], AT)
    assert [len(each.alerts) for each in ledger.notices] == [50, 50, 20]
    assert len({each.key for each in ledger.notices}) == 3


def test_the_end_goes_where_the_beginning_went() -> None:
    """Who heard that it fires hears that it ended, even if the routes have changed."""
    ledger = Ledger()
    book = Book(ledger, Router([Route.of("mail")]))
    book.accept([a_warning()], AT)
    book.reroute(Router([Route.of("phone")]))
    book.accept([a_warning(RESOLVED)], AT + 1)
    assert [each.channel for each in ledger.notices] == ["mail", "mail"]


def test_a_restart_forgets_nobody_who_was_told() -> None:
    """After a restart the end still goes where the beginning went, and nothing is said twice."""
    ledger = Ledger()
    Book(ledger, Router([Route.of("mail")])).accept([a_warning()], AT)
    book = Book(ledger, Router([Route.of("phone")]))
    book.accept([a_warning()], AT + 1)
    book.accept([a_warning(RESOLVED)], AT + 2)
    assert [(each.channel, each.reason) for each in ledger.notices] == [
        ("mail", NoticeReason.FIRED),
        ("mail", NoticeReason.RESOLVED),
    ]
    assert [change.number for change in ledger.transitions] == [1, 2]


def test_the_higher_severity_speaks_alone() -> None:
    """Warning and critical of one disk that fire together make one message: the critical one."""
    ledger = Ledger()
    book = Book(ledger, Router())
    book.accept([a_warning(), a_critical()], AT)
    assert [alert.severity for each in ledger.notices for alert in each.alerts] == [Severity.CRITICAL]
    ((held, muted),) = book.held()
    assert (held.severity, muted.reason) == (Severity.WARNING, MuteReason.INHIBITED)


def test_what_is_left_when_the_higher_ends_is_told() -> None:
    """A warning that still stands when its critical ends comes out of its shadow."""
    ledger = Ledger()
    book = Book(ledger, Router())
    book.accept([a_warning(), a_critical()], AT)
    book.accept([a_warning(), a_critical(RESOLVED)], AT + 1)
    assert [(each.reason, each.severity) for each in ledger.notices[1:]] == [
        (NoticeReason.RESOLVED, Severity.CRITICAL),
        (NoticeReason.FIRED, Severity.WARNING),
    ]
    assert book.held() == ()


def test_another_disk_is_another_subject() -> None:
    """A critical disk does not hide another's warning."""
    ledger = Ledger()
    Book(ledger, Router()).accept([a_warning(mountpoint="/"), a_critical(mountpoint="/home")], AT)
    assert len(ledger.notices[0].alerts) == 2


def test_a_route_that_is_added_lets_a_firing_alert_out() -> None:
    """An alert that fires with nobody to tell is told once somebody is there."""
    ledger = Ledger()
    book = Book(ledger, Router([Route.of("phone", severities=[Severity.CRITICAL])]))
    book.accept([a_warning()], AT)
    assert ledger.notices == []
    assert book.held()[0][1].reason is MuteReason.NO_ROUTE
    book.reroute(Router([Route.of("phone")]))
    book.accept([a_warning()], AT + 1)
    assert ledger.said() == [("phone", NoticeReason.FIRED, ["DiskFilling"])]


def test_what_nobody_heard_of_ends_quietly() -> None:
    """No message about the end of what was never told."""
    ledger = Ledger()
    book = Book(ledger, Router([Route.of("phone", severities=[Severity.CRITICAL])]))
    book.accept([a_warning()], AT)
    book.accept([a_warning(RESOLVED)], AT + 1)
    assert ledger.notices == []


@pytest.mark.parametrize("states", [(FIRING,), (PENDING, FIRING), (FIRING, RESOLVED)])
def test_a_full_disk_loses_no_change(states: tuple[AlertState, ...]) -> None:
    """A change that cannot be written down is the same change, with the same key, when it can."""
    smooth, troubled = Ledger(), Ledger()
    for step, state in enumerate(states):
        Book(smooth, Router()).accept([a_warning(state)], AT + step)
    book = Book(troubled, Router())
    for step, state in enumerate(states):
        troubled.full = True
        with pytest.raises(DataFolderFull):
            book.accept([a_warning(state)], AT + step)
        troubled.full = False
        book.accept([a_warning(state)], AT + step)
    assert [change.id for change in troubled.transitions] == [change.id for change in smooth.transitions]
    assert [each.key for each in troubled.notices] == [each.key for each in smooth.notices]


def test_an_unwritten_change_is_not_believed() -> None:
    """While it cannot be written down, the book stays as it was."""
    ledger = Ledger()
    book = Book(ledger, Router())
    book.accept([a_warning(PENDING)], AT)
    ledger.full = True
    with pytest.raises(DataFolderFull):
        book.accept([a_warning(FIRING)], AT + 1)
    assert [alert.state for alert in book.live()] == [PENDING]


def test_nothing_new_writes_nothing() -> None:
    """A round without a change costs no transaction: it goes through on a full disk."""
    ledger = Ledger()
    book = Book(ledger, Router())
    book.accept([a_warning()], AT)
    ledger.full = True
    book.accept([replace(a_warning(), value=99.0)], AT + 1)
    assert book.live()[0].value == 99.0


def test_a_condition_that_began_anew_has_ended_before() -> None:
    """An end that was not reported is made up for: resolved is told, then it is pending."""
    ledger = Ledger()
    book = Book(ledger, Router())
    book.accept([a_warning()], AT)
    changes = book.accept([a_warning(PENDING, AT + 60_000)], AT + 60_000)
    assert [(change.previous, change.alert.state) for change in changes] == [(FIRING, RESOLVED), (None, PENDING)]
    assert ledger.said()[-1] == ("console", NoticeReason.RESOLVED, ["DiskFilling"])


def test_live_alerts_are_sorted_for_people() -> None:
    """Highest severity first, then the oldest."""
    book = Book(Ledger(), Router())
    book.accept([a_warning(at=AT), a_critical(at=AT + 5), a_critical(at=AT + 1, mountpoint="/")], AT + 9)
    assert [(alert.severity, alert.active_at - AT) for alert in book.live()] == [
        (Severity.CRITICAL, 1),
        (Severity.CRITICAL, 5),
        (Severity.WARNING, 0),
    ]


WARNING_TO = [Route.of("phone", severities=[Severity.WARNING])]
CRITICAL_APART = [
    Route.of("pager", severities=[Severity.CRITICAL]),
    Route.of("pager", "phone", severities=[Severity.WARNING]),
]


def test_what_reached_nobody_hides_nothing() -> None:
    """A critical alert that no channel of the warning was told of does not hold the warning back there."""
    ledger = Ledger()
    book = Book(ledger, Router(WARNING_TO))
    book.accept([a_warning(), a_critical()], AT)
    assert sorted((each.channel, each.severity) for each in ledger.notices) == [
        ("console", Severity.CRITICAL),
        ("phone", Severity.WARNING),
    ]


def test_a_channel_hears_of_the_warning_when_its_critical_ends() -> None:
    """Held back on one channel and told on another, a warning comes out on the first as well, once."""
    ledger = Ledger()
    book = Book(ledger, Router(CRITICAL_APART))
    book.accept([a_warning(), a_critical()], AT)
    assert [(each.channel, each.severity) for each in ledger.notices] == [
        ("phone", Severity.WARNING),
        ("pager", Severity.CRITICAL),
    ]
    book.accept([a_critical(RESOLVED)], AT + 1)
    book.accept([a_warning()], AT + 2)
    assert [(each.channel, each.reason, each.severity) for each in ledger.notices[2:]] == [
        ("pager", NoticeReason.RESOLVED, Severity.CRITICAL),
        ("pager", NoticeReason.FIRED, Severity.WARNING),
    ]
