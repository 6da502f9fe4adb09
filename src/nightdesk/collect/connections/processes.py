"""The sockets of processes by name, from /proc: who has the name, and which sockets they hold."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from nightdesk.errors import CollectError

MOST_PROCESSES: Final = 256
"""Processes of one name that are looked at."""
MOST_DESCRIPTORS: Final = 65_536
"""Descriptors of one process that are looked at."""
SEEK_SECONDS: Final = 5.0
"""How often /proc is searched for new processes of a name; known ones are looked at each time."""
_SOCKET: Final = "socket:["
_MOST_ARGUMENTS: Final = 4_096
_COMM_LENGTH: Final = 15
"""The kernel cuts a process' own name to this."""


class WatchedProcesses:
    """Finds the sockets of the processes that bear one name. Blocking; for one thread alone."""

    def __init__(self, name: str, proc: str = "/proc") -> None:
        """Watch this name: that of the program, or of the script an interpreter runs."""
        self.name, self._proc = name, proc
        self._sought_at = -1e9
        self._members: list[str] = []

    def inodes(self, now: float) -> set[int]:
        """Return the inodes of all sockets that the processes hold at `now` (boot seconds).

        Raises:
            CollectError: a process of that name belongs to somebody else, so that its sockets cannot be seen.
        """
        if now - self._sought_at >= SEEK_SECONDS or not self._members:
            self._members = list(self._named())
            self._sought_at = now
        found: set[int] = set()
        for process in self._members:
            try:
                found.update(_sockets(f"{self._proc}/{process}/fd"))
            except FileNotFoundError:
                self._sought_at = -1e9  # it has ended: look anew the next time
            except PermissionError as error:
                raise CollectError(
                    f"the connections of {self.name} (process {process}) cannot be seen: it runs as another user"
                ) from error
        return found

    def _named(self) -> Iterator[str]:
        count = 0
        for entry in os.scandir(self._proc):
            if entry.name.isdigit() and self._bears_it(entry.name):
                count += 1
                yield entry.name
                if count == MOST_PROCESSES:
                    return

    def _bears_it(self, process: str) -> bool:
        try:
            own = _content(f"{self._proc}/{process}/comm").rstrip(b"\n").decode(errors="replace")
            if own == self.name[:_COMM_LENGTH] and len(self.name) <= _COMM_LENGTH:
                return True
            arguments = _content(f"{self._proc}/{process}/cmdline").split(b"\0")
        except OSError:
            return False  # it has just ended
        return self.name in _names([each.decode(errors="replace") for each in arguments[:3]])


def _names(arguments: Sequence[str]) -> list[str]:
    """Return what a process is called by its arguments: the program, and the script or module an interpreter runs."""
    if not arguments or not arguments[0]:
        return []
    program = Path(arguments[0]).name
    rest = arguments[1:]
    if not program.startswith(("python", "node", "ruby", "perl", "java", "sh", "bash")) or not rest:
        return [program]
    script = rest[1] if rest[0] == "-m" and len(rest) > 1 else rest[0]
    return [program, Path(script).name, Path(script).stem]


def _sockets(folder: str) -> Iterator[int]:
    for count, entry in enumerate(os.scandir(folder)):
        if count >= MOST_DESCRIPTORS:
            return
        try:
            target = os.readlink(entry.path)  # noqa: PTH115 - a process may have thousands, and Path costs ten times
        except FileNotFoundError:
            continue  # closed since
        if target.startswith(_SOCKET):
            yield int(target[len(_SOCKET) : -1])


def _content(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _MOST_ARGUMENTS)
    finally:
        os.close(descriptor)
