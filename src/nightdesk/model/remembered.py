"""Lists that nobody changes and that remember what was worked out of them."""

from collections.abc import Callable, Hashable
from typing import Any, Final, Self, TypeVar

_Item = TypeVar("_Item")
_Derived = TypeVar("_Derived")
_MOST_DERIVED: Final = 16
"""Results kept a list: a handful of groupings is asked of the same rows, again and again."""


class Remembered(list[_Item]):
    """A list that nobody may change once it is made: others hold results that rely on it."""

    __slots__ = ("_derived",)

    _derived: dict[Hashable, Any]

    def derived(self, key: Hashable, work_out: "Callable[[Self], _Derived]") -> _Derived:
        """Return what `work_out` makes of this list, from memory where it was asked for lately.

        The key names the result and every argument it depends on, besides the list. Threads that ask at one time may
        both work it out; the results are equal.
        """
        try:
            known = self._derived
        except AttributeError:
            known = self._derived = {}
        if key in known:
            found: _Derived = known[key]
            return found
        made = work_out(self)
        if len(known) >= _MOST_DERIVED:
            # A new mapping instead of a removal: another thread may be looking into the old one.
            known = self._derived = dict(list(known.items())[1:])
        known[key] = made
        return made


Names = Remembered[str]
"""Names or values of labels, in order, each once."""
