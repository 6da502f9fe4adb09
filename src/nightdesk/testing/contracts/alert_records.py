"""What every `AlertRecords` guarantees."""

import math
from abc import ABC, abstractmethod
from dataclasses import MISSING, fields, replace

from nightdesk.model.alert import Alert, AlertState, Evidence, Transition
from nightdesk.model.labels import Labels
from nightdesk.model.notice import Notice, NoticeReason
from nightdesk.seams.alerts import AlertRecords, Outbox
from nightdesk.testing.builders import an_alert

T0 = 1_700_000_000_000


def a_transition(alert: Alert, previous: AlertState | None = None, number: int = 1) -> Transition:
    """Build a change to the state that the alert has, at the instant it was last judged."""
    return Transition(alert, previous, alert.judged_at, number)


def a_notice(*alerts: Alert, channel: str = "phone", reason: NoticeReason = NoticeReason.FIRED) -> Notice:
    """Build a message about alerts, with the key that the book would give it."""
    about = tuple(f"{alert.fingerprint}-{alert.active_at}" for alert in alerts)
    return Notice(
        Notice.key_for(channel, reason, about), channel, reason, alerts, max(each.judged_at for each in alerts)
    )


class AlertRecordsContract(ABC):
    """Inherit, name the class `Test...`, and say how to make the pair."""

    @abstractmethod
    def records(self) -> tuple[AlertRecords, Outbox]:
        """Return empty records and the outbox that shares their transactions."""

    def test_live_holds_what_is_pending_or_firing(self) -> None:
        """An alert is live from its first change until it is resolved or dropped."""
        records, _ = self.records()
        pending = an_alert("A", AlertState.PENDING)
        firing = an_alert("B", AlertState.FIRING)
        records.record([a_transition(pending), a_transition(firing)], [])
        assert {alert.name: alert.state for alert in records.live()} == {
            "A": AlertState.PENDING,
            "B": AlertState.FIRING,
        }
        records.record([a_transition(replace(pending, state=AlertState.DROPPED), AlertState.PENDING, 2)], [])
        records.record([a_transition(replace(firing, state=AlertState.RESOLVED), AlertState.FIRING, 2)], [])
        assert records.live() == []

    def test_the_last_state_of_an_alert_wins(self) -> None:
        """Two changes of one alert in one call leave the second."""
        records, _ = self.records()
        pending = an_alert("A", AlertState.PENDING)
        firing = replace(pending, state=AlertState.FIRING, fired_at=T0)
        records.record([a_transition(pending), a_transition(firing, AlertState.PENDING, 2)], [])
        assert records.live() == [firing]

    def test_rules_with_one_alert_do_not_share_a_row(self) -> None:
        """Two rules that hold the same labels are two live alerts; the end of one leaves the other."""
        records, _ = self.records()
        one, two = (replace(an_alert("A"), rule=rule) for rule in ("one", "two\udc80"))
        records.record([a_transition(one), a_transition(two, number=2)], [])
        assert sorted(alert.rule for alert in records.live()) == ["one", "two\udc80"]
        records.record([a_transition(replace(two, state=AlertState.RESOLVED), AlertState.FIRING, 3)], [])
        assert records.live() == [one]

    def test_the_greatest_number_is_known(self) -> None:
        """Numbers that are counted on from `last_number` never come twice, live or not."""
        records, _ = self.records()
        assert records.last_number() == 0
        for _ in range(3):
            number = records.last_number() + 1
            records.record([a_transition(an_alert("A", AlertState.DROPPED), number=number)], [])
            assert records.last_number() == number

    def test_everything_an_alert_says_comes_back(self) -> None:
        """Every field, with any text in labels and the numbers that JSON lacks, survives."""
        records, _ = self.records()
        labels = Labels([("alertname", "Ä\n\x00"), ("raw", "\udcff"), ("severity", "critical")])
        whole = Alert(
            labels, (("summary", "é \udc80"),), AlertState.FIRING, 1.0, T0, T0 + 1, T0 + 2, T0 + 3, T0 + 4,
            Evidence.ERROR, "file/group/rule", T0 + 5, ("phone", "console"), 7,
        )  # fmt: skip
        at_default = [
            each.name
            for each in fields(Alert)
            if each.default is not MISSING and getattr(whole, each.name) == each.default
        ]
        assert not at_default, "a field at its default proves nothing"
        for value in (-0.0, 1e-308, 0.1 + 0.2, math.inf, -math.inf):
            alert = replace(whole, value=value)
            records.record([a_transition(alert)], [])
            (live,) = records.live()
            assert live == alert
            assert math.copysign(1, live.value) == math.copysign(1, value)
        records.record([a_transition(replace(an_alert("N"), value=math.nan))], [])
        assert [math.isnan(each.value) for each in records.live() if each.name == "N"] == [True]

    def test_history_is_newest_first_and_bounded(self) -> None:
        """`since` is inclusive, `limit` counts from the newest, changes of one instant keep their order."""
        records, _ = self.records()
        changes = [a_transition(an_alert("A", at=T0 + step // 2), number=step) for step in range(6)]
        records.record(changes, [])
        assert records.history(0, 100) == changes[::-1]
        assert records.history(T0 + 1, 100) == [changes[5], changes[4], changes[3], changes[2]]
        assert records.history(0, 1) == [changes[5]]
        assert records.history(T0 + 3, 10) == []

    def test_messages_are_stored_with_the_change(self) -> None:
        """What `record` was given is in the outbox when it returns."""
        records, outbox = self.records()
        alert = an_alert("A")
        notices = [a_notice(alert), a_notice(alert, channel="console")]
        records.record([a_transition(alert)], notices)
        assert [entry.notice for entry in outbox.entries(10)] == notices[::-1]

    def test_a_known_key_is_not_stored_twice(self) -> None:
        """The same message decided again, in one call or in two, is one message."""
        records, outbox = self.records()
        notice = a_notice(an_alert("A"))
        records.record([], [notice, notice])
        records.record([], [replace(notice, created_at=notice.created_at + 1)])
        assert [entry.notice for entry in outbox.entries(10)] == [notice]
