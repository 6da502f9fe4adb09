"""The label sets of a matrix's rows: a list that nobody changes and that remembers what was worked out of it."""

from collections.abc import Sequence

from nightdesk.model.labels import Labels
from nightdesk.model.remembered import Remembered


class LabelRows(Remembered[Labels]):
    """Label sets in the order of rows.

    A store gives the same object for the same question, so that a grouping of 2,000 rows is worked out once and not
    every second.
    """

    __slots__ = ()


def united(lists: Sequence[LabelRows]) -> LabelRows:
    """Return all label sets of several lists, each once, in order; remembered for lists that come again together."""
    if not lists:
        return LabelRows()
    # The result holds the lists, so that no other list can come by the identity that the key names.
    return lists[0].derived(("united", *map(id, lists)), lambda first: (lists, _united(first, lists)))[1]


def _united(first: LabelRows, lists: Sequence[LabelRows]) -> LabelRows:
    alike = all(rows is first or rows == first for rows in lists)
    ordered = LabelRows(sorted(first if alike else set().union(*lists), key=_pairs))
    return first if ordered == first else ordered


def _pairs(labels: Labels) -> tuple[tuple[str, str], ...]:
    """Sort key: comparing tuples is several times quicker than comparing label sets."""
    return labels.pairs
