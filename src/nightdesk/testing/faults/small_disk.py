"""A small file system, the real thing, and a file that takes the room on it."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nightdesk.store.folder import DataFolder
from nightdesk.testing.servers.services import require_program


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """Give an empty file system of so many megabytes, mounted below `place`; skips the test where that is refused."""
    disk = place / "disk"
    disk.mkdir()
    command = [require_program("mount"), "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk)]
    made = subprocess.run(command, capture_output=True, check=False, timeout=10)
    if made.returncode:
        pytest.skip(f"mounting a small file system needs root: {made.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        subprocess.run([require_program("umount"), "-l", str(disk)], check=True, timeout=10)


def fill(disk: Path, leave: int = 0) -> Path:
    """Take the room that is left, but for `leave` bytes; return the file that does, to be unlinked."""
    filler = disk / "filler"
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT, 0o600)
    with contextlib.suppress(OSError):  # no room is what was wanted
        while DataFolder(disk, -1).free_bytes() > leave:
            os.write(descriptor, bytes(4096))
    os.close(descriptor)
    return filler
