"""What sqlite3 and the file system raise, in our own words."""

import mmap
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nightdesk.errors import CorruptData, DataFolderFull, NightdeskError, StoreError
from nightdesk.store.durable import no_space_left, store_error

_NO_SPACE_BYTES: Final = 256 * 1024
"""With less free space than this an I/O error is taken for a full disk: SQLite reports some of those (growing the -shm
file, creating a journal) as plain I/O errors."""
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_DAMAGED_WORDS: Final = ("no such ", "unsupported file", "cannot open value of type")
_MAYBE_FULL: Final = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
_ENOUGH_BYTES: Final = 256 * 1024 * 1024
"""Asked for and given back at once: a page that nobody writes to takes no memory."""


@contextmanager
def in_our_words(path: Path) -> Iterator[None]:
    """Turn what sqlite3 and the file system raise into our own words. A broken constraint is our bug and passes."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.Error as error:
        raise _translated(error, path) from error
    except UnicodeDecodeError as error:
        # sqlite3 reads messages and text as UTF-8; ours are, so these bytes were flipped.
        raise CorruptData(f"{path} is damaged: {error}") from error
    except MemoryError as error:
        if not _has_memory():
            raise
        # SQLite says so too of a damaged table of contents, where it asked for next to nothing.
        raise CorruptData(f"{path} is damaged: SQLite finds no memory for what it says") from error
    except OSError as error:
        raise store_error(error, path) from error


def _translated(error: sqlite3.Error, path: Path) -> NightdeskError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code in _MAYBE_FULL and _is_out_of_space(path)):
        return DataFolderFull(no_space_left(path))
    # Our statements fit our formats, so a file that lacks a table, or seems to come from another SQLite, is damaged.
    if code in _DAMAGED or (code == sqlite3.SQLITE_ERROR and str(error).startswith(_DAMAGED_WORDS)):
        return CorruptData(f"{path} is damaged: {error}")
    return StoreError(f"cannot use {path}: {error}")


def _has_memory() -> bool:
    """Tell whether there is more memory to be had than any statement of ours needs."""
    try:
        mmap.mmap(-1, _ENOUGH_BYTES).close()
    except OSError:
        return False
    return True


def _is_out_of_space(path: Path) -> bool:
    return path.parent.exists() and shutil.disk_usage(path.parent).free < _NO_SPACE_BYTES
