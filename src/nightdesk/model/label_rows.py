"""The label sets of a matrix's rows: a list that nobody changes and that remembers what was worked out of it."""

from collections.abc import Iterable, Sequence
from typing import Final

from nightdesk.model.labels import Labels
from nightdesk.model.remembered import Remembered

_BYTES_A_SET: Final = 170
"""Of a label set: the object, its hash and its tuple, and a pair that no other set has."""
_BYTES_A_PLACE: Final = 8


class LabelRows(Remembered[Labels]):
    """Label sets in the order of rows.

    A store gives the same object for the same question, so that a grouping of 2,000 rows is worked out once and not
    every second.
    """

    __slots__ = ("own_bytes",)

    own_bytes: int
    """Of label sets that were made for this list; 0 where others hold them anyway."""

    def __init__(self, rows: Iterable[Labels] = (), own_bytes: int = 0) -> None:
        """Hold label sets that others hold too, but for so many bytes of them."""
        super().__init__(rows)
        self.own_bytes = own_bytes

    @property
    def bytes(self) -> int:
        """Bytes that go when this list goes: its places and its own label sets."""
        return len(self) * _BYTES_A_PLACE + self.own_bytes


def bytes_made(made: Sequence[Labels]) -> int:
    """Return the bytes of label sets that were made out of others, whose texts they share."""
    return len(made) * _BYTES_A_SET + _BYTES_A_PLACE * sum([len(labels.pairs) for labels in made])


def united(lists: Sequence[LabelRows]) -> LabelRows:
    """Return all label sets of several lists, each once, in order; remembered for lists that come again together."""
    if not lists:
        return LabelRows()
    first = lists[0]
    key = ("united", *[rows.number for rows in lists])
    several = first.derived(key, lambda _: _united(first, lists), lambda made: 0 if made is None else made.bytes)
    return first if several is None else several


def _united(first: LabelRows, lists: Sequence[LabelRows]) -> LabelRows | None:
    """Put all label sets in order; None where that is the first list."""
    alike = all(rows is first or rows == first for rows in lists)
    ordered = LabelRows(sorted(first if alike else set().union(*lists), key=_pairs))
    return None if ordered == first else ordered


def _pairs(labels: Labels) -> tuple[tuple[str, str], ...]:
    """Sort key: comparing tuples is several times quicker than comparing label sets."""
    return labels.pairs
