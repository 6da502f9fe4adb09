"""Filesystems that may hang are asked through a process: it answers, it is killed, its victim is left alone."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk.collect.host import statvfs
from nightdesk.collect.host.statvfs import FIRST_REST_SECONDS, StatvfsProcess, StuckFilesystem

HANGS = (
    "import os, time\n"
    "while chunk := os.read(0, 4096):\n"
    "    time.sleep(600) if b'dead' in chunk else os.write(1, b'7 6 5 4 3 512\\n')\n"
)
"""A stand-in for the child that hangs on one mount point, as a dead NFS server makes it."""


class Clock:
    """A boot clock under the test's hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def boot(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def stubborn(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[StatvfsProcess]:
    """Return a process that hangs on mount points called dead."""
    monkeypatch.setattr(statvfs, "PATIENCE_SECONDS", 1.5)
    process = StatvfsProcess(clock.boot, (sys.executable, "-I", "-S", "-c", HANGS))
    yield process
    process.close()


def test_the_real_child_tells_what_statvfs_tells(clock: Clock, tmp_path: Path) -> None:
    """Size of a real mount as os.statvfs has it; an error with its number; one process for all questions."""
    process = StatvfsProcess(clock.boot)
    size, here = process.ask(bytes(tmp_path)), os.statvfs(tmp_path)
    assert (size[0], size[3], size[5]) == (here.f_blocks, here.f_files, here.f_frsize)
    with pytest.raises(FileNotFoundError):
        process.ask(b"/nowhere at all")
    child = process._child
    assert process.ask(b"/")[0] > 0
    assert process._child is child
    process.close()


def test_one_that_hangs_costs_its_patience_once(stubborn: StatvfsProcess, clock: Clock) -> None:
    """The hung one is given up in time and then left alone; others are answered by a new process meanwhile."""
    began = time.monotonic()
    with pytest.raises(StuckFilesystem, match="no answer"):
        stubborn.ask(b"/mnt/dead")
    assert time.monotonic() - began < 20.0
    assert stubborn.ask(b"/mnt/well") == (7, 6, 5, 4, 3, 512)
    began = time.monotonic()
    for _ in range(100):
        with pytest.raises(StuckFilesystem, match="left alone"):
            stubborn.ask(b"/mnt/dead")
    assert time.monotonic() - began < 10.0  # the patience of each would be 150
    clock.now += FIRST_REST_SECONDS + 1
    with pytest.raises(StuckFilesystem, match="no answer"):
        stubborn.ask(b"/mnt/dead")
    clock.now += FIRST_REST_SECONDS + 1
    with pytest.raises(StuckFilesystem, match="left alone"):
        stubborn.ask(b"/mnt/dead")


def test_the_killed_process_is_gone(stubborn: StatvfsProcess) -> None:
    """What was given up is killed and reaped, not left as a zombie."""
    with pytest.raises(StuckFilesystem):
        stubborn.ask(b"/mnt/dead")
    (child,) = stubborn._stuck
    assert child.wait(5) < 0
    stubborn.ask(b"/mnt/well")
    assert stubborn._stuck == []


def test_the_child_ends_with_its_parent(clock: Clock) -> None:
    """The child ends once its input is closed, as it is when the desk dies."""
    process = StatvfsProcess(clock.boot)
    process.ask(b"/")
    child = process._child
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(5) == 0
    process.close()
