"""A snapshot of a data folder: what lies in it at one instant, as a folder that a desk can be started on.

Files that never change are linked, databases are copied through SQLite while others write to them, and the folder bears
its name only once everything in it is durable. Whoever writes samples must leave the day files as they are meanwhile.
"""

import errno
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from nightdesk.errors import Refused, StoreError
from nightdesk.store.disk_reserve import demand_disk
from nightdesk.store.inventory import SNAPSHOTS, Kind, files_of, kind_of
from nightdesk.store.sqlite import copy_database, in_our_words, sync_file

FOLDER: Final = SNAPSHOTS
_UNFINISHED: Final = ".part"
_FIRST: Final = ("samples/deletions.db", "samples/journal.mark", "samples/journal.db")
"""Both tell of what the journal held then, so the journal must not be older than they are."""
Progress = Callable[[int, int], None]
"""Told bytes done and bytes in all, after each file."""

_log = logging.getLogger(__name__)


class _How(Enum):
    LINK = "link"
    DATABASE = "database"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class _Piece:
    name: str
    """Relative to the data folder."""
    how: _How
    size: int


def take_snapshot(data: Path, target: Path, progress: Progress | None = None) -> int:
    """Make `target` a snapshot of a data folder, durable when this returns; return its size in bytes.

    Raises:
        Refused: something lies at `target` already, or it is a place that the data folder keeps for its own.
        DataFolderFull: there is no room for what has to be copied; nothing is left behind.
        StoreError: a file cannot be read or written.
    """
    demand_place(data, target)
    unfinished = target.with_name(f"{target.name}{_UNFINISHED}")
    with in_our_words(target):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear(unfinished)
        unfinished.mkdir(mode=0o700)
    try:
        pieces = list(_pieces(data, can_link=data.stat().st_dev == unfinished.stat().st_dev))
        demand_disk(unfinished, sum(piece.size for piece in pieces if piece.how is not _How.LINK))
        done, whole = 0, sum(piece.size for piece in pieces)
        for piece in pieces:
            try:
                _take(data / piece.name, unfinished / piece.name, piece.how)
            except StoreError:
                # A tier's file gives way to another of its period while this goes on, and that one was linked or not.
                if (data / piece.name).exists():
                    raise
            done += piece.size
            if progress is not None:
                progress(done, whole)
        _finish(unfinished, target)
    except BaseException:
        _clear(unfinished)
        raise
    return whole


def demand_place(data: Path, target: Path) -> None:
    """Refuse to make a snapshot where something is, or inside its own data folder, beside its `snapshots/`.

    Anywhere else in there the next one would take it along, and so on.
    """
    if target.exists():
        raise Refused(f"{target} is there already: name a folder that is not")
    place, home = target.resolve(), data.resolve()
    if place.is_relative_to(home) and place.parent != home / FOLDER:
        raise Refused(f"{target} lies in the data folder itself: name a folder outside of it, or one in {FOLDER}/")


def clear_unfinished(data: Path) -> None:
    """Remove the snapshots in a data folder that were broken off by a kill: their links hold on to days that are gone.

    Right only for who holds the folder while none is being taken. What cannot be removed is logged.
    """
    for unfinished in (data / FOLDER).glob(f"*{_UNFINISHED}"):
        try:
            shutil.rmtree(unfinished)
        except OSError as error:
            _log.warning(
                "the rest of a snapshot that was broken off cannot be removed: %s: %s", error.filename, error.strerror
            )


def _pieces(data: Path, *, can_link: bool) -> Iterator[_Piece]:
    """Yield what belongs to a snapshot, in the order in which it is to be taken."""
    names = [name for name in _FIRST if (data / name).is_file()]
    names += [str(name) for name, _ in files_of(data) if str(name) not in names]
    for name in names:
        path = data / name
        how = _how(kind_of(Path(name)), can_link=can_link)
        log = _size(path.with_name(f"{path.name}-wal")) if how is _How.DATABASE else 0
        yield _Piece(name, how, _size(path) + log)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _how(kind: Kind, *, can_link: bool) -> _How:
    if kind.never_changes:
        return _How.LINK if can_link else _How.COPY
    return _How.DATABASE if kind.is_database else _How.COPY


def _take(path: Path, target: Path, how: _How) -> None:
    with in_our_words(target):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    match how:
        case _How.DATABASE:
            copy_database(path, target)
        case _How.LINK:
            _link(path, target)
        case _How.COPY:
            with in_our_words(target):
                shutil.copy2(path, target)
            sync_file(target)


def _link(path: Path, target: Path) -> None:
    """Link a file; copy it where that is refused, as across mounts of one file system and of another's files."""
    with in_our_words(target):
        try:
            os.link(path, target)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM):
                raise
            _take(path, target, _How.COPY)


def _finish(unfinished: Path, target: Path) -> None:
    """Make every name durable, then give the folder its own."""
    with in_our_words(target):
        for folder in (unfinished, *(path for path in unfinished.rglob("*") if path.is_dir())):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        unfinished.rename(target)
    sync_file(target)


def _clear(unfinished: Path) -> None:
    if unfinished.exists():
        shutil.rmtree(unfinished)
