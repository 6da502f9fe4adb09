"""The files of one tier: which periods it has, each read, replaced and removed as a whole."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nightdesk.errors import CorruptData, NewerFormat, StoreError
from nightdesk.model.buckets import FIVE_MINUTES
from nightdesk.model.lru_cache import LruCache
from nightdesk.store.durable import make_folder
from nightdesk.store.samples.damage import FOUND_BEFORE, Damage
from nightdesk.store.set_aside import ASIDE, name_aside
from nightdesk.store.sqlite import in_our_words, move_database, remove_database, sync_file
from nightdesk.store.tiers.files.label_section import Check, LabelSection, unhurried
from nightdesk.store.tiers.files.periods import FOLDERS, Period, day_period, days_of_source, period_of_name
from nightdesk.store.tiers.files.tier_file import TierFile
from nightdesk.store.tiers.files.tier_tombstones import TierTombstones

_MOST_BYTES: Final = 64 * 2**20


class LabelSections:
    """Label sections lately read, by content: day after day has the same series. Safe from several threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        """Keep up to so many bytes of them, and at least one."""
        self._kept = LruCache[LabelSection](most_bytes)

    @property
    def bytes(self) -> int:
        """About how many bytes are kept."""
        return self._kept.weight

    def of(self, file: TierFile, check: Check = unhurried) -> LabelSection:
        """Return the labels of a file. Raises CorruptData, and what `check` does."""
        data = file.label_bytes()
        key = hashlib.blake2b(data, digest_size=16).digest()
        known = self._kept.get(key)
        if known is None:
            known = LabelSection(data, check)
            self._kept.put(key, known, known.nbytes)
        return known


class TierFolder:
    """The finished files of one resolution. Safe from several threads; one at a time may write.

    A file is opened for each question and closed with it, so that replacing and removing wait for nobody.
    """

    def __init__(
        self,
        parent: Path,
        resolution: int,
        damage: Damage,
        tombstones: TierTombstones,
        sections: LabelSections | None = None,
    ) -> None:
        """Look through the folder, clearing what an interrupted build left; folders may share `sections`."""
        self.resolution, self._damage, self._tombstones = resolution, damage, tombstones
        self.folder = parent / FOLDERS[resolution]
        self.sections = sections or LabelSections()
        self._turn = threading.Lock()
        self._sources: dict[Period, str | None] = {}
        self._newer: set[Period] = set()
        self.changes = 0
        """How often a file came, became another or went."""
        with in_our_words(self.folder):
            make_folder(self.folder)
            for rubbish in self.folder.glob("*.part*"):
                rubbish.unlink()
            for file in self.folder.glob("*.db"):
                period = period_of_name(resolution, file.stem)
                if period is not None:
                    self._sources[period] = None
        self._recall()

    def __len__(self) -> int:
        return len(self._sources)

    def periods(self) -> list[Period]:
        """Return the periods that have a file, rising."""
        with self._turn:
            return sorted(self._sources)

    def newer(self) -> list[Period]:
        """Return the periods that were found to have a file of a newer release, rising: it stays as it is."""
        with self._turn:
            return sorted(self._newer)

    def source(self, period: Period) -> str | None:
        """Return what a period's file was made of, None where there is none that can be read."""
        with self._turn:
            if period not in self._sources:
                return None
            known = self._sources[period]
        if known is None:
            with self.reading(period) as file:
                known = None if file is None else file.span.source
            with self._turn:
                if period in self._sources:
                    self._sources[period] = known
        return known

    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(map(self.bytes_of, [*self.periods(), *self.newer()]))

    def bytes_of(self, period: Period) -> int:
        """Return the size of a period's file, 0 without one."""
        try:
            return self._file(period).stat().st_size
        except OSError:
            return 0

    def unfinished(self, period: Period) -> Path:
        """Return the name under which a file is built."""
        return self.folder / f"{period.name}.part"

    @contextmanager
    def reading(self, period: Period) -> Iterator[TierFile | None]:
        """Give a period's file, None where there is none; one that turns out damaged is set aside, which is raised."""
        file = self._opened(period)
        try:
            yield file
        except CorruptData as error:
            self._set_aside(period, error)
            raise
        finally:
            if file is not None:
                file.close()

    def put(self, period: Period, finished: Path, source: str) -> None:
        """Put a finished file in its place; it was made without anything that is deleted.

        Raises:
            NewerFormat: a file of a newer release lies there.
        """
        target = self._file(period)
        if period in self._newer:
            raise NewerFormat(f"{target} was written by a newer release and stays: upgrade Nightdesk")
        with in_our_words(target):
            finished.replace(target)
        sync_file(target)
        self._tombstones.settle(self.resolution, period)
        with self._turn:
            self._sources[period], self.changes = source, self.changes + 1
        if self._tells_all(period, source):
            self._damage.take_back(self._place(period))

    def remove(self, period: Period) -> None:
        """Unlink a period's file."""
        self._forget(period)
        remove_database(self._file(period))

    def _file(self, period: Period) -> Path:
        return self.folder / f"{period.name}.db"

    def _place(self, period: Period) -> str:
        return f"tiers/{self.folder.name}/{period.name}.db"

    def _recall(self) -> None:
        """Report what was set aside before and not made again: it stays missing, whenever the desk was started."""
        for aside in sorted(self.folder.glob(f"*.db{ASIDE}*")):
            period = period_of_name(self.resolution, aside.name.split(".", 1)[0])
            if period is not None and not self._tells_all(period, self.source(period)):
                self._damage.note(self._place(period), FOUND_BEFORE, period.days)

    def _tells_all(self, period: Period, source: str | None) -> bool:
        """Tell whether a file made of `source` lacks no day: a month is made again even of some of its days."""
        if source is None or self.resolution == FIVE_MINUTES:
            return source is not None
        return days_of_source(source).issuperset(day_period(day).name for day in period.days)

    def _opened(self, period: Period) -> TierFile | None:
        with self._turn:
            if period not in self._sources:
                return None
        path = self._file(period)
        try:
            return TierFile(path, self._tombstones.of(self.resolution, period))
        except CorruptData as error:
            self._set_aside(period, error)
            return None
        except NewerFormat as error:
            # It stays, for the release that reads it, and costs this period alone.
            self._damage.note(self._place(period), str(error), ())
            self._forget(period)
            with self._turn:
                self._newer.add(period)
            return None
        except StoreError:
            if path.exists():
                raise
            self._forget(period)  # somebody else removed it
            return None

    def _forget(self, period: Period) -> None:
        with self._turn:
            self._sources.pop(period, None)
            self.changes += 1

    def _set_aside(self, period: Period, error: CorruptData) -> None:
        """Rename a damaged file to `*.damaged` and report it; where samples are, it is made again of them."""
        path = self._file(period)
        self._damage.note(self._place(period), str(error), period.days)
        self._forget(period)
        if path.exists():
            move_database(path, name_aside(path))
