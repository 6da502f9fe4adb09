"""What was read or worked out lately, by key and bounded: what was asked for longest ago gives way."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class LruCache(Generic[_Value]):
    """Values by key within a bound on their weights, in bytes or what their user counts. Safe from several threads."""

    def __init__(self, most: int) -> None:
        """Keep values that weigh `most` together, and at least the value that came last."""
        self._most, self.weight = most, 0
        self._turn = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[_Value, int]] = OrderedDict()

    def get(self, key: Hashable) -> _Value | None:
        """Return a value, if it is here."""
        with self._turn:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: _Value, weight: int) -> None:
        """Keep a value, in the place of an earlier one of the same key."""
        with self._turn:
            earlier = self._values.pop(key, None)
            if earlier is not None:
                self.weight -= earlier[1]
            self._values[key] = (value, weight)
            self.weight += weight
            while self.weight > self._most and len(self._values) > 1:
                self.weight -= self._values.popitem(last=False)[1][1]

    def __len__(self) -> int:
        return len(self._values)
