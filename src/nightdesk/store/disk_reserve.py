"""The disk space that samples leave to alerts and messages."""

import os
from pathlib import Path
from typing import Final

from nightdesk.errors import DataFolderFull
from nightdesk.store.sqlite import in_our_words

RESERVE_BYTES: Final = 4 * 1024 * 1024
"""Free bytes that samples never take: twice the ballast, so that they do not use that up either."""


def demand_disk(folder: Path, more: int = 0) -> None:
    """Refuse to write `more` bytes where that would leave less free disk space than the reserve.

    Raises:
        DataFolderFull: before anything was written.
    """
    if spare_disk(folder) < more:
        wanted = (RESERVE_BYTES + more) / (1 << 20)
        raise DataFolderFull(f"less than {wanted:.0f} MiB are left for {folder}: free some space")


def spare_disk(folder: Path) -> int:
    """Return the free bytes that samples may take; below 0 where the reserve itself is not whole."""
    with in_our_words(folder):
        file_system = os.statvfs(folder)
    return file_system.f_bavail * file_system.f_frsize - RESERVE_BYTES
