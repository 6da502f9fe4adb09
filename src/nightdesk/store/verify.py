"""Verifying a data folder or a snapshot: every file is read and every checksum worked out; nothing is changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nightdesk.errors import CorruptData, StoreError
from nightdesk.model.buckets import Column
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.days.day_file import DayFile
from nightdesk.store.samples.days.decoded import Decoded
from nightdesk.store.samples.days.names import day_of_file
from nightdesk.store.samples.journal.journal import Journal
from nightdesk.store.samples.packed.pack_format import is_packed
from nightdesk.store.samples.packed.pack_reader import PackMemory, PackReader
from nightdesk.store.samples.rows.reader import DayReader
from nightdesk.store.sqlite import damage_of
from nightdesk.store.tiers.files.label_section import LabelSection
from nightdesk.store.tiers.files.tier_file import TierFile

_MOST_TOLD: Final = 20
"""Places of one file that are named; the others are counted."""
_SERIES_A_GROUP: Final = 256


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in one file."""

    file: str
    """Relative to the folder."""
    size: int
    samples: int | None
    """Samples read; None for a file that holds none."""
    damage: tuple[str, ...]
    """Sentences; empty for a sound file."""


class _Noted(Damage):
    """Damage that is returned instead of logged: whoever verifies is told all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.sentences: dict[str, None] = {}

    def note(self, place: str, what: str) -> None:
        """Take a place down."""
        self.sentences[f"{place}: {what}"] = None


class _Unbounded:
    """All of it is read."""

    def charge(self, samples: int) -> None:
        """Count nothing."""

    def check(self) -> None:
        """Refuse nothing."""


def verify(data: Path) -> Iterator[Verified]:
    """Read each database of a folder and yield what is found; beside a running desk files may go meanwhile.

    A file that went, as compaction and retention take them, is left out. Files that were set aside are not looked at.
    """
    for path in sorted(data.rglob("*.db")):
        name = path.relative_to(data)
        if name.parts[0] == "snapshots" or ".trash" in name.parts:
            continue
        try:
            size = path.stat().st_size
            samples, damage = _kind(name)(path)
        except CorruptData as error:
            samples, damage = None, [str(error)]
        except (OSError, StoreError) as error:
            if not path.exists():
                continue
            samples, damage = None, [f"it cannot be read: {error}"]
        told = damage[:_MOST_TOLD]
        if len(damage) > len(told):
            told.append(f"and {len(damage) - len(told)} places more")
        yield Verified(str(name), size, samples, tuple(told))


_Found = tuple[int | None, list[str]]


def _kind(name: Path) -> Callable[[Path], _Found]:
    if name == Path("samples/journal.db"):
        return _journal
    if name.parent == Path("samples/days") and day_of_file(name) is not None:
        return _day_file
    if name.parent.parent == Path("samples/tiers"):
        return _tier_file
    return _database


def _database(path: Path) -> _Found:
    return None, damage_of(path)


def _day_file(path: Path) -> _Found:
    found = damage_of(path)
    damage = _Noted()
    reader = _opened(path, damage)
    try:
        samples = _read(reader)
    finally:
        reader.close()
    return samples, [*found, *damage.sentences]


def _tier_file(path: Path) -> _Found:
    found, file = damage_of(path), TierFile(path)
    try:
        section = LabelSection(file.label_bytes())
        for _ in file.read(section, section.everyone(), tuple(Column), _Unbounded(), sketches=True):
            pass  # what fails its check is raised
    finally:
        file.close()
    return None, found


def _opened(path: Path, damage: Damage) -> DayFile:
    if is_packed(path):
        return PackReader(path, damage, PackMemory(Decoded()))
    return DayReader(path, damage, sealed=path.name.count(".") == 1)


def _read(reader: DayFile) -> int:
    samples, series = 0, reader.everyone()
    for name in reader.names():
        reader.values(name)
    for low in range(0, len(series), _SERIES_A_GROUP):
        group = series[low : low + _SERIES_A_GROUP]
        reader.labels(group)
        for panel in reader.panels(group, MIN_INSTANT, MAX_INSTANT, _Unbounded()):
            samples += panel.values.size
    return samples


def _journal(path: Path) -> _Found:
    found = damage_of(path)
    journal = Journal.read_only(path)
    try:
        found += [f"the labels of series {ref} fail their check" for ref, labels in journal.series() if labels is None]
        samples = 0
        for number, batch in journal.entries():
            if batch is None:
                found.append(f"entry {number} fails its check")
            else:
                samples += len(batch)
    finally:
        journal.close()
    return samples, found
