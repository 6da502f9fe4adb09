"""Folders and files that survive a power cut, and what the file system raises, as our own errors.

A folder or file is found again only once the folder that names it was synced.
"""

import contextlib
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nightdesk.errors import DataFolderFull, StoreError

PRIVATE: Final = 0o700


def make_folder(path: Path) -> None:
    """Make a folder (mode 0700) and what is missing above it, so that all of them survive a power cut.

    The name is synced also where the folder stood already: whoever made it may have been killed before that.

    Raises:
        StoreError: it cannot be made; DataFolderFull where there is no room.
    """
    with file_errors(path):
        made = [path, *(parent for parent in path.absolute().parents if not parent.exists())]
        path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        for folder in made:
            # Somebody else's folder above ours may be passed through and not read; then its names are not ours to sync.
            with contextlib.suppress(PermissionError):
                _sync(folder.absolute().parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable: those made, renamed and removed. Raises StoreError."""
    with file_errors(path):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Raise what the file system raises as StoreError, or DataFolderFull; SQLite's errors: `sqlite.in_our_words`."""
    try:
        yield
    except OSError as error:
        raise store_error(error, path) from error


def store_error(error: OSError, path: Path) -> StoreError:
    """Return our own error for one of the file system: DataFolderFull where the disk or a quota is full."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DataFolderFull(no_space_left(path))
    return StoreError(f"cannot use {path}: {error.strerror}")


def no_space_left(path: Path) -> str:
    """Return the one sentence on a full disk."""
    return f"no space is left for {path}: free some on its file system"
