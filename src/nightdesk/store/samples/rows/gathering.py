"""Rows of a day file laid side by side: chunks that share their instants become one matrix."""

from collections.abc import Iterator
from typing import Generic, TypeVar

import numpy as np

from nightdesk.model.series import Refs

_Found = TypeVar("_Found")


class Gathered(Generic[_Found]):
    """What was found of each series, by the instants it shares with others.

    A series that comes back is put into a later group each time, so that groups keep the order of writing and none
    holds a series twice.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self._groups: dict[tuple[int, int], tuple[list[int], list[_Found]]] = {}
        self._seen: dict[int, int] = {}

    def add(self, series: int, stamps: int, found: _Found) -> None:
        """Take what a chunk of a series holds; `stamps` numbers the instants it shares."""
        turn = self._seen.get(series, 0)
        self._seen[series] = turn + 1
        members, all_found = self._groups.setdefault((turn, stamps), ([], []))
        members.append(series)
        all_found.append(found)

    def groups(self) -> Iterator[tuple[int, Refs, list[_Found]]]:
        """Yield the number of the instants, the series and what was found of each, earlier chunks first."""
        for turn, stamps in sorted(self._groups):
            members, found = self._groups[turn, stamps]
            yield stamps, np.array(members, dtype=np.int64), found
