"""Reading /proc and /sys: bytes in, descriptors kept."""

import os
from collections.abc import Sequence
from typing import Final

Pairs = tuple[tuple[str, str], ...]
"""Labels of one point, without the metric's name, in a fixed order for each metric."""
Point = tuple[str, Pairs, float]
"""Name, labels, value."""

NO_LABELS: Final[Pairs] = ()
_CHUNK: Final = 65_536
_MOST: Final = 8 * 1024 * 1024


class HostFiles:
    """The files of one machine, below a `/proc` and a `/sys` that tests may replace.

    Files of /proc stay open: opening them anew costs nearly twice as much. What is read within one
    pass is kept until `begin`, so that two families share /proc/stat. Not safe for several threads.
    """

    def __init__(self, proc: str = "/proc", sys: str = "/sys") -> None:
        """Take the two roots."""
        self._proc, self._sys = proc, sys
        self._open: dict[str, int] = {}
        self._read: dict[str, bytes] = {}

    @property
    def live(self) -> bool:
        """True where these are the files of the running kernel, which may then be asked in other ways too."""
        return self._proc == "/proc"

    def begin(self) -> None:
        """Begin a pass: everything is read anew."""
        self._read.clear()

    def proc(self, path: str) -> bytes:
        """Return the content of a file below /proc; raises OSError where there is none."""
        known = self._read.get(path)
        if known is None:
            known = self._read[path] = self._content(path)
        return known

    def sys(self, path: str) -> str:
        """Return the stripped text of a small file below /sys; raises OSError."""
        # Not through pathlib and text files: they cost two and a half times as much, and there are dozens of these.
        descriptor = os.open(f"{self._sys}/{path}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.read(descriptor, _CHUNK).decode(errors="backslashreplace").strip()
        finally:
            os.close(descriptor)

    def sys_names(self, path: str) -> Sequence[str]:
        """Return the names in a folder below /sys, sorted; none where it does not exist."""
        try:
            return sorted(os.listdir(f"{self._sys}/{path}"))  # noqa: PTH208 - see above
        except FileNotFoundError:
            return ()

    def close(self) -> None:
        """Close what is open."""
        while self._open:
            os.close(self._open.popitem()[1])

    def _content(self, path: str) -> bytes:
        descriptor = self._open.get(path)
        if descriptor is not None:
            try:
                return _whole(descriptor)
            except OSError:
                # The device behind it may have gone and come back: once more by name.
                os.close(self._open.pop(path))
        descriptor = os.open(f"{self._proc}/{path}", os.O_RDONLY | os.O_CLOEXEC)
        self._open[path] = descriptor
        return _whole(descriptor)


def _whole(descriptor: int) -> bytes:
    """Read from the start to the end; a short read is not the end, /proc gives whole records only."""
    chunks, offset = [], 0
    while offset < _MOST and (chunk := os.pread(descriptor, _CHUNK, offset)):
        chunks.append(chunk)
        offset += len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
