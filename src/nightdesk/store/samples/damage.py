"""What was found damaged: set aside and counted, so that a person hears of it and no wrong sample is served."""

import logging
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from nightdesk.model.instant import HOUR, SECOND, day_of
from nightdesk.store.samples.day_names import day_name, day_of_file
from nightdesk.store.set_aside import ASIDE

_KEPT: Final = 1_000
_LONGEST_UNSEALED: Final = 2 * HOUR
"""What is in the journal was taken at most so long before its last write: a seal is due each hour."""
FOUND_BEFORE: Final = "it was found damaged before and set aside; remove it once nobody wants to look"
_log = logging.getLogger(__name__)


class Damage:
    """A bounded list of damaged places, each told once. Safe from several threads."""

    def __init__(self) -> None:
        """Start without damage."""
        self._turn = threading.Lock()
        self._places: dict[str, str] = {}
        self._by_day: dict[int, list[str]] = {}
        self.count = 0
        """How many damaged places were met; beyond the first 1,000 a place may be counted again."""

    def note(self, place: str, what: str, days: Iterable[int] | None = None) -> None:
        """Report a damaged place, named so that a person can find it.

        `days` are those of which samples may be missing; without it the day that the file at `place` is named after.
        """
        with self._turn:
            if place in self._places:
                return
            self.count += 1
            if len(self._places) < _KEPT:
                self._places[place] = what
                for day in _named(place) if days is None else days:
                    self._by_day.setdefault(day, []).append(place)
        _log.error("damaged data set aside: %s: %s", place, what)

    def recall(self, folder: Path) -> None:
        """Report what was set aside in a folder of samples before: it stays missing, whenever the desk was started."""
        for file in sorted((*folder.glob(f"*{ASIDE}*"), *folder.glob(f"days/*{ASIDE}*"))):
            if not file.name.endswith(("-wal", "-shm", "-journal")):
                is_journal = file.name.startswith("journal.db.")
                days = unsealed_days(file) if is_journal else None
                self.note(str(file.relative_to(folder)), FOUND_BEFORE, days)

    def take_back(self, place: str) -> None:
        """Tell of a place no more: what it held is whole again. Should it be damaged anew, it is told anew."""
        with self._turn:
            if self._places.pop(place, None) is not None:
                kept = {day: [each for each in told if each != place] for day, told in self._by_day.items()}
                self._by_day = {day: told for day, told in kept.items() if told}

    def told(self) -> tuple[str, ...]:
        """Return sentences on the damaged places, oldest first."""
        with self._turn:
            return tuple(f"{place}: {what}" for place, what in self._places.items())

    def between(self, start: int, end: int) -> list[str]:
        """Return a sentence on each day that [start, end] ms touches and of which samples may be missing, rising."""
        if not self._by_day:
            return []
        with self._turn:
            touched = sorted(day for day in self._by_day if day_of(start) <= day <= day_of(end))
            return [self._sentence(day) for day in touched]

    def _sentence(self, day: int) -> str:
        first, *others = self._by_day[day]
        more = f", and {len(others)} more" if others else ""
        return (
            f"samples of {day_name(day)} may be missing from this answer, for stored data were found damaged:"
            f" {first}: {self._places[first]}{more}; `nightdesk verify` names all of it, a snapshot may still have it"
        )


def unsealed_days(journal: Path) -> range:
    """Return the days whose samples a journal held when it was last written, by the file's time; none without one."""
    names = (journal, journal.with_name(f"{journal.name}-wal"))
    written = [round(each.stat().st_mtime * SECOND) for each in names if each.exists()]
    return range(day_of(max(written) - _LONGEST_UNSEALED), day_of(max(written)) + 1) if written else range(0)


def _named(place: str) -> list[int]:
    """Return the day that a place's file is named after: `days/2026-11-22.db.damaged`, `2026-11-22.3.db chunk 7`."""
    day = day_of_file(Path(place))
    return [] if day is None else [day]
