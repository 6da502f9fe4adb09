"""What was read of files lately, kept by its place and bounded in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class Kept(Generic[_Value]):
    """Values by key; what was asked for longest ago gives way. Safe from several threads."""

    def __init__(self, most_bytes: int) -> None:
        """Keep up to `most_bytes`, and at least the value that came last."""
        self._most, self.bytes = most_bytes, 0
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

    def put(self, key: Hashable, value: _Value, size: int) -> None:
        """Keep a value of about `size` bytes."""
        with self._turn:
            if key not in self._values:
                self._values[key] = (value, size)
                self.bytes += size
            while self.bytes > self._most and len(self._values) > 1:
                self.bytes -= self._values.popitem(last=False)[1][1]
