"""What every `Outbox` guarantees."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import cast

from nightdesk.model.alert import AlertState
from nightdesk.model.notice import LONGEST_WAIT, Attempt, DeliveryState, FailureReason, Notice, NoticeReason
from nightdesk.seams.alerts import AlertRecords, Outbox, OutboxCounts, OutboxFates
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import T0, a_notice

LEASE = 30_000
FAILED = Attempt(T0 + 5, FailureReason.SERVER, "451 try later", retry_after=7)
SENT = Attempt(T0 + 6)


def graded(name: str, severity: str, at: int = T0, channel: str = "phone") -> Notice:
    """Build a message about one alert of a severity."""
    alert = an_alert(name, at=at)
    return a_notice(replace(alert, labels=alert.labels.with_(severity=severity)), channel=channel)


class OutboxContract(ABC):
    """Inherit, name the class `Test...`, and say how to make the pair."""

    @abstractmethod
    def records(self) -> tuple[AlertRecords, Outbox]:
        """Return the records that fill the outbox, and the outbox, both empty."""

    def outbox(self, *notices: Notice) -> Outbox:
        """Return an outbox in which these messages are queued."""
        records, outbox = self.records()
        records.record([], notices)
        return outbox

    def test_highest_severity_first_then_oldest(self) -> None:
        """A critical message goes before older ones; among equals the oldest goes first."""
        late, early = graded("L", "warning", T0 + 2), graded("E", "warning", T0 + 1)
        info, critical = graded("I", "info", T0), graded("C", "critical", T0 + 3)
        outbox = self.outbox(late, early, info, critical)
        assert [each.notice for each in outbox.lease(T0 + 9, 3, LEASE)] == [critical, early, late]
        assert [each.notice for each in outbox.lease(T0 + 9, 3, LEASE)] == [info]

    def test_a_lease_keeps_others_off_until_it_runs_out(self) -> None:
        """A leased message is not given out again before its lease is over, and is from then on."""
        outbox = self.outbox(graded("A", "warning"))
        (entry,) = outbox.lease(T0, 10, LEASE)
        assert (entry.state, entry.next_at, entry.attempts) == (DeliveryState.LEASED, T0 + LEASE, 0)
        assert outbox.lease(T0 + LEASE - 1, 10, LEASE) == []
        assert [each.id for each in outbox.lease(T0 + LEASE, 10, LEASE)] == [entry.id]

    def test_the_code_of_a_test_is_kept_until_its_fate_is_settled(self) -> None:
        """A person could be stood in for by whoever reads a code in what is kept; failed or sent, it is gone."""
        for failure in (None, FailureReason.SERVER):
            test = Notice("k", "phone", NoticeReason.TEST, (), T0, code="K7M4-9QXC")
            outbox = self.outbox(test)
            (entry,) = outbox.lease(T0, 1, LEASE)
            assert entry.notice.code == "K7M4-9QXC"
            outbox.mark(entry.id, Attempt(T0, failure), None)
            assert [each.notice for each in outbox.entries(9)] == [replace(test, code="")]

    def test_channels_can_be_skipped(self) -> None:
        """A channel that is busy keeps no other from being served."""
        phone, console = graded("A", "critical"), graded("A", "critical", channel="console")
        outbox = self.outbox(phone, console)
        assert [each.notice for each in outbox.lease(T0, 10, LEASE, {"phone"})] == [console]
        assert outbox.lease(T0, 10, LEASE, ["phone", "console"]) == []

    def test_nothing_goes_before_it_is_due(self) -> None:
        """A message that failed waits for its next instant."""
        outbox = self.outbox(graded("A", "warning"))
        (entry,) = outbox.lease(T0, 1, LEASE)
        outbox.mark(entry.id, FAILED, T0 + 5_000)
        assert outbox.lease(T0 + 4_999, 1, LEASE) == []
        (again,) = outbox.lease(T0 + 5_000, 1, LEASE)
        assert (again.attempts, again.last) == (1, FAILED)

    def test_a_wall_clock_set_back_delays_nothing_for_long(self) -> None:
        """A message due later than any wait may be is due now."""
        outbox = self.outbox(graded("A", "warning"))
        assert outbox.lease(T0 - 1, 1, LEASE) == []
        assert len(outbox.lease(T0 - LONGEST_WAIT - 1, 1, LEASE)) == 1

    def test_sent_is_for_good(self) -> None:
        """A message that was taken never comes back, whatever a late second attempt reports."""
        outbox = self.outbox(graded("A", "warning"))
        (entry,) = outbox.lease(T0, 1, LEASE)
        outbox.mark(entry.id, SENT, None)
        outbox.mark(entry.id, FAILED, T0 + 10)
        assert outbox.lease(T0 + LEASE * 2, 1, LEASE) == []
        assert [(each.state, each.attempts) for each in outbox.entries(5)] == [(DeliveryState.SENT, 2)]

    def test_given_up_stays_so_unless_it_was_sent_after_all(self) -> None:
        """A late failure does not bring a message back; a late success is the truth."""
        outbox = self.outbox(graded("A", "warning"))
        (entry,) = outbox.lease(T0, 1, LEASE)
        outbox.mark(entry.id, FAILED, None)
        outbox.mark(entry.id, FAILED, T0 + 10)
        assert outbox.lease(T0 + LEASE * 2, 1, LEASE) == []
        outbox.mark(entry.id, SENT, None)
        assert [(each.state, each.attempts) for each in outbox.entries(5)] == [(DeliveryState.SENT, 3)]

    def test_given_up_is_listed(self) -> None:
        """A message without a next instant is undeliverable, and stays listed with its reason."""
        outbox = self.outbox(graded("A", "warning"))
        (entry,) = outbox.lease(T0, 1, LEASE)
        outbox.mark(entry.id, FAILED, None)
        assert outbox.lease(T0 + LEASE * 2, 1, LEASE) == []
        (listed,) = outbox.entries(5)
        assert (listed.state, listed.last) == (DeliveryState.UNDELIVERABLE, FAILED)

    def test_a_resolution_waits_for_the_news_of_its_breach(self) -> None:
        """Messages of one channel about one alert go out in the order of the decisions; other channels do not wait."""
        firing = an_alert("A", at=T0)
        resolved = replace(firing, state=AlertState.RESOLVED, ended_at=T0 + 1, judged_at=T0 + 1)
        fired, over = a_notice(firing), a_notice(resolved, reason=NoticeReason.RESOLVED)
        elsewhere = a_notice(resolved, channel="console", reason=NoticeReason.RESOLVED)
        outbox = self.outbox(fired, over, elsewhere)
        first, other = outbox.lease(T0 + 9, 10, LEASE)
        assert [first.notice, other.notice] == [fired, elsewhere]
        outbox.mark(first.id, FAILED, T0 + 5_000)
        assert outbox.lease(T0 + 4_000, 10, LEASE) == []
        (again,) = outbox.lease(T0 + 5_000, 10, LEASE)
        outbox.mark(again.id, SENT, None)
        assert [each.notice for each in outbox.lease(T0 + 5_000, 10, LEASE)] == [over]

    def test_what_is_told_instead_is_queued_with_the_mark(self) -> None:
        """A message that failed may leave another in its place, once however often that is said."""
        notice = graded("A", "critical")
        outbox = self.outbox(notice)
        (entry,) = outbox.lease(T0, 1, LEASE)
        for _ in range(2):
            outbox.mark(entry.id, FAILED, T0 + LEASE, [notice.told_on("console")])
        (instead,) = outbox.lease(T0, 9, LEASE)
        assert (instead.notice.channel, instead.notice.instead_of) == ("console", "phone")
        assert instead.notice.alerts == notice.alerts
        assert instead.notice.key != notice.key

    def test_entries_are_newest_first(self) -> None:
        """The list is bounded and begins with what was recorded last."""
        notices = [graded(f"A{number}", "info") for number in range(5)]
        outbox = self.outbox(*notices)
        assert [each.notice for each in outbox.entries(3)] == notices[:1:-1]

    def test_counts_tell_every_state(self) -> None:
        """Each of the newest entries counts in its state, and a state without entries counts 0."""
        records, outbox = self.records()
        counting = cast("OutboxCounts", outbox)
        assert counting.counts(9) == dict.fromkeys(DeliveryState, 0)
        records.record([], [graded(f"A{number}", "info", T0 + number) for number in range(4)])
        sent, given_up, _ = outbox.lease(T0 + 9, 3, LEASE)
        outbox.mark(sent.id, SENT, None)
        outbox.mark(given_up.id, FAILED, None)
        assert counting.counts(9) == dict.fromkeys(DeliveryState, 1)
        assert counting.counts(1) == {**dict.fromkeys(DeliveryState, 0), DeliveryState.QUEUED: 1}

    def test_one_entry_is_found_by_its_key(self) -> None:
        """Whoever queued a message learns what became of it."""
        notice = graded("A", "info")
        outbox = self.outbox(notice, graded("B", "info"))
        fates = cast("OutboxFates", outbox)
        (entry,) = outbox.lease(T0, 1, LEASE)
        outbox.mark(entry.id, SENT, None)
        found = fates.find(notice.key)
        assert found is not None
        assert (found.notice, found.state, found.last) == (notice, DeliveryState.SENT, SENT)
        assert fates.find("no such key") is None

    def test_an_unknown_entry_is_passed_over(self) -> None:
        """A mark for a message that is no longer kept changes nothing."""
        outbox = self.outbox(graded("A", "info"))
        outbox.mark(999_999, SENT, None)
        assert [each.state for each in outbox.entries(5)] == [DeliveryState.QUEUED]
