"""Database files as files: private, opened, made durable, moved and removed together with what lies beside them."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from nightdesk.store.sqlite_words import in_our_words

_BUSY_TIMEOUT_SECONDS: Final = 5.0
_SIDE_FILES: Final = ("-wal", "-shm", "-journal")


def connect(path: Path, mode: str, *, immutable: bool = False) -> sqlite3.Connection:
    """Open a file; without `rw` a file that nobody can be writing is read as immutable, for SQLite makes files else."""
    skips_locks = immutable or (mode == "ro" and _lies_still(path))
    uri = f"{path.absolute().as_uri()}?mode={mode}" + ("&immutable=1" if skips_locks else "")
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False)


def _lies_still(path: Path) -> bool:
    """Tell whether the folder takes no files, as on a read-only mount, and no log waits to be read beside this one."""
    if os.access(path.parent, os.W_OK):
        return False
    log, memory = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    return not (memory.exists() or (log.exists() and log.stat().st_size))


def make_private(path: Path) -> None:
    """Make the file with mode 0600 before SQLite does: -wal and -shm take the mode of the file."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))


def sync_file(path: Path) -> None:
    """Make a file and its name durable."""
    with in_our_words(path):
        for target in (path, path.parent):
            descriptor = os.open(target, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def remove_database(path: Path) -> None:
    """Unlink a database and clear its side files, so that a later file of the same name cannot adopt an orphan log."""
    with in_our_words(path):
        path.unlink(missing_ok=True)
        for suffix in _SIDE_FILES:
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def move_database(path: Path, target: Path) -> None:
    """Rename a closed database together with its side files; `target` must lie on the same file system."""
    with in_our_words(path):
        for suffix in _SIDE_FILES:
            side = path.with_name(path.name + suffix)
            if side.exists():
                side.replace(target.with_name(target.name + suffix))
        path.replace(target)
