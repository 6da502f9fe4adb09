"""A disk that loses its power: recorded calls are replayed, and what no sync made durable is lost, kept or torn.

The disk is as bad as POSIX allows. A write is durable once its file is synced; a new, renamed or removed name once its
folder is, and not by a sync of the file. Names that were not synced are kept or dropped each by itself, in any
combination; a rename stays one step, and is durable once either of its folders is synced.
"""

import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Final

from nightdesk.testing.faults.recording import Kind, Record

SECTOR: Final = 512
_NO_STATE: Final = "-shm"
"""SQLite maps this file and builds it anew after a crash."""


class Kept(Enum):
    """What the cut leaves of that which was not synced."""

    NONE = "none"
    ALL = "all"
    RANDOM = "random"
    TORN = "torn"
    """Each sector of a write by itself; names as with RANDOM."""


@dataclass(eq=False, slots=True)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Record] = field(default_factory=list)
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class _NameChange:
    """A name given to a file, moved or (file None) taken away."""

    path: str
    other: str
    file: _File | None

    def apply(self, names: dict[str, _File]) -> None:
        """Change the names."""
        names.pop(self.path, None)
        if self.file is not None:
            names[self.other or self.path] = self.file

    def concerns(self, folder: str) -> bool:
        """Return whether a sync of the folder makes it durable."""
        return any(path and _parent(path) == folder for path in (self.path, self.other))


class Disk:
    """Takes records in order; `after_a_cut` tells what would be found if the power went now."""

    def __init__(self, deaf_to: Collection[Kind] = ()) -> None:
        """Start empty; syncs of the kinds in `deaf_to` do nothing: a check of this very instrument."""
        self._deaf_to = frozenset(deaf_to)
        self._names: dict[str, _File] = {}
        self._durable_names: dict[str, _File] = {}
        self._name_changes: list[_NameChange] = []
        self._inodes: dict[int, _File] = {}

    def take(self, record: Record) -> None:
        """Do what was recorded."""
        match record.kind:
            case Kind.TOLD:
                return
            case Kind.WRITE | Kind.TRUNCATE:
                self._inodes[record.inode].pending.append(record)
            case Kind.SYNC | Kind.SYNC_FOLDER if record.kind in self._deaf_to:
                return
            case Kind.SYNC:
                file = self._inodes[record.inode]
                for change in file.pending:
                    _change(file.durable, change)
                file.pending.clear()
            case Kind.SYNC_FOLDER:
                self._sync_names(record.path)
            case _:
                self._rename(record)

    def after_a_cut(self, kept: Kept, names: Kept, chance: random.Random) -> dict[str, bytes | None]:
        """Return what each path holds; None for a folder. `kept` is for contents, `names` for the names of files."""
        found = dict(self._durable_names)
        for change in self._name_changes:
            if names is Kept.ALL or (names is not Kept.NONE and chance.random() < 0.5):
                change.apply(found)
        return {
            path: None if file.is_folder else bytes(_cut(file, kept, chance))
            for path, file in sorted(found.items())
            if _is_reachable(path, found) and not path.endswith(_NO_STATE)
        }

    def _rename(self, record: Record) -> None:
        match record.kind:
            case Kind.CREATE | Kind.MAKE_FOLDER:
                file: _File | None = _File(is_folder=record.kind is Kind.MAKE_FOLDER)
                assert file is not None
                self._inodes[record.inode] = file
            case Kind.UNLINK:
                file = None
            case _:
                file = self._names[record.path]
        change = _NameChange("" if record.kind is Kind.LINK else record.path, record.other, file)
        change.apply(self._names)
        self._name_changes.append(change)

    def _sync_names(self, folder: str) -> None:
        pending, self._name_changes = self._name_changes, []
        for change in pending:
            if change.concerns(folder):
                change.apply(self._durable_names)
            else:
                self._name_changes.append(change)


def cut_points(
    records: list[Record], points: Iterable[int], deaf_to: Collection[Kind] = ()
) -> Iterator[tuple[Disk, list[bytes]]]:
    """Yield the disk as it is before record number `point`, for each, and what had been told to the outside by then."""
    disk, told, done = Disk(deaf_to), list[bytes](), 0
    for point in sorted(points):
        for record in records[done:point]:
            disk.take(record)
            if record.kind is Kind.TOLD:
                told.append(record.data)
        done = point
        yield disk, told


def lay_out(found: dict[str, bytes | None], folder: Path) -> None:
    """Write to an existing, empty folder what a disk holds after a cut."""
    for path, data in found.items():
        if data is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(data)


def _cut(file: _File, kept: Kept, chance: random.Random) -> bytearray:
    content = bytearray(file.durable)
    for record in file.pending if kept is not Kept.NONE else ():
        if kept is Kept.ALL:
            _change(content, record)
        elif kept is Kept.RANDOM or record.kind is Kind.TRUNCATE:
            if chance.random() < 0.5:
                _change(content, record)
        else:
            _tear(content, record, chance)
    return content


def _tear(content: bytearray, record: Record, chance: random.Random) -> None:
    """Keep some sectors of a write; they are those of the disk, counted from the file's beginning."""
    at, end = record.offset, record.offset + len(record.data)
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        if chance.random() < 0.7:
            _put(content, at, record.data[at - record.offset : stop - record.offset])
        at = stop


def _change(content: bytearray, record: Record) -> None:
    if record.kind is Kind.WRITE:
        _put(content, record.offset, record.data)
    elif record.offset < len(content):
        del content[record.offset :]
    else:
        content.extend(bytes(record.offset - len(content)))


def _put(content: bytearray, at: int, data: bytes) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


def _is_reachable(path: str, found: dict[str, _File]) -> bool:
    parents = [str(parent) for parent in PurePosixPath(path).parents][:-1]
    return all(parent in found and found[parent].is_folder for parent in parents)


def _parent(path: str) -> str:
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent
