"""A log followed by its path: over rotation, and while a server still writes to the file that was rotated away."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from nightdesk.collect.http_logs.growing import GrowingFile

MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes read at one look; what is beyond waits for the next."""
LINGER_SECONDS: Final = 60.0
"""How long a file that was replaced is still read: a server goes on with it until it is told to reopen its logs."""
MOST_FORMER: Final = 4
"""Files of before that are read at one time; where there are as many, the next rotation is followed when one ends."""


class LogFollower:
    """Gives the whole lines that were added since the last look. Blocking; for one thread alone.

    It begins at the end of the file: what happened before is not happening now. A file that takes the place of the
    followed one (rotation) is read from its beginning, and those before beside it for a minute; a file that got
    shorter was truncated and is read from its beginning too.
    """

    def __init__(self, path: Path, monotonic: Callable[[], float]) -> None:
        """Follow this path by a clock in seconds; nothing is opened yet."""
        self._path, self._monotonic = path, monotonic
        self._current: GrowingFile | None = None
        self._former: list[tuple[float, GrowingFile]] = []
        """Files that were replaced, each with the time at which it is left, oldest first."""
        self._has_looked = False
        self.behind = 0
        """Bytes that were not read yet at the last look."""

    def lines(self) -> Iterator[bytes]:
        """Yield the lines added since the last look, without their ends. Raises OSError where there is no file."""
        left, now = MOST_BYTES, self._monotonic()
        for leave_at, former in list(self._former):
            left -= yield from former.read(left)
            if now >= leave_at and not former.behind:
                former.close()
                self._former.remove((leave_at, former))
        current = self._opened()
        left -= yield from current.read(left)
        if left > 0 and len(self._former) < MOST_FORMER and not current.is_at(self._path):
            self._former.append((now + LINGER_SECONDS, current))
            self._current = None
            current = self._opened()
            yield from current.read(left)
        self.behind = current.behind + sum(former.behind for _, former in self._former)

    def close(self) -> None:
        """Close what is open; the next look begins where a new file begins."""
        for each in (self._current, *(former for _, former in self._former)):
            if each is not None:
                each.close()
        self._current, self._former = None, []

    def _opened(self) -> GrowingFile:
        # One that was not there at the first look and is now is new: all of it was added since.
        is_first, self._has_looked = not self._has_looked, True
        if self._current is None:
            self._current = GrowingFile.open(self._path, from_end=is_first)
        return self._current
