"""The folder of day files: which days there are, few of them open at a time, and how one is replaced or removed.

A day has at most one whole file (`2026-11-22.db`), which never changes, and supplements (`2026-11-22.7.db`) of what was
sealed since: the last one takes more and more, unless it is packed. A supplement's number is never used again while the
process lives: SQLite removes side files by name when the last connection closes, and must not find a successor's.
What a waiting deletion hides is not in what readers are given, and the files it goes by take nothing new.
"""

import bisect
import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nightdesk.errors import CorruptData, NewerFormat, StoreError
from nightdesk.store.durable import make_folder, sync_folder
from nightdesk.store.samples.chunks.day_file import DayFile
from nightdesk.store.samples.chunks.decoded import Decoded
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.day_names import day_name, day_of_file, supplement_name, whole_name
from nightdesk.store.samples.days.derived_data import DerivedData, NoDerivedData
from nightdesk.store.samples.days.files import is_held_up, is_left_empty, number_of, size_of
from nightdesk.store.samples.deletion.tombstones import Tombstones
from nightdesk.store.samples.packed.pack_format import is_packed
from nightdesk.store.samples.packed.pack_reader import PackMemory, PackReader
from nightdesk.store.samples.rows.reader import DayReader
from nightdesk.store.set_aside import name_aside
from nightdesk.store.sqlite import in_our_words, move_database, remove_database, sync_file

MAX_OPEN: Final = 16
"""Files kept open, so that a retention of 100 years opens none that is not asked for."""


@dataclass(slots=True, eq=False)
class _Open:
    reader: DayFile
    users: int = 0
    doomed: bool = False
    """Closed by its last user: the file has been replaced or removed."""


class Days:
    """All day files of a store. Safe from several threads; one at a time may write."""

    def __init__(self, folder: Path, damage: Damage, tombstones: Tombstones) -> None:
        """Look through the folder, clearing what an interrupted compaction or removal left."""
        self.folder, self._damage, self._memory = folder, damage, PackMemory(Decoded())
        self._tombstones = tombstones
        self._turn = threading.RLock()
        self._open: OrderedDict[Path, _Open] = OrderedDict()
        self._proven: set[Path] = set()
        """Files of rows whose structure was checked since the start: packs check each part as they read it."""
        self._newer: set[Path] = set()
        """Files of a newer release: they stay as they are, for the release that reads them."""
        self._trash = folder / ".trash"
        with in_our_words(folder):
            make_folder(self._trash)
            for rubbish in (*self._trash.iterdir(), *folder.glob("*.part*")):
                rubbish.unlink()
        self._files: dict[int, tuple[Path, ...]] = {}
        self._supplemented: set[int] = set()
        self._turns: dict[int, int] = {}
        self.changes = 0
        """How often the files of any day became others, or took more."""
        self.derived: DerivedData = NoDerivedData()
        """What was made of these days; see `SampleStore.attach`."""
        for file in sorted(folder.glob("*.db"), key=number_of):
            day = day_of_file(file)
            if day is not None and not (number_of(file) and is_left_empty(file)):
                self._put(day, (*self._files.get(day, ()), file))
        for files in list(self._files.values()):
            for file in files:
                if not size_of(file):
                    self.set_aside(file, CorruptData(f"{file} is empty: it was cut short"))
        numbers = [number_of(file) for files in self._files.values() for file in files]
        self.last_number = max([*numbers, tombstones.last_file], default=0)
        """The highest number that a file ever had."""

    def __len__(self) -> int:
        return sum(map(len, self._files.values()))

    def between(self, first: int, last: int) -> list[int]:
        """Return the numbers of the days held in [first, last], rising."""
        days = sorted(self._files)
        return days[bisect.bisect_left(days, first) : bisect.bisect_right(days, last)]

    def supplemented(self) -> list[int]:
        """Return the days that have a supplement and can be made one file, rising."""
        return sorted(self._supplemented - {day_of_file(file) for file in self._newer})

    def bytes(self) -> int:
        """Return the size of all day files."""
        return sum(size_of(file) for files in list(self._files.values()) for file in files)

    def bytes_of(self, day: int, through: int | None = None) -> int:
        """Return the size of a day's files, those up to a number alone where `through` says so."""
        return sum(map(size_of, self.files_of(day, through)))

    def files_of(self, day: int, through: int | None = None) -> tuple[Path, ...]:
        """Return the files of a day, whole file first, those up to a number alone where `through` says so."""
        files = self._files.get(day, ())
        return files if through is None else tuple(file for file in files if number_of(file) <= through)

    def turn_of(self, day: int) -> int:
        """Return a number that grows whenever a day's files become others, or one of them has taken more."""
        return self._turns.get(day, 0)

    @contextmanager
    def reading(self, day: int, through: int | None = None) -> Iterator[list[DayFile]]:
        """Give the readers of a day, whole file first; they stay open inside, whatever happens to the files."""
        leased: list[_Open] = []
        shown: list[DayFile] = []
        try:
            with self._turn:
                for file in self.files_of(day, through):
                    opened = self._lease(file)
                    if opened is not None:
                        leased.append(opened)
                        shown.append(self._tombstones.masked(day, number_of(file), opened.reader))
            yield shown
        finally:
            with self._turn:
                for opened in leased:
                    opened.users -= 1
                if len(self._open) > MAX_OPEN or any(opened.doomed for opened in leased):
                    self._close_spare()

    @contextmanager
    def taking(self, day: int) -> Iterator[Path]:
        """Give the name of the file that takes newly sealed chunks of a day; afterwards readers find it.

        Where the writing fails a new file is removed again, and an old one that is damaged is set aside.
        """
        open_one = self._open_supplement(day)
        supplement, is_new = open_one or self._next_supplement(day), open_one is None
        try:
            yield supplement
        except BaseException as error:
            if is_new:
                with contextlib.suppress(StoreError):  # the failure itself is what matters
                    remove_database(supplement)
            elif isinstance(error, CorruptData):
                self.set_aside(supplement, error)
            elif isinstance(error, NewerFormat):
                self._leave(supplement, error)
            raise
        with self._turn:
            self._put(day, (*self._files.get(day, ()), *([supplement] if is_new else [])))

    def is_free(self, day: int) -> bool:
        """Tell whether a whole file can be written at once: there is none, and nobody would take it for an older one.

        A deletion would, that goes by it, and so would derived data that was made of the one before.
        """
        return not self.files_of(day) and not self._tombstones.masking(day, 0) and not self.derived.tells_of(day)

    def unfinished(self, day: int) -> Path:
        """Return the name under which a new packed file is built."""
        return self.folder / f"{day_name(day)}.part"

    def add(self, day: int, finished: Path) -> None:
        """Take in a finished packed file: as the whole of a day that has nothing yet, else as a further supplement."""
        if self.is_free(day):
            self.replace(day, finished, keep=False)
            return
        with self._turn:
            supplement = self._next_supplement(day)
            move_database(finished, supplement)
            sync_file(supplement)
            self._put(day, (*self._files.get(day, ()), supplement))

    def replace(self, day: int, finished: Path, *, keep: bool, through: int | None = None) -> None:
        """Put a finished whole file in the place of the files of its day; with `keep` the old ones are set aside."""
        with self._turn:
            whole = self.folder / whole_name(day)
            old = self.files_of(day, through)
            for file in self._newer.intersection(old):
                raise NewerFormat(f"{file} is of a newer release: its day is left as it is")
            later = tuple(file for file in self._files.get(day, ()) if file not in old)
            for file in old:
                self._doom(file)
                if keep:
                    move_database(file, name_aside(file))
            move_database(finished, whole)
            sync_file(whole)
            self._put(day, (whole, *later))
            for file in old:
                if file != whole:
                    remove_database(file)
                    # One by one, oldest first: of two that hold one sample, a power cut must not bring back the older
                    # alone. And once this returns none comes back, so that what was deleted stays deleted.
                    sync_folder(self.folder)

    def remove(self, day: int, through: int | None = None) -> None:
        """Forget a day: its files leave the folder by renaming, then are unlinked, which works on a full disk too."""
        with self._turn:
            files = self.files_of(day, through)
            self._put(day, tuple(file for file in self._files.get(day, ()) if file not in files))
            for file in files:
                self._doom(file)
                if not file.exists():
                    continue
                trash = self._trash / file.name
                move_database(file, trash)
                remove_database(trash)
            sync_folder(self.folder)

    def set_aside(self, file: Path, error: CorruptData) -> None:
        """Rename a malformed file to `*.damaged` and report it; its day goes on without it."""
        with self._turn:
            self._damage.note(file.name, str(error))
            if self._forget(file):
                move_database(file, name_aside(file))

    @contextmanager
    def watching(self, reader: DayFile) -> Iterator[None]:
        """Set a reader's file aside if it turns out to be malformed inside; the error goes on to the caller."""
        try:
            yield
        except CorruptData as error:
            self.set_aside(reader.path, error)
            raise

    def close(self) -> None:
        """Close all readers."""
        with self._turn:
            for opened in self._open.values():
                opened.doomed = True
            self._close_spare()

    def _lease(self, file: Path) -> _Open | None:
        opened = self._open.get(file)
        if opened is None:
            try:
                opened = self._open[file] = self._opened(file)
            except CorruptData as error:
                self.set_aside(file, error)
                return None
            except NewerFormat as error:
                self._leave(file, error)
                return None
            except StoreError:
                if file.exists():
                    raise
                self._miss(file)
                return None
        self._open.move_to_end(file)
        opened.users += 1
        return opened

    def _opened(self, file: Path) -> _Open:
        if is_packed(file):
            return _Open(PackReader(file, self._damage, self._memory))
        reader = DayReader(file, self._damage, sealed=not number_of(file), decoded=self._memory.decoded)
        if file not in self._proven:
            try:
                reader.prove()
            except BaseException:
                reader.close()
                raise
            self._proven.add(file)
        return _Open(reader)

    def _open_supplement(self, day: int) -> Path | None:
        """Return the last file of a day if it takes more."""
        with self._turn:
            for file in self._files.get(day, ())[::-1]:
                if not file.exists():
                    self._miss(file)
                    continue
                takes_more = number_of(file) > self._tombstones.last_file and not is_held_up(file)
                # Never one before it: of two values of one sample that in the higher number is the later.
                return file if takes_more and not is_packed(file) and file not in self._newer else None
            return None

    def _next_supplement(self, day: int) -> Path:
        self.last_number += 1
        return self.folder / supplement_name(day, self.last_number)

    def _leave(self, file: Path, error: NewerFormat) -> None:
        """Go on without a file that a newer release wrote, and say so; the rest of its day answers."""
        self._damage.note(file.name, str(error))
        self._newer.add(file)

    def _miss(self, file: Path) -> None:
        """Go on without a file that somebody else removed; opening it for writing would make an empty one."""
        self._damage.note(file.name, "it is gone, and its samples with it: another program or a person removed it")
        self._forget(file)

    def _forget(self, file: Path) -> bool:
        """Take a file out of its day; False if it was not in any."""
        day = day_of_file(file)
        files = () if day is None else self._files.get(day, ())
        if day is None or file not in files:
            return False
        self._doom(file)
        self._put(day, tuple(kept for kept in files if kept != file))
        return True

    def _put(self, day: int, files: tuple[Path, ...]) -> None:
        self._turns[day], self.changes = self._turns.get(day, 0) + 1, self.changes + 1
        if files:
            self._files[day] = files
        else:
            self._files.pop(day, None)
        if any(map(number_of, files)):
            self._supplemented.add(day)
        else:
            self._supplemented.discard(day)

    def _doom(self, file: Path) -> None:
        self._proven.discard(file)
        opened = self._open.pop(file, None)
        if opened is None:
            return
        opened.doomed = True
        if opened.users:
            # Under a name that no file has, so that a successor of the same name gets its own reader.
            self._open[file.with_name(f"{file.name}#{id(opened)}")] = opened
        else:
            opened.reader.close()

    def _close_spare(self) -> None:
        """Close the doomed and, beyond the bound, the longest unused; never one that is in use."""
        for file, opened in list(self._open.items()):
            if not opened.users and (opened.doomed or len(self._open) > MAX_OPEN):
                del self._open[file]
                opened.reader.close()
