"""A disk that takes no writes: alerts are sent all the same, and written down when it takes them again."""

import errno
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from nightdesk.errors import DataFolderFull, Overloaded
from nightdesk.model.alert import AlertState, Transition
from nightdesk.model.notice import Attempt, DeliveryState, FailureReason, Notice
from nightdesk.store.records import spill
from nightdesk.store.records.records import Records
from nightdesk.store.records.schema import STATE
from nightdesk.store.records.spill import SpillingRecords
from nightdesk.store.sqlite import Database
from nightdesk.testing.builders import an_alert
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.contracts.alert_records import T0, a_notice, a_transition

LEASE = 30_000


class Disk:
    """Records over a database that can be made to refuse every write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = Database(path, STATE)
        self.clock = ManualClock()
        self.freed = 0
        self.inner = Records(self.database)
        self.records = SpillingRecords(self.inner, self.clock, self.free)

    def refuse(self, *, refuse: bool = True) -> None:
        """Make the file read-only for its connection, or writable again."""
        self.database.execute(f"PRAGMA query_only = {int(refuse)}")

    def free(self) -> None:
        """Count how often space was asked for."""
        self.freed += 1

    def stored(self) -> Records:
        """Return what is really in the file."""
        return Records(self.database)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Make a healthy disk."""
    made = Disk(tmp_path / "state.db")
    yield made
    made.database.close()


def test_messages_go_out_while_nothing_can_be_written(disk: Disk) -> None:
    """A breach decided on a dead disk is leased, sent, and not given out a second time."""
    disk.refuse()
    alert = an_alert("A")
    disk.records.record([a_transition(alert)], [a_notice(alert)])
    assert disk.records.live() == [alert]
    assert disk.records.history(0, 5) == [a_transition(alert)]
    assert disk.records.spilled == 2
    (entry,) = disk.records.lease(T0, 5, LEASE)
    disk.records.mark(entry.id, Attempt(T0), None)
    assert disk.records.lease(T0 + 2 * LEASE, 5, LEASE) == []
    assert [each.state for each in disk.records.entries(5)] == [DeliveryState.SENT]


def test_what_was_on_disk_before_goes_out_as_well(disk: Disk) -> None:
    """Messages queued before the disk failed are sent once, and so are those in flight when it failed."""
    first, second = an_alert("A"), an_alert("B")
    disk.records.record([a_transition(first), a_transition(second)], [a_notice(first), a_notice(second)])
    (in_flight,) = disk.records.lease(T0, 1, LEASE)
    disk.refuse()
    disk.records.mark(in_flight.id, Attempt(T0), None)
    (other,) = disk.records.lease(T0, 5, LEASE)
    assert other.notice == a_notice(second)
    disk.records.mark(other.id, Attempt(T0), None)
    assert disk.records.lease(T0 + 2 * LEASE, 5, LEASE) == []
    assert {alert.name for alert in disk.records.live()} == {"A", "B"}


def test_everything_is_written_when_the_disk_is_back(disk: Disk) -> None:
    """Changes, messages and their fates reach the file, in order, and a message in flight is marked there."""
    old = an_alert("Old")
    disk.records.record([a_transition(old)], [a_notice(old)])
    disk.refuse()
    new, failed = an_alert("New"), an_alert("Failed")
    ended = replace(old, state=AlertState.RESOLVED)
    disk.records.record([a_transition(new), a_transition(failed)], [a_notice(new), a_notice(failed)])
    disk.records.record([a_transition(ended, AlertState.FIRING, 2)], [])
    leased = {entry.notice.alerts[0].name: entry for entry in disk.records.lease(T0, 5, LEASE)}
    disk.records.mark(leased["Old"].id, Attempt(T0), None)
    disk.records.mark(leased["Failed"].id, Attempt(T0, FailureReason.SERVER, "later"), T0 + 5_000)
    disk.refuse(refuse=False)
    disk.clock.jump(6)
    disk.records.mark(leased["New"].id, Attempt(T0 + 1), None)
    assert disk.records.spilled == 0
    stored = disk.stored()
    assert {alert.name for alert in stored.alerts.live()} == {"New", "Failed"}
    assert len(stored.alerts.history(0, 10)) == 4
    fates = {entry.notice.alerts[0].name: (entry.state, entry.attempts) for entry in stored.outbox.entries(10)}
    assert fates == {
        "Old": (DeliveryState.SENT, 1),
        "New": (DeliveryState.SENT, 1),
        "Failed": (DeliveryState.QUEUED, 1),
    }
    assert disk.records.lease(T0 + 4_999, 5, LEASE) == []
    assert len(disk.records.lease(T0 + 5_000, 5, LEASE)) == 1


def test_a_second_spill_numbers_on(disk: Disk) -> None:
    """Entries of two spills never share an id, so that a late mark hits the right one."""
    ids = []
    for name in ("A", "B"):
        disk.refuse()
        disk.records.record([], [a_notice(an_alert(name))])
        (entry,) = disk.records.lease(T0, 5, LEASE)
        ids.append(entry.id)
        disk.refuse(refuse=False)
        disk.clock.jump(6)
        disk.records.mark(entry.id, Attempt(T0), None)
    assert len(set(ids)) == 2
    assert [entry.state for entry in disk.stored().outbox.entries(5)] == [DeliveryState.SENT] * 2


def test_the_memory_set_aside_is_bounded(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound a record is refused aloud, and what was kept goes on."""
    monkeypatch.setattr(spill, "_MOST_KEPT", 10)
    disk.refuse()
    disk.records.record([], [a_notice(an_alert(f"A{number}")) for number in range(10)])
    with pytest.raises(Overloaded, match="free space"):
        disk.records.record([], [a_notice(an_alert("B"))])
    assert len(disk.records.lease(T0, 100, LEASE)) == 10


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a file system of 1 MB."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting a small file system needs the rights of root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as junk:
        has_room = True
        while has_room:
            try:
                junk.write(bytes(4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                has_room = False


def test_on_a_file_system_that_is_really_full(tmp_path: Path) -> None:
    """On a full tmpfs the hook is asked first; with its space used up, memory takes over; all is on disk at the end."""
    with small_disk(tmp_path / "small") as folder:
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(400 * 1024))
        clock = ManualClock()
        stored = Records.open(folder / "state.db")
        records = SpillingRecords(stored, clock, lambda: ballast.unlink(missing_ok=True))
        fill(folder / "junk")
        recorded = 0
        while not records.spilled:
            alert = an_alert(f"A{recorded}")
            records.record([a_transition(alert)], [a_notice(alert)])
            recorded += 1
            assert recorded < 2_000
        assert not ballast.exists()
        assert recorded > 3, "the ballast must have bought some room"
        with pytest.raises(DataFolderFull):
            stored.alerts.record([a_transition(an_alert(f"X{number}")) for number in range(200)], [])
        sent = records.lease(T0, recorded, LEASE)
        assert len(sent) == recorded
        for entry in sent:
            records.mark(entry.id, Attempt(T0), None)
        (folder / "junk").unlink()
        clock.jump(6)
        assert records.lease(T0 + LEASE, 5, LEASE) == []
        assert records.spilled == 0
        assert {entry.state for entry in stored.outbox.entries(5_000)} == {DeliveryState.SENT}
        assert len(stored.alerts.live()) == recorded
        stored.close()


def test_a_desk_starts_on_a_full_disk(tmp_path: Path) -> None:
    """Opening asks for the ballast where there is no space for the log, and what was queued goes out."""
    with small_disk(tmp_path / "small") as folder:
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(400 * 1024))
        with Records.open(folder / "state.db") as records:
            records.alerts.record([], [a_notice(an_alert("A"))])
            assert len(records.outbox.lease(T0, 1, LEASE)) == 1
        fill(folder / "junk")
        with pytest.raises(DataFolderFull):
            Records.open(folder / "state.db")
        with Records.open(folder / "state.db", ballast.unlink) as records:
            assert len(records.outbox.lease(T0, 1, LEASE)) == 1


class SlowAlerts:
    """Stored alerts whose write hangs until the test lets it go."""

    def __init__(self) -> None:
        """Nothing is being written."""
        self.writing, self.may_end = threading.Event(), threading.Event()

    def record(self, transitions: Sequence[Transition], notices: Sequence[Notice]) -> None:
        """Hang."""
        assert not transitions
        assert not notices
        self.writing.set()
        self.may_end.wait(10)


def test_what_is_spilled_is_told_while_a_write_hangs(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop asks for it every second: a disk that takes seconds for a commit must not hold the loop up."""
    slow = SlowAlerts()
    monkeypatch.setattr(disk.inner, "alerts", slow)
    writer = threading.Thread(target=disk.records.record, args=([], []), daemon=True)
    told: list[int] = []
    asker = threading.Thread(target=lambda: told.append(disk.records.spilled), daemon=True)
    writer.start()
    assert slow.writing.wait(5)
    asker.start()
    asker.join(2)
    slow.may_end.set()
    writer.join(5)
    assert told == [0]
