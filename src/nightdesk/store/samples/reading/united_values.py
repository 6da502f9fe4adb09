"""The values of a label in several places as one list, remembered: clients complete names at every key pressed."""

from collections.abc import Collection, Sequence
from operator import is_
from typing import Final

from nightdesk.model.lru_cache import LruCache
from nightdesk.model.remembered import Names

MOST_LABELS: Final = 16
MOST_BYTES: Final = 2 * 2**20
"""Of the values of one label, each counted as its text and what holds it; their JSON comes to less."""
_BYTES_A_TEXT: Final = 60


class UnitedValues:
    """Lists put in order once, for as long as each place tells the very same object. Safe from several threads."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._remembered = LruCache[tuple[Sequence[Collection[str]], Names]](MOST_LABELS)

    def united(self, name: str, told: Sequence[Collection[str]]) -> Names:
        """Return all values of a label, each once, in order, the empty one left out."""
        known = self._remembered.get(name)
        if known is not None and len(known[0]) == len(told) and all(map(is_, known[0], told)):
            return known[1]
        values = Names(sorted(set().union(*told) - {""}))
        if sum(map(len, values)) + _BYTES_A_TEXT * len(values) <= MOST_BYTES:
            # What was told is held too, so that no other list can come by its identity.
            self._remembered.put(name, (told, values), 1)
        return values
