"""What a process did to the files below a folder, in order: recorded by a library that is compiled for the test."""

import os
import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from nightdesk.testing.servers.services import require_program

_HEAD: Final = struct.Struct("<cxHHIQQ")


class Kind(Enum):
    """What was done; the bytes that write_recorder.c puts first."""

    CREATE = b"C"
    MAKE_FOLDER = b"D"
    WRITE = b"W"
    TRUNCATE = b"T"
    SYNC = b"S"
    SYNC_FOLDER = b"F"
    RENAME = b"R"
    LINK = b"L"
    UNLINK = b"U"
    TOLD = b"A"


@dataclass(frozen=True, slots=True)
class Record:
    """One call: `path` and `other` are relative to the folder, `inode` names the file where there is no path."""

    kind: Kind
    inode: int
    offset: int
    """Where a write began, or the length after a truncation."""
    path: str
    other: str
    data: bytes


def record(command: Sequence[str], root: Path, told: Path, work: Path, *, seconds: float = 120.0) -> list[Record]:
    """Run a program to its end and return what it did below `root`; what it writes to the file `told` is kept too.

    Skips the test without a compiler, or fails in CI.

    Raises:
        CalledProcessError, TimeoutExpired: the program failed, or ran too long.
    """
    log, library = work / "writes.log", work / "write_recorder.so"
    with as_file(files("nightdesk.testing.faults") / "write_recorder.c") as source:
        compile_it = [require_program("gcc", "cc"), "-shared", "-fPIC", "-O1", "-o", str(library), str(source)]
        subprocess.run([*compile_it, "-ldl", "-lpthread"], check=True, timeout=60)
    places = {"RECORD_ROOT": str(root.absolute()), "RECORD_TOLD": str(told.absolute()), "RECORD_LOG": str(log)}
    subprocess.run(command, check=True, timeout=seconds, env={**os.environ, **places, "LD_PRELOAD": str(library)})
    return list(_records(log.read_bytes()))


def _records(log: bytes) -> Iterator[Record]:
    at = 0
    while at < len(log):
        kind, path_bytes, other_bytes, data_bytes, inode, offset = _HEAD.unpack_from(log, at)
        at += _HEAD.size
        ends = (at + path_bytes, at + path_bytes + other_bytes, at + path_bytes + other_bytes + data_bytes)
        path, other = os.fsdecode(log[at : ends[0]]), os.fsdecode(log[ends[0] : ends[1]])
        # A truncation tells a length and carries no bytes.
        yield Record(Kind(kind), inode, offset, path, other, log[ends[1] : ends[2]])
        at = ends[2]
