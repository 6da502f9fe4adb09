"""Lists that nobody changes and that remember what was worked out of them, all of it together within one bound.

Results lie with the list they were made of, so that they go when it goes. A lease in one cache of the process says how
long at most: what was asked for longest ago gives way, whichever list it lies with.
"""

import itertools
import sys
import weakref
from collections.abc import Callable, Collection, Hashable, Iterable
from functools import partial
from typing import Any, Final, Self, TypeAlias, TypeVar

from nightdesk.model.lru_cache import LruCache

_Item = TypeVar("_Item")
_Derived = TypeVar("_Derived")

MOST_BYTES: Final = 32 * 2**20
"""Of all results that all lists remember."""
_MOST_BYTES_OF_ONE: Final = MOST_BYTES // 2
"""A result of more is worked out each time: it would push out everybody else's."""
_OWN_BYTES: Final = 600
"""What remembering itself takes for a result: its lease, and places in three tables."""


class _Lease:
    """A result stays with its list for as long as this lives; nobody holds it but the cache."""

    __slots__ = ("__weakref__",)


LEASES: Final = LruCache[_Lease](MOST_BYTES)
"""Leases by number, each of the weight of its result; those of lists that are gone give way in their turn."""
_NUMBERS: Final = itertools.count(1)

_Kept: TypeAlias = "tuple[Any, int, weakref.ref[_Lease]]"
"""A result, the number of its lease, and what removes the result when the lease ends."""


class Remembered(list[_Item]):
    """A list that nobody may change once it is made: others hold results that rely on it."""

    __slots__ = ("__weakref__", "_derived", "number")

    number: int
    """No other list of this process has it or will have it: it stands in keys of results made of several lists."""

    def __init__(self, items: Iterable[_Item] = ()) -> None:
        """Hold items, with nothing worked out yet."""
        super().__init__(items)
        self.number = next(_NUMBERS)
        self._derived: dict[Hashable, _Kept] = {}

    def derived(
        self,
        key: Hashable,
        work_out: "Callable[[Self], _Derived]",
        weigh: "Callable[[_Derived], int]",
    ) -> _Derived:
        """Return what `work_out` makes of this list, from memory where it was asked for lately.

        The key names the result and every argument it depends on, besides the list; `weigh` tells the bytes that the
        result holds and others do not. The result must not hold this list, which would then never go. Threads that ask
        at one time may both work it out; the results are equal.
        """
        kept = self._derived.get(key)
        if kept is not None:
            LEASES.get(kept[1])
            found: _Derived = kept[0]
            return found
        made = work_out(self)
        weight = weigh(made) + _bytes_of_key(key) + _OWN_BYTES
        if weight <= _MOST_BYTES_OF_ONE:
            lease, number = _Lease(), next(_NUMBERS)
            self._derived[key] = made, number, weakref.ref(lease, partial(_forget, weakref.ref(self), key))
            LEASES.put(number, lease, weight)
        return made


def _forget(home: "weakref.ref[Remembered[Any]]", key: Hashable, _ended: object) -> None:
    """Remove a result whose lease has ended; where its list is gone too, there is nothing left to remove."""
    rows = home()
    if rows is not None:
        rows._derived.pop(key, None)


def _bytes_of_key(key: Hashable) -> int:
    """Return the bytes of texts in a key: a grouping may name a thousand labels."""
    match key:
        case tuple():
            return sum(map(_bytes_of_key, key))
        case str() | bytes():
            return sys.getsizeof(key)
    return 0


def bytes_of_texts(texts: Collection[str | bytes]) -> int:
    """Return the bytes of texts and of a list that holds them."""
    return sum(map(sys.getsizeof, texts)) + 8 * len(texts)


Names = Remembered[str]
"""Names or values of labels, in order, each once."""
