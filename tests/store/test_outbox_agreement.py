"""The outbox on disk and the one in memory are the same outbox, whatever is done to them in whatever order."""

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.model.notice import LONGEST_WAIT, Attempt, FailureReason, Notice, NoticeReason, OutboxEntry
from nightdesk.seams.alerts import AlertRecords, Outbox
from nightdesk.store.records.memory import MemoryRecords
from nightdesk.store.records.records import Records
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import T0, a_notice

Action = tuple[str, int, int]

NAMES, CHANNELS, SEVERITIES = "ABC", ("phone", "console"), ("info", "warning", "critical")
ACTIONS = st.lists(
    st.tuples(st.sampled_from(("record", "lease", "skip", "sent", "failed", "given up", "wait", "step back")),
              st.integers(0, 35), st.integers(0, 5)),
    max_size=40,
)  # fmt: skip


def a_random_notice(number: int, now: int) -> Notice:
    """Build one of a few messages, some of them about the same alerts and some with the same key."""
    alert = an_alert(NAMES[number % 3], at=now - number % 2)
    graded = replace(alert, labels=alert.labels.with_(severity=SEVERITIES[number // 3 % 3]))
    return a_notice(graded, channel=CHANNELS[number % 2], reason=list(NoticeReason)[number // 2 % 2])


class Player:
    """Does the same to one outbox that another player does to another."""

    def __init__(self, records: AlertRecords, outbox: Outbox) -> None:
        self.records, self.outbox, self.now = records, outbox, T0

    def play(self, action: Action) -> list[OutboxEntry]:
        """Do one thing, and return what can be seen of it; ids may have gaps, so they are left out."""
        word, number, limit = action
        seen = []
        if word == "record":
            self.records.record([], [a_random_notice(number, self.now), a_random_notice(number + limit, self.now)])
        elif word == "wait":
            self.now += number * 1_000
        elif word == "step back":
            self.now -= LONGEST_WAIT * (number % 3) // 2
        elif word in ("lease", "skip"):
            seen = self.outbox.lease(self.now, limit, 10_000, CHANNELS[: int(word == "skip")])
        elif entries := self.outbox.entries(100):
            failure = None if word == "sent" else FailureReason.SERVER
            next_at = self.now + number * 500 if word == "failed" else None
            self.outbox.mark(entries[number % len(entries)].id, Attempt(self.now, failure, word), next_at)
        return [replace(entry, id=0) for entry in (*seen, *self.outbox.entries(100))]


@given(ACTIONS)
@settings(max_examples=60, deadline=None)
def test_disk_and_memory_agree(actions: list[Action]) -> None:
    """Every answer of every step is the same: leases, order, waits, fates."""
    with tempfile.TemporaryDirectory() as folder, Records.open(Path(folder) / "state.db") as records:
        memory = MemoryRecords()
        on_disk, in_memory = Player(records.alerts, records.outbox), Player(memory, memory)
        for action in actions:
            assert on_disk.play(action) == in_memory.play(action), action
