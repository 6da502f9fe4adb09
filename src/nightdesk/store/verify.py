"""Verifying a data folder or a snapshot: every file is read and every checksum worked out; nothing is changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nightdesk.errors import CorruptData, NewerFormat, StoreError
from nightdesk.model.buckets import EVERY_COLUMN
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.store.flaws import FLAWS
from nightdesk.store.inventory import Kind, files_of
from nightdesk.store.samples.chunks.day_file import DayFile
from nightdesk.store.samples.chunks.decoded import Decoded
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.deletion.tombstones import TOMBSTONES, read_tombstones
from nightdesk.store.samples.journal.journal import Journal
from nightdesk.store.samples.journal.mark import mark_beside
from nightdesk.store.samples.packed.pack_format import is_packed
from nightdesk.store.samples.packed.pack_reader import PackMemory, PackReader
from nightdesk.store.samples.rows.reader import DayReader
from nightdesk.store.sqlite import Database, damage_of
from nightdesk.store.tiers.files.label_section import LabelSection
from nightdesk.store.tiers.files.tier_file import TierFile
from nightdesk.store.unbounded import UNBOUNDED

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
    obstacle: str = ""
    """Why the file could not be examined, which says nothing about what is in it."""
    aside: bool = False
    """It was found damaged before and set aside: nobody reads it, and what it held is missing."""


class _Noted(Damage):
    """Damage that is returned instead of logged: whoever verifies is told all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.sentences: dict[str, None] = {}

    def note(self, place: str, what: str, _days: Iterable[int] | None = None) -> None:
        """Take a place down."""
        self.sentences[f"{place}: {what}"] = None


def verify(data: Path) -> Iterator[Verified]:
    """Read each database of a folder and yield what is found; beside a running desk files may go meanwhile.

    A file that went, as compaction and retention take them, is left out. One that was set aside is told as such.
    """
    for name, kind in files_of(data):
        if kind is Kind.ASIDE or kind.is_database:
            found = _verified(data / name, str(name), kind)
            if found is not None:
                yield found


def _verified(path: Path, name: str, kind: Kind) -> Verified | None:
    size = 0
    try:
        size = path.stat().st_size
        if kind is Kind.ASIDE:
            return Verified(name, size, None, (), aside=True)
        found = damage_of(path, kind.format)
        samples, places = _READERS[kind](path) if kind in _READERS else (None, [])
        told = [*found, *places][:_MOST_TOLD]
        if len(found) + len(places) > len(told):
            told.append(f"and {len(found) + len(places) - len(told)} places more")
        return Verified(name, size, samples, tuple(told))
    except NewerFormat as error:
        return Verified(name, size, None, (), obstacle=str(error))
    except FLAWS as error:
        # Whatever it is that a file makes reading stumble over, the other files are to be read.
        told = [str(error) if isinstance(error, CorruptData) else f"it cannot be read: {error!r}"]
        return Verified(name, size, None, tuple(told))
    except (OSError, StoreError) as error:
        return Verified(name, size, None, (), obstacle=str(error)) if path.exists() else None


_Found = tuple[int | None, list[str]]


def _day_file(path: Path) -> _Found:
    damage = _Noted()
    reader: DayReader | PackReader
    if is_packed(path):
        reader = PackReader(path, damage, PackMemory(Decoded()))
    else:
        reader = DayReader(path, damage, sealed="." not in path.stem)
    try:
        reader.prove()
        samples = _read(reader)
    finally:
        reader.close()
    return samples, list(damage.sentences)


def _tier_file(path: Path) -> _Found:
    file = TierFile(path)
    try:
        section = LabelSection(file.label_bytes())
        for _ in file.read(section, section.all_series(), EVERY_COLUMN, UNBOUNDED, sketches=True):
            pass  # what fails its check is raised
    finally:
        file.close()
    return None, []


def _read(reader: DayFile) -> int:
    samples, series = 0, reader.all_series()
    for name in reader.names():
        reader.values(name)
    for low in range(0, len(series), _SERIES_A_GROUP):
        group = series[low : low + _SERIES_A_GROUP]
        reader.labels(group)
        for panel in reader.panels(group, MIN_INSTANT, MAX_INSTANT, UNBOUNDED):
            samples += panel.values.size
    return samples


def _journal(path: Path) -> _Found:
    marked = mark_beside(path)  # first: beside a running desk the journal goes on
    journal = Journal.read_only(path)
    try:
        found = ["journal.mark beside it fails its check"] if marked is None else []
        found += [f"the labels of series {ref} fail their check" for ref, labels in journal.series() if labels is None]
        samples = number = 0
        for number, batch in journal.entries():
            if batch is None:
                found.append(f"entry {number} fails its check")
            else:
                samples += len(batch)
        last = journal.last_number()  # last, for the same reason
        if marked is not None and marked > last:
            found.append(f"its last {marked - last} entries are missing, as journal.mark beside it tells")
        if number > last:
            found.append(f"entry {number} is there, and the highest number ever given is {last}")
    finally:
        journal.close()
    return samples, found


def _deletions(path: Path) -> _Found:
    database = Database.read_only(path, TOMBSTONES)
    try:
        read_tombstones(database)
    finally:
        database.close()
    return None, []


_READERS: Final[Mapping[Kind, Callable[[Path], _Found]]] = {
    Kind.JOURNAL: _journal,
    Kind.DELETIONS: _deletions,
    Kind.WHOLE_DAY: _day_file,
    Kind.SUPPLEMENT: _day_file,
    Kind.TIER: _tier_file,
}
"""How each kind that has checksums of its own is read; of the others SQLite's structure and the format are checked."""
