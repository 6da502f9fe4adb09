"""The room that samples leave on the disk to alerts and messages."""

import os
from pathlib import Path
from typing import Final

from nightdesk.errors import DataFolderFull
from nightdesk.store.sqlite import in_our_words

RESERVE_BYTES: Final = 4 * 1024 * 1024
"""Room that samples leave to alerts and messages: twice the ballast, so that they do not eat that either."""


def demand_room(folder: Path, more: int = 0) -> None:
    """Refuse to go on where `more` bytes would leave less than the reserve.

    Raises:
        DataFolderFull: before anything was written.
    """
    with in_our_words(folder):
        told = os.statvfs(folder)
    if told.f_bavail * told.f_frsize < RESERVE_BYTES + more:
        wanted = (RESERVE_BYTES + more) / (1 << 20)
        raise DataFolderFull(f"less than {wanted:.0f} MiB are left for {folder}: free some space")
