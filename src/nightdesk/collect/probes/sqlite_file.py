"""What a SQLite file says of itself without any lock: is it one, does it keep a WAL, is somebody writing."""

import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nightdesk.collect.probes.probe import ProbeFailure
from nightdesk.errors import CollectError

_MAGIC: Final = b"SQLite format 3\x00"
_HEADER: Final = struct.Struct(">16sHBB")
"""Start of the file: magic, page size, write version, read version (https://sqlite.org/fileformat.html, 1.3)."""
_WAL_VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class SqliteState:
    """How the file stands; sizes in bytes."""

    size: int
    wal_size: int
    keeps_wal: bool
    """The file is in WAL mode."""
    is_open: bool
    """Somebody has it open in WAL mode: its index in shared memory is there."""

    @property
    def is_idle(self) -> bool:
        """True for a WAL database that nobody has open."""
        return self.keeps_wal and not self.is_open


class SqliteFile:
    """Looks at a database file. Blocking; for one thread alone.

    One descriptor stays open from look to look. POSIX gives up *all* locks of a process on a file as soon as the
    process closes any descriptor of it: opened and closed for each look, a desk inside a bot's own process would take
    the bot's locks away from under it.
    """

    def __init__(self, path: Path) -> None:
        """Look at this path; nothing is opened yet."""
        self._path = path
        self._descriptor: int | None = None

    def look(self) -> SqliteState:
        """Return how the file stands now; one that was replaced is opened anew.

        Raises:
            CollectError: MISSING where it cannot be opened, CORRUPT where it is no database.
        """
        try:
            found = self._opened()
            size, header = found.st_size, os.pread(self._current, _HEADER.size, 0)
        except OSError as error:
            raise CollectError(f"{self._path}: {error.strerror}", ProbeFailure.MISSING) from error
        keeps_wal = False
        # An empty file is a database that nothing was written to yet.
        if size:
            if len(header) < _HEADER.size or not header.startswith(_MAGIC):
                raise CollectError(f"{self._path} is not a SQLite database", ProbeFailure.CORRUPT)
            keeps_wal = _HEADER.unpack(header)[3] == _WAL_VERSION
        return SqliteState(size, _size(self._beside("-wal")), keeps_wal, self._beside("-shm").exists())

    def close(self) -> None:
        """Close the descriptor."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @property
    def _current(self) -> int:
        assert self._descriptor is not None
        return self._descriptor

    def _opened(self) -> os.stat_result:
        found = self._path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "not a regular file")
        if self._descriptor is not None:
            held = os.fstat(self._descriptor)
            if (held.st_dev, held.st_ino) == (found.st_dev, found.st_ino):
                return found
            self.close()
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return found

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
