"""A database file as one that is sealed: plain, so that it can be bent byte by byte and opened as immutable."""

from nightdesk.store.sqlite import Database


def leave_wal(database: Database) -> None:
    """Fold the log in and go back to one plain file."""
    database.execute("PRAGMA journal_mode = DELETE")
