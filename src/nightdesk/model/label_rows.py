"""The label sets of a matrix's rows: a list that nobody changes and that remembers what was worked out of it."""

from collections.abc import Callable, Hashable, Sequence
from typing import Final, TypeVar, cast

from nightdesk.model.labels import Labels

_Derived = TypeVar("_Derived")
_MOST_DERIVED: Final = 16
"""Results kept a list: a handful of groupings is asked of the same rows, again and again."""


class LabelRows(list[Labels]):
    """Label sets in the order of rows. Nobody may change it once it is made: others hold results that rely on it.

    A store gives the same object for the same question, so that a grouping of 2,000 rows is worked out once and not
    every second.
    """

    __slots__ = ("_derived",)

    _derived: dict[Hashable, object]

    def derived(self, key: Hashable, work_out: "Callable[[LabelRows], _Derived]") -> _Derived:
        """Return what `work_out` makes of these rows, from memory where it was asked for lately.

        The key names the result and every argument it depends on, besides the rows. Threads that ask at one time may
        both work it out; the results are equal.
        """
        try:
            known = self._derived
        except AttributeError:
            known = self._derived = {}
        if key in known:
            return cast("_Derived", known[key])
        made = work_out(self)
        if len(known) >= _MOST_DERIVED:
            # A new mapping instead of a removal: another thread may be looking into the old one.
            known = self._derived = dict(list(known.items())[1:])
        known[key] = made
        return made


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
