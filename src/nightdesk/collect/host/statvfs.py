"""Sizes of filesystems that may hang (NFS, FUSE, anything unknown), asked for through a process that can be killed."""

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nightdesk.collect.host import statvfs_child

PATIENCE_SECONDS: Final = 2.0
"""How long one filesystem may take to tell its size."""
FIRST_REST_SECONDS: Final = 60.0
LONGEST_REST_SECONDS: Final = 900.0
"""A filesystem that hung is left alone for a minute, then twice as long each time up to this."""
MOST_STUCK: Final = 4
"""Killed processes that cannot die (their system call never returns); with so many, nothing more is asked."""

REAP_SECONDS: Final = 0.2
"""How long `close` waits for a killed process."""


class Size(tuple[int, int, int, int, int, int]):
    """Blocks, free, available, files, files free, block size in bytes: as statvfs(3) has them."""

    __slots__ = ()


class StuckFilesystem(OSError):
    """It did not tell its size in time, or is being left alone since it last did not."""


class StatvfsProcess:
    """Asks one mount point at a time. Blocking, bounded by `PATIENCE_SECONDS` a call; for one thread alone."""

    def __init__(self, boot: Callable[[], float], command: tuple[str, ...] | None = None) -> None:
        """Take the boot clock for the rests; the process starts with the first question."""
        self._boot = boot
        self._command = command or (sys.executable, "-I", "-S", str(Path(statvfs_child.__file__)))
        self._child: subprocess.Popen[bytes] | None = None
        self._stuck: list[subprocess.Popen[bytes]] = []
        self._rest: dict[bytes, tuple[float, float]] = {}

    def ask(self, point: bytes) -> Size:
        """Return the size of the filesystem mounted there.

        Raises:
            StuckFilesystem: it hangs, now or when last asked.
            OSError: it answered with an error.
        """
        until, rest = self._rest.get(point, (0.0, FIRST_REST_SECONDS / 2))
        if self._boot() < until:
            raise StuckFilesystem("left alone, it hung when last asked")
        self._stuck = [each for each in self._stuck if each.poll() is None]
        if len(self._stuck) >= MOST_STUCK:
            raise StuckFilesystem("too many filesystems hang already")
        line = self._line(point)
        if not line:
            rest = min(2 * rest, LONGEST_REST_SECONDS)
            self._rest[point] = (self._boot() + rest, rest)
            raise StuckFilesystem(f"no answer within {PATIENCE_SECONDS:g} s")
        self._rest.pop(point, None)
        words = line.split()
        if words[0] == b"error":
            raise OSError(int(words[1]), os.strerror(int(words[1])))
        return Size(int(word) for word in words)

    def close(self) -> None:
        """Kill the process and wait a moment for it; one that cannot die is left to the kernel."""
        self._abandon()
        for child in self._stuck:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(REAP_SECONDS)

    def _line(self, point: bytes) -> bytes:
        child = self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(point + b"\0")
        except BrokenPipeError:
            self._abandon()
            return b""
        answered = select.poll()
        answered.register(child.stdout, select.POLLIN)
        line = child.stdout.readline() if answered.poll(PATIENCE_SECONDS * 1000) else b""
        if not line:
            self._abandon()
        return line

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            pipe = subprocess.PIPE
            self._child = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, bufsize=0, start_new_session=True)
        return self._child

    def _abandon(self) -> None:
        """Kill the child without waiting for it: a process inside a system call that hangs does not die of it."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        self._stuck.append(child)
