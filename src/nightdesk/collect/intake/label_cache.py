"""What has been read before need not be read again: a bounded memory from bytes to what they mean."""

from typing import Generic, TypeVar

Meaning = TypeVar("Meaning")


class TwoGenerations(Generic[Meaning]):
    """A bounded dictionary that forgets what was not asked for lately.

    Two dictionaries: a new entry goes into the young one; when that is full it becomes the old one, and the old one
    is dropped whole. What is asked for in the old one moves over. No bookkeeping on the hot path, and a flood of new
    keys cannot grow it past twice `size`.
    """

    __slots__ = ("_old", "_size", "era", "young")

    def __init__(self, size: int) -> None:
        """Hold between `size` and twice `size` entries."""
        self._size = size
        self.young: dict[bytes, Meaning] = {}
        """For the hot path, which looks here first by itself."""
        self._old: dict[bytes, Meaning] = {}
        self.era = 0
        """The era in which the meanings hold."""

    def get(self, key: bytes) -> Meaning | None:
        """Return what the key means, or None."""
        found = self.young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: bytes, meaning: Meaning) -> None:
        """Remember."""
        if len(self.young) >= self._size:
            self._old, self.young = self.young, {}
        self.young[key] = meaning

    def forget(self, era: int) -> None:
        """Begin anew in another era."""
        self.young, self._old, self.era = {}, {}, era

    def __len__(self) -> int:
        return len(self.young) + len(self._old)
