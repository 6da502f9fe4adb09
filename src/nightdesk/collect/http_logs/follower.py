"""A log file followed as it grows: rotation, truncation, lines that are not whole yet."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes read at one look; what is beyond waits for the next."""
MOST_LINE: Final = 64 * 1024
"""Bytes a line may have; a longer one is given as what it began with, once."""
_CHUNK: Final = 256 * 1024


class LogFollower:
    """Gives the whole lines that were added since the last look. Blocking; for one thread alone.

    It begins at the end of the file: what happened before is not happening now. A file that takes the place of the
    followed one (rotation) is read from its beginning, once the old one is read to its end; a file that got shorter
    was truncated and is read from its beginning too.
    """

    def __init__(self, path: Path) -> None:
        """Follow this path; nothing is opened yet."""
        self._path = path
        self._descriptor: int | None = None
        self._offset = 0
        self._rest = b""
        self._skipping = False
        self._begun = False
        self.behind = 0
        """Bytes of the file that were not read yet at the last look."""

    def lines(self) -> Iterator[bytes]:
        """Yield the lines added since the last look, without their ends. Raises OSError where there is no file."""
        if self._descriptor is None:
            self._open()
        left = MOST_BYTES
        while True:
            left -= yield from self._read(left)
            # A writer may go on with the old file for a moment: only once there is nothing more in it is it left.
            if left <= 0 or not self._replaced():
                break
            self.close()
            self._open()
        self.behind = max(0, os.fstat(self._held).st_size - self._offset)

    def close(self) -> None:
        """Close the file; the next look begins where a new file begins."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._offset, self._rest, self._skipping = None, 0, b"", False

    @property
    def _held(self) -> int:
        assert self._descriptor is not None
        return self._descriptor

    def _open(self) -> None:
        is_first, self._begun = not self._begun, True
        # Not blocking: the path may be a pipe, which has no end to begin at and would wait for a writer.
        self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        # One that was not there at the first look and is now is new: all of it was added since.
        self._offset = os.fstat(self._descriptor).st_size if is_first else 0

    def _replaced(self) -> bool:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False  # moved away, and no new one yet: the old one is still written to
        held = os.fstat(self._held)
        return (found.st_dev, found.st_ino) != (held.st_dev, held.st_ino)

    def _read(self, most: int) -> Generator[bytes, None, int]:
        """Yield whole lines of at most `most` bytes; return how many bytes were read."""
        if os.fstat(self._held).st_size < self._offset:
            self._offset, self._rest, self._skipping = 0, b"", False
        taken = 0
        while taken < most and (chunk := os.pread(self._held, min(_CHUNK, most - taken), self._offset)):
            taken += len(chunk)
            self._offset += len(chunk)
            yield from self._split(chunk)
        return taken

    def _split(self, chunk: bytes) -> Iterator[bytes]:
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            if self._skipping:
                self._skipping = False
            else:
                yield (self._rest + line).removesuffix(b"\r")
            self._rest = b""
        if self._skipping:
            return
        self._rest += rest
        if len(self._rest) > MOST_LINE:
            yield self._rest[:MOST_LINE]
            self._rest, self._skipping = b"", True
