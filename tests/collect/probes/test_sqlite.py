"""SQLite probes beside real writers: what they measure, and that they leave nothing behind."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from nightdesk.clock import SystemClock
from nightdesk.collect.probes.probe import ProbeFailure
from nightdesk.collect.probes.sqlite import SqliteProbe
from nightdesk.testing.asking import asked, points_of

CLOCK = SystemClock()
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.execute("INSERT INTO trades VALUES (1)")
print("held", flush=True)
sys.stdin.read()
"""

TAKE_RESERVED = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0x40000001)
"""


def probe_of(file: Path, query: str = "SELECT count(*) FROM trades", timeout: float = 2.0) -> SqliteProbe:
    """Return a probe of a file."""
    return SqliteProbe(file, CLOCK, query=query, timeout=timeout)


def made(folder: Path, mode: str) -> Path:
    """Make a database in one journal mode, closed."""
    file = folder / "trades.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE trades (id)")
        connection.executemany("INSERT INTO trades VALUES (?)", [(number,) for number in range(1000)])
        connection.execute("COMMIT")
    return file


@contextmanager
def held(file: Path, statement: str) -> Iterator[None]:
    """Let another process begin a transaction, write, and hold its locks."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file), statement], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.stdin.close()
        holder.wait(10)


def traces(folder: Path) -> dict[str, tuple[int, str]]:
    """Return all files of a folder with when they were changed and what is in them."""
    return {
        path.name: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.iterdir())
    }


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_it_leaves_no_trace(tmp_path: Path, mode: str) -> None:
    """After attempts on a database that nobody has open, no file is new, and none was touched."""
    file = made(tmp_path, mode)
    before = traces(tmp_path)
    probed = asked(probe_of(file), times=3)
    assert probed.failure is None
    assert points_of(probed)["sqlite_quick_check_ok"] == 1
    assert traces(tmp_path) == before


def test_a_writer_with_a_wal_is_not_in_the_way_and_not_hindered(tmp_path: Path) -> None:
    """Beside a WAL writer in its transaction the query is answered; its WAL's size is told; it can go on writing."""
    file = made(tmp_path, "wal")
    with held(file, "BEGIN IMMEDIATE"):
        first = asked(probe_of(file))
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as writer:
        writer.execute("INSERT INTO trades VALUES (2)")
        probed = asked(probe_of(file))
        writer.execute("INSERT INTO trades VALUES (3)")
    assert (first.failure, probed.failure) == (None, None)
    assert points_of(probed)["sqlite_wal_bytes"] > 4096


def test_a_lock_that_is_not_given_up_counts_as_the_deadline(tmp_path: Path) -> None:
    """Without WAL, a writer that holds its exclusive lock keeps readers out: locked, at the deadline, in time."""
    file = made(tmp_path, "delete")
    with held(file, "BEGIN EXCLUSIVE"):
        probed = asked(probe_of(file, timeout=0.5))
    assert probed.failure is ProbeFailure.LOCKED
    assert probed.seconds == 0.5


def test_the_wait_for_a_lock_is_part_of_the_figure(tmp_path: Path) -> None:
    """A lock given up after a second shows as lock wait, and in the duration."""
    file = made(tmp_path, "delete")
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        timer = threading.Timer(1.0, writer.execute, ["COMMIT"])
        timer.start()
        probed = asked(probe_of(file, timeout=5))
        timer.join()
    assert probed.failure is None
    assert probed.seconds is not None
    assert 0.3 < points_of(probed)["sqlite_lock_wait_seconds"] <= probed.seconds < 4.5


def test_a_query_cannot_write(tmp_path: Path) -> None:
    """Whatever the settings say, the database stays as it is."""
    file = made(tmp_path, "wal")
    before = traces(tmp_path)
    for query in ("DELETE FROM trades", "PRAGMA journal_mode = delete", "PRAGMA query_only = 0", "VACUUM"):
        asked(probe_of(file, query))
        assert traces(tmp_path) == before
    assert asked(probe_of(file, "DELETE FROM trades")).failure is ProbeFailure.QUERY


def test_a_query_without_an_end_is_ended(tmp_path: Path) -> None:
    """SQLite itself is stopped near the deadline: the thread is free again for the next attempt."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    probe = probe_of(made(tmp_path, "wal"), endless, timeout=0.3)
    probed = asked(probe, times=2)
    assert (probed.failure, probed.seconds) == (ProbeFailure.DEADLINE, 0.3)


def test_files_that_are_no_database(tmp_path: Path) -> None:
    """Missing, a folder, text, damaged: each says what it is."""
    text = tmp_path / "text"
    text.write_text("not a database, but long enough to have a header of its own" * 10)
    assert asked(probe_of(text)).failure is ProbeFailure.CORRUPT
    assert asked(probe_of(tmp_path / "none")).failure is ProbeFailure.MISSING
    assert asked(probe_of(tmp_path)).failure is ProbeFailure.MISSING
    damaged = made(tmp_path, "delete")
    size = damaged.stat().st_size
    with damaged.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    probed = asked(probe_of(damaged, "SELECT 1"))
    assert points_of(probed).get("sqlite_quick_check_ok") == 0 or probed.failure is ProbeFailure.CORRUPT


def test_a_wal_left_by_a_crash_raises_no_alarm(tmp_path: Path) -> None:
    """A copy without its shared index, its WAL still full, is asked, never called damaged, and left as it is."""
    file = made(tmp_path, "wal")
    copy = tmp_path / "copy"
    copy.mkdir()
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("CREATE TABLE more (x)")
        for name in (file.name, f"{file.name}-wal"):
            (copy / name).write_bytes((tmp_path / name).read_bytes())
    before = traces(copy)
    probed = asked(probe_of(copy / file.name))
    points = points_of(probed)
    assert probed.failure is None
    assert points["sqlite_wal_bytes"] > 0
    assert "sqlite_quick_check_ok" not in points
    assert traces(copy) == before


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    """The probe follows the name, not the file that once bore it."""
    file = made(tmp_path, "delete")
    probe = probe_of(file, "SELECT id FROM trades", timeout=2)
    state = probe._file.look()
    other = tmp_path / "other"
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE x (y)")
    other.rename(file)
    assert (state.keeps_wal, probe._file.look().keeps_wal) == (False, True)
    probe.close()


def test_locks_of_the_own_process_stay(tmp_path: Path) -> None:
    """A desk inside the bot's own process does not take the bot's locks away (POSIX gives them up at any close)."""
    file = made(tmp_path, "delete")
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        probe = probe_of(file)
        state = probe._file.look()
        assert not state.keeps_wal
        # Asked from another process, since a process is never in its own way.
        taking = [sys.executable, "-c", TAKE_RESERVED, str(file)]
        tried = subprocess.run(taking, capture_output=True, timeout=30, check=False)
        assert tried.returncode != 0, "the RESERVED lock of the writer is gone"
    probe.close()
