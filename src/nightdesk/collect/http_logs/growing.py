"""One open log file, read as it grows: whole lines, each once, each bounded."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final, Self

MOST_LINE: Final = 64 * 1024
"""Bytes a line may have; a longer one is given as what it began with, once."""
CHUNK: Final = 256 * 1024
"""Bytes read by one call."""


class GrowingFile:
    """A descriptor, and how far its file was read. Blocking; for one thread alone."""

    def __init__(self, descriptor: int, *, from_end: bool) -> None:
        """Take the descriptor over, and begin at the end or at the beginning of the file."""
        self._descriptor = descriptor
        self._offset = os.fstat(descriptor).st_size if from_end else 0
        self._rest = b""
        self._skipping = False

    @classmethod
    def open(cls, path: Path, *, from_end: bool) -> Self:
        """Open a path; raises OSError."""
        # Not blocking: the path may be a pipe, which has no end to begin at and would wait for a writer.
        return cls(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), from_end=from_end)

    @property
    def behind(self) -> int:
        """Bytes that were not read yet."""
        return max(0, os.fstat(self._descriptor).st_size - self._offset)

    def is_at(self, path: Path) -> bool:
        """True while the path leads here, or nowhere: moved away, and no new one yet, it is still written to."""
        try:
            found = path.stat()
        except FileNotFoundError:
            return True
        held = os.fstat(self._descriptor)
        return (found.st_dev, found.st_ino) == (held.st_dev, held.st_ino)

    def read(self, most: int) -> Generator[bytes, None, int]:
        """Yield whole lines of at most `most` bytes; return how many bytes were read."""
        if os.fstat(self._descriptor).st_size < self._offset:
            self._offset, self._rest, self._skipping = 0, b"", False
        taken = 0
        while taken < most and (chunk := os.pread(self._descriptor, min(CHUNK, most - taken), self._offset)):
            taken += len(chunk)
            self._offset += len(chunk)
            yield from self._split(chunk)
        return taken

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

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
