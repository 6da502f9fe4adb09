"""What was found damaged: set aside and counted, so that a person hears of it and no wrong sample is served."""

import logging
import threading
from pathlib import Path
from typing import Final

_KEPT: Final = 1_000
_log = logging.getLogger(__name__)


class Damage:
    """A bounded list of damaged places, each told once. Safe from several threads."""

    def __init__(self) -> None:
        """Start without damage."""
        self._turn = threading.Lock()
        self._places: dict[str, str] = {}
        self.count = 0
        """How many damaged places were met; beyond the first 1,000 a place may be counted again."""

    def note(self, place: str, what: str) -> None:
        """Report a damaged place, named so that a person can find it."""
        with self._turn:
            if place in self._places:
                return
            self.count += 1
            if len(self._places) < _KEPT:
                self._places[place] = what
        _log.error("damaged data set aside: %s: %s", place, what)

    def recall(self, folder: Path) -> None:
        """Report what was set aside in a folder of samples before: it stays missing, whenever the desk was started."""
        for file in sorted((*folder.glob("*.damaged*"), *folder.glob("days/*.damaged*"))):
            if not file.name.endswith(("-wal", "-shm", "-journal")):
                what = "it was found damaged before and set aside; remove it once nobody wants to look"
                self.note(str(file.relative_to(folder)), what)

    def told(self) -> tuple[str, ...]:
        """Return sentences on the damaged places, oldest first."""
        with self._turn:
            return tuple(f"{place}: {what}" for place, what in self._places.items())
