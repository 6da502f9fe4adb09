"""The state file: one transaction, threads, damage, bounds, and what a killed process leaves."""

import logging
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from nightdesk.errors import NewerFormat
from nightdesk.model.alert import AlertState
from nightdesk.model.notice import Attempt, DeliveryState, FailureReason
from nightdesk.store.records import alerts, outbox, schema
from nightdesk.store.records.records import Records
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import T0, a_notice, a_transition

LEASE = 30_000
FIXTURES = Path(__file__).with_name("fixtures")
"""Files as older releases wrote them."""


def test_what_was_recorded_is_there_after_opening_again(tmp_path: Path) -> None:
    """Alerts, history and messages outlive the process, and the file is for its owner's eyes alone."""
    alert = an_alert("A")
    with Records.open(tmp_path / "state.db") as records:
        records.alerts.record([a_transition(alert)], [a_notice(alert)])
    with Records.open(str(tmp_path / "state.db")) as records:
        assert records.alerts.live() == [alert]
        assert records.alerts.history(0, 10) == [a_transition(alert)]
        assert [entry.notice for entry in records.outbox.entries(10)] == [a_notice(alert)]
    assert stat.S_IMODE((tmp_path / "state.db").stat().st_mode) == 0o600


def test_a_lease_of_a_process_that_died_is_released_on_opening(tmp_path: Path) -> None:
    """Whoever opens holds the folder's lock, so nobody else can be sending: the message is due at once."""
    first = Records.open(tmp_path / "state.db")
    first.alerts.record([], [a_notice(an_alert("A"))])
    (leased,) = first.outbox.lease(T0, 1, LEASE)
    first.close()
    with Records.open(tmp_path / "state.db") as second:
        assert [entry.id for entry in second.outbox.lease(T0 + 1, 1, LEASE)] == [leased.id]


def test_a_change_and_its_messages_are_stored_together_or_not_at_all(tmp_path: Path) -> None:
    """An error in the middle of a record leaves neither the change nor the message."""
    with Records.open(tmp_path / "state.db") as records:
        alert = an_alert("A")
        unstorable = replace(a_notice(alert), key="\udc80")
        with pytest.raises(UnicodeEncodeError):
            records.alerts.record([a_transition(alert)], [a_notice(alert), unstorable])
        assert records.alerts.live() == []
        assert records.alerts.history(0, 10) == []
        assert records.outbox.entries(10) == []


def test_a_file_of_the_first_format_keeps_its_alerts(tmp_path: Path) -> None:
    """Opened by this release, alerts, damaged ones too, and the history's numbers are there as before."""
    path, alert = tmp_path / "state.db", an_alert("A")
    with Records.open(path) as records:
        records.alerts.record([a_transition(alert)], [])
    with closing(sqlite3.connect(path)) as database:
        ((fingerprint, body),) = database.execute("SELECT fingerprint, body FROM alerts").fetchall()
        database.executescript("DROP TABLE alerts; DROP TABLE channel_tests; DROP TABLE confirmations")
        database.execute(schema._FORMAT_1[0])
        database.executemany("INSERT INTO alerts VALUES (?, ?)", [(fingerprint, body), ("0", "not json")])
        database.execute("PRAGMA user_version = 1")
        database.commit()
    with Records.open(path) as records:
        assert records.alerts.live() == [alert]
        assert records.alerts.last_number() == 1


def test_a_file_of_the_second_format_is_opened_with_all_it_holds(tmp_path: Path) -> None:
    """A file that an older release wrote keeps alerts, history and messages, and a copy of it is left."""
    path = tmp_path / "state.db"
    path.write_bytes((FIXTURES / "state-format-2.db").read_bytes())
    with Records.open(path) as records:
        assert records.alerts.live() == [an_alert(name) for name in "ABC"]
        fates = [(entry.state, entry.notice.code, entry.attempts) for entry in records.outbox.entries(10)]
        assert fates == [(DeliveryState.QUEUED, "", 0), (DeliveryState.QUEUED, "", 1), (DeliveryState.SENT, "", 1)]
        assert records.confirmations.confirmations() == {}
    assert (tmp_path / "state.db.format-2").is_file()


def test_a_known_key_is_an_error_that_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A message that is not stored because its key was there is never passed over in silence."""
    with Records.open(tmp_path / "state.db") as records:
        for _ in range(2):
            records.alerts.record([], [a_notice(an_alert("A"))])
        assert records.alerts.repeated == 1
        assert "known already" in caplog.text


def test_threads_share_it(tmp_path: Path) -> None:
    """One thread records while another leases and marks: nothing is lost and nothing is taken twice."""
    taken: list[int] = []
    done = threading.Event()

    def deliver(records: Records) -> None:
        while not done.is_set() or records.outbox.unsettled(1):
            for entry in records.outbox.lease(T0 + 1, 3, LEASE):
                taken.append(entry.id)
                records.outbox.mark(entry.id, Attempt(T0 + 1), None)

    with Records.open(tmp_path / "state.db") as records:
        thread = threading.Thread(target=deliver, args=(records,))
        thread.start()
        for number in range(100):
            alert = an_alert(f"A{number}")
            records.alerts.record([a_transition(alert)], [a_notice(alert)])
        done.set()
        thread.join(30)
        assert len(taken) == len(set(taken)) == 100
        assert {entry.state for entry in records.outbox.entries(200)} == {DeliveryState.SENT}


def test_a_damaged_row_takes_no_other_with_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be read is reported and left out; a damaged message is settled, so that it does not come for ever."""
    with Records.open(tmp_path / "state.db") as records:
        for name in ("A", "B"):
            records.alerts.record([a_transition(an_alert(name))], [a_notice(an_alert(name))])
    broken = sqlite3.connect(tmp_path / "state.db")
    with broken:
        broken.execute("UPDATE alerts SET body = '{' WHERE fingerprint = ?", (an_alert("A").fingerprint,))
        broken.execute("UPDATE transitions SET body = '[]' WHERE number = 1")
        broken.execute("""UPDATE outbox SET body = '{"form":9}' WHERE id = 1""")
    broken.close()
    with caplog.at_level(logging.ERROR), Records.open(tmp_path / "state.db") as records:
        assert [alert.name for alert in records.alerts.live()] == ["B"]
        assert [change.alert.name for change in records.alerts.history(0, 10)] == ["B"]
        assert [entry.id for entry in records.outbox.lease(T0, 10, LEASE)] == [2]
        assert records.outbox.lease(T0 + 2 * LEASE, 10, LEASE)[0].id == 2
    assert len(caplog.records) >= 3


def test_history_and_settled_messages_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go when the bound is reached, but never a message that is not settled."""
    monkeypatch.setattr(alerts, "KEPT_TRANSITIONS", 5)
    monkeypatch.setattr(outbox, "KEPT_ENTRIES", 5)
    monkeypatch.setattr(outbox, "KEPT_ATTEMPTS", 2)
    with Records.open(tmp_path / "state.db") as records:
        waiting = an_alert("Waiting")
        records.alerts.record([], [a_notice(waiting)])
        (entry,) = records.outbox.lease(T0, 1, LEASE)
        for number in range(4):
            records.outbox.mark(entry.id, Attempt(T0 + number, FailureReason.SERVER), T0 + 100_000)
        for number in range(10):
            alert = an_alert(f"A{number}")
            records.alerts.record([a_transition(alert)], [a_notice(alert)])
            (sent,) = records.outbox.lease(T0, 1, LEASE)
            records.outbox.mark(sent.id, Attempt(T0), None)
        assert len(records.alerts.history(0, 100)) == 5
        kept = records.outbox.entries(100)
        assert len(kept) == 6
        assert (kept[-1].notice.alerts[0].name, kept[-1].attempts) == ("Waiting", 4)
        assert records._database.execute("SELECT count(*) FROM attempts WHERE entry = ?", (entry.id,)) == [(2,)]


def test_the_next_message_is_found_by_its_index(tmp_path: Path) -> None:
    """To lease takes no longer with 5,000 messages of a dead channel in the way than a scan of an index."""
    with Records.open(tmp_path / "state.db") as records:
        dead = [a_notice(an_alert(f"A{number}"), channel="dead") for number in range(5_000)]
        records.alerts.record([], [*dead, a_notice(an_alert("B"))])
        plan = records._database.execute(f"EXPLAIN QUERY PLAN {outbox._NEXT}", (T0, T0, '["dead"]', 1))
        steps = [str(row[3]) for row in plan]
        assert any(
            "USING COVERING INDEX outbox_unsettled" in step or "USING INDEX outbox_unsettled" in step for step in steps
        )
        assert not any("TEMP B-TREE" in step for step in steps)
        assert [entry.notice.channel for entry in records.outbox.lease(T0, 1, LEASE, ["dead"])] == ["phone"]


def test_a_newer_format_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """A file of a newer release is left alone."""
    Records.open(tmp_path / "state.db").close()
    newer = sqlite3.connect(tmp_path / "state.db")
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(NewerFormat, match="upgrade"):
        Records.open(tmp_path / "state.db")


def test_a_resolved_alert_is_no_longer_live_after_opening_again(tmp_path: Path) -> None:
    """What ended stays ended."""
    alert = an_alert("A")
    with Records.open(tmp_path / "state.db") as records:
        records.alerts.record([a_transition(alert)], [])
        over = replace(alert, state=AlertState.RESOLVED)
        records.alerts.record([a_transition(over, AlertState.FIRING, 2)], [])
    with Records.open(tmp_path / "state.db") as records:
        assert records.alerts.live() == []
