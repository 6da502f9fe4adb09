"""Going on in a fresh journal: a reader elsewhere can keep SQLite's log from being cut, and it would grow for good.

The new file is complete and durable before it bears the name `journal.next`; from then on it is the journal, whatever
happens, and what is left to do is renaming, which a start does again. A reader keeps the old file until it has done.
"""

from pathlib import Path
from typing import Final

from nightdesk.store.disk_reserve import demand_disk
from nightdesk.store.durable import sync_folder
from nightdesk.store.sqlite import Database, FileFormat, in_our_words, remove_database, sync_file

MOST_LOG_BYTES: Final = 32 * 1024 * 1024
"""A longer log that cannot be folded in is left behind; where nobody is in its way SQLite folds in after 4 MB."""


def is_held_up(database: Database) -> bool:
    """Tell whether the log is long and somebody's reading keeps it from being folded in."""
    log = database.path.with_name(f"{database.path.name}-wal")
    if not log.exists() or log.stat().st_size <= MOST_LOG_BYTES:
        return False
    ((_, pages, folded_in),) = database.execute("PRAGMA wal_checkpoint(PASSIVE)")
    return bool(folded_in < pages)


def renewed(database: Database, file_format: FileFormat) -> Database:
    """Close a journal and return a fresh one with the same series, entries and numbers; nobody may write meanwhile.

    Raises:
        DataFolderFull: there is no room for a copy; the old one goes on.
    """
    path = database.path
    demand_disk(path.parent, 2 * path.stat().st_size)
    unfinished = path.with_name("journal.part")
    fresh = Database.unlogged(unfinished, file_format)
    try:
        with fresh.transaction():
            fresh.execute_many("INSERT INTO series VALUES (?, ?, ?)", database.execute("SELECT * FROM series"))
            fresh.execute_many("INSERT INTO entry VALUES (?, ?)", database.execute("SELECT * FROM entry"))
            fresh.execute("DELETE FROM sqlite_sequence")
            fresh.execute_many(
                "INSERT INTO sqlite_sequence VALUES (?, ?)", database.execute("SELECT * FROM sqlite_sequence")
            )
    finally:
        fresh.close()
    sync_file(unfinished)
    with in_our_words(path):
        unfinished.rename(_next(path))
    sync_folder(path.parent)
    database.close()
    finish_renewal(path)
    return Database(path, file_format)


def finish_renewal(path: Path) -> None:
    """Give a complete new journal its name, if there is one."""
    following = _next(path)
    if not following.exists():
        return
    # First its log: left behind it would be taken for the new file's.
    remove_database(path)
    with in_our_words(path):
        following.rename(path)
    sync_folder(path.parent)


def _next(path: Path) -> Path:
    return path.with_name("journal.next")
