"""The border to SQLite: private files, whole transactions, migrations with a copy, errors in our own words."""

import contextlib
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nightdesk.errors import CorruptData, NewerFormat, StoreError
from nightdesk.store.sqlite import Database, FileFormat, damage_of, move_database, remove_database
from nightdesk.store.sqlite_words import in_our_words
from nightdesk.testing.sealing import leave_wal

FIRST = ("CREATE TABLE fact (id INTEGER PRIMARY KEY, text TEXT)",)
SECOND = ("ALTER TABLE fact ADD COLUMN weight REAL", "UPDATE fact SET weight = 1.5")
V1 = FileFormat("book of facts", 0x1234, (FIRST,))
V2 = FileFormat("book of facts", 0x1234, (FIRST, SECOND))
BROKEN = FileFormat("book of facts", 0x1234, (FIRST, (SECOND[0], "UPDATE nothing SET weight = 1.5")))


def test_files_are_private_from_the_first_moment(tmp_path: Path) -> None:
    """The file and its side files have mode 0600, whatever the umask."""
    database = Database(tmp_path / "facts.db", V1)
    database.execute("INSERT INTO fact (text) VALUES ('a')")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    assert len(list(tmp_path.iterdir())) == 3
    database.close()


def test_every_commit_is_synced(tmp_path: Path) -> None:
    """WAL with synchronous=FULL, for a new file and for one that is opened again."""
    for _ in range(2):
        database = Database(tmp_path / "facts.db", V1)
        assert database.execute("PRAGMA synchronous") == [(2,)]
        assert database.execute("PRAGMA journal_mode") == [("wal",)]
        assert database.execute("PRAGMA foreign_keys") == [(1,)]
        database.close()


def test_a_transaction_is_whole_or_nothing(tmp_path: Path) -> None:
    """An exception takes everything back, an inner transaction included, and the next one works."""
    database = Database(tmp_path / "facts.db", V1)
    with contextlib.suppress(ZeroDivisionError), database.transaction():
        database.execute_many("INSERT INTO fact (text) VALUES (?)", [("a",), ("b",)])
        raise ZeroDivisionError
    assert database.execute("SELECT count(*) FROM fact") == [(0,)]
    with database.transaction():
        database.execute("INSERT INTO fact (text) VALUES ('c')")
    assert database.execute("SELECT text FROM fact") == [("c",)]
    database.close()


def test_a_migration_keeps_the_rows_and_leaves_a_copy_of_before(tmp_path: Path) -> None:
    """The copy bears the old format's number and opens with the old format."""
    old = Database(tmp_path / "facts.db", V1)
    old.execute("INSERT INTO fact (text) VALUES ('kept')")
    old.close()
    new = Database(tmp_path / "facts.db", V2)
    assert new.execute("SELECT text, weight FROM fact") == [("kept", 1.5)]
    new.close()
    copy = Database(tmp_path / "facts.db.format-1", V1)
    assert copy.execute("SELECT * FROM fact") == [(1, "kept")]
    assert stat.S_IMODE(copy.path.stat().st_mode) == 0o600
    copy.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    """The file keeps its old format and opens as before."""
    old = Database(tmp_path / "facts.db", V1)
    old.execute("INSERT INTO fact (text) VALUES ('kept')")
    old.close()
    with pytest.raises(StoreError):
        Database(tmp_path / "facts.db", BROKEN)
    again = Database(tmp_path / "facts.db", V1)
    assert again.execute("SELECT * FROM fact") == [(1, "kept")]
    again.close()


def test_a_newer_format_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    """The sentence says what to do, for writing and for reading."""
    Database(tmp_path / "facts.db", V2).close()
    before = (tmp_path / "facts.db").read_bytes()
    for opening in (Database, Database.read_only):
        with pytest.raises(NewerFormat, match="upgrade Nightdesk"):
            opening(tmp_path / "facts.db", V1)
    assert (tmp_path / "facts.db").read_bytes() == before


def test_a_foreign_database_is_never_taken_for_ours(tmp_path: Path) -> None:
    """A file of another program is refused and left alone."""
    foreign = sqlite3.connect(tmp_path / "facts.db")
    foreign.execute("CREATE TABLE theirs (x)")
    foreign.commit()
    foreign.close()
    with pytest.raises(CorruptData, match="not a book of facts"):
        Database(tmp_path / "facts.db", V1)


def test_rubbish_is_corrupt_data_and_a_missing_file_is_not(tmp_path: Path) -> None:
    """Two faults, two words."""
    (tmp_path / "rubbish.db").write_bytes(b"no database, but long enough to look like one " * 100)
    with pytest.raises(CorruptData):
        Database(tmp_path / "rubbish.db", V1)
    with pytest.raises(CorruptData):
        damage_of(tmp_path / "rubbish.db")
    with pytest.raises(StoreError) as caught:
        Database.read_only(tmp_path / "missing.db", V1)
    assert not isinstance(caught.value, CorruptData)
    assert not (tmp_path / "missing.db").exists()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    """Whatever statement it sends."""
    Database(tmp_path / "facts.db", V1).close()
    reader = Database.read_only(tmp_path / "facts.db", V1)
    with pytest.raises(StoreError, match="readonly"):
        reader.execute("INSERT INTO fact (text) VALUES ('a')")
    reader.close()


def test_a_broken_constraint_is_our_bug_and_keeps_its_name(tmp_path: Path) -> None:
    """It is not dressed up as a fault of the folder."""
    database = Database(tmp_path / "facts.db", V1)
    database.execute("INSERT INTO fact VALUES (1, 'a')")
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("INSERT INTO fact VALUES (1, 'b')")
    database.close()


def test_moving_takes_the_log_along_and_removing_leaves_no_orphan(tmp_path: Path) -> None:
    """A later file of the same name cannot adopt another's log."""
    database = Database(tmp_path / "facts.db", V1)
    database.execute("INSERT INTO fact (text) VALUES ('in the log')")
    move_database(tmp_path / "facts.db", tmp_path / "moved.db")
    moved = Database(tmp_path / "moved.db", V1)
    assert moved.execute("SELECT text FROM fact") == [("in the log",)]
    moved.close()
    database.close()
    remove_database(tmp_path / "moved.db")
    assert list(tmp_path.iterdir()) == []


def test_a_sealed_file_is_one_plain_file_that_opens_as_immutable(tmp_path: Path) -> None:
    """After leaving WAL mode no side file is needed or made."""
    database = Database(tmp_path / "facts.db", V1)
    database.execute("INSERT INTO fact (text) VALUES ('a')")
    leave_wal(database)
    assert database.damage() == []
    database.close()
    reader = Database.read_only(tmp_path / "facts.db", V1, immutable=True)
    assert reader.execute("SELECT text FROM fact") == [("a",)]
    assert [file.name for file in tmp_path.iterdir()] == ["facts.db"]
    reader.close()


def test_a_file_without_a_byte_was_cut_short(tmp_path: Path) -> None:
    """A file bears its name once it has its tables, so an empty one lost what it held: nobody goes on with it."""
    file = tmp_path / "facts.db"
    file.write_bytes(b"")
    with pytest.raises(CorruptData, match="is empty: it was cut short"):
        Database(file, V1)
    with pytest.raises(CorruptData, match="is empty: it was cut short"):
        Database.read_only(file, V1)
    with pytest.raises(CorruptData, match="is empty: it was cut short"):
        Database.read_only(file, V1, immutable=True)
    with pytest.raises(CorruptData, match="is empty: it was cut short"):
        damage_of(file, V1)
    assert file.stat().st_size == 0


def test_a_file_that_could_not_be_made_leaves_nothing(tmp_path: Path) -> None:
    """A new file has all its tables or is not there."""
    with pytest.raises(StoreError):
        Database(tmp_path / "facts.db", BROKEN)
    assert list(tmp_path.iterdir()) == []


def test_too_little_memory_is_damage_only_where_there_is_enough(tmp_path: Path) -> None:
    """SQLite answers a damaged table of contents so too; a process without memory says nothing of a file."""
    with pytest.raises(CorruptData, match="finds no memory"), in_our_words(tmp_path / "a.db"):
        raise MemoryError
    script = (
        "import resource; from pathlib import Path; from nightdesk.store.sqlite_words import in_our_words;"
        "resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))\n"
        "with in_our_words(Path('a.db')): raise MemoryError"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr.strip().endswith("MemoryError")
