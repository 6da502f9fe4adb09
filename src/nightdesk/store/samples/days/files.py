"""The files of days as files: their numbers and sizes, and what is left over or held up."""

from pathlib import Path
from typing import Final

from nightdesk.errors import StoreError
from nightdesk.store.samples.packed.pack_format import is_packed
from nightdesk.store.samples.rows.format import DAY_FILE
from nightdesk.store.sqlite import Database, remove_database

MOST_LOG_BYTES: Final = 16 * 1024 * 1024
"""A supplement whose log is longer takes nothing more."""


def number_of(file: Path) -> int:
    """Return a supplement's number, 0 for a whole file."""
    middle = file.name.split(".")[1]
    return int(middle) if middle.isdigit() else 0


def is_left_empty(supplement: Path) -> bool:
    """Remove a supplement in which a failed or killed seal left no chunk; what cannot be told yet is kept.

    One without even its tables was cut short: it bore its name only once it had them. A packed one is never empty.
    """
    if is_packed(supplement):
        return False
    try:
        database = Database(supplement, DAY_FILE)
        try:
            if database.execute("SELECT 1 FROM chunk LIMIT 1"):
                return False
        finally:
            database.close()
        remove_database(supplement)
    except StoreError:
        return False
    return True


def is_held_up(supplement: Path) -> bool:
    """Tell whether the log of a supplement has grown beyond a seal's: another program that reads it holds it up."""
    return size_of(supplement.with_name(supplement.name + "-wal")) > MOST_LOG_BYTES


def size_of(file: Path) -> int:
    """Return a file's size in bytes, 0 where it is gone."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
