"""How far the journal came, told by a file beside it: so that a start notices when the end of the journal is missing.

A log whose last pages are damaged or cut off looks to SQLite like one that a power cut left in the middle of a write,
and what they held would be gone without a word. The mark is written after each commit and never synced: whatever the
disk has of it is true, since what it tells of was synced before.
"""

import contextlib
import os
import struct
from pathlib import Path
from typing import Final

from crc32c import crc32c

_NUMBER: Final = struct.Struct("<q")
_MARK: Final = struct.Struct("<qI")


class Mark:
    """The highest number of an entry that was durable. One thread at a time writes."""

    def __init__(self, path: Path) -> None:
        """Open or make the file (mode 0600); where it cannot be used there is no mark, which is borne."""
        self._file: int | None = None
        with contextlib.suppress(OSError):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def read(self) -> int:
        """Return the number; 0 where there is none, or none that passes its check."""
        data = b""
        if self._file is not None:
            with contextlib.suppress(OSError):
                data = os.pread(self._file, _MARK.size, 0)
        return _told(data) or 0

    def write(self, number: int) -> None:
        """Set the mark; one that does not get there leaves it as it was, which is still true."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self._file, _MARK.pack(number, _checksum(number)), 0)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def mark_beside(journal: Path) -> int | None:
    """Return the number that the mark beside a journal tells, 0 where there is none yet; None where it is damaged."""
    try:
        data = path_of(journal).read_bytes()
    except FileNotFoundError:
        return 0
    return _told(data) if data else 0


def path_of(journal: Path) -> Path:
    """Return where the mark of a journal is."""
    return journal.with_name("journal.mark")


def _told(data: bytes) -> int | None:
    if len(data) != _MARK.size:
        return None
    number, checksum = _MARK.unpack(data)
    return int(number) if _checksum(number) == checksum else None


def _checksum(number: int) -> int:
    return int(crc32c(_NUMBER.pack(number)))
