"""Chunks that were decoded lately: a page that refreshes, or rules that look back, decode the same ones again."""

import itertools
from collections.abc import Hashable
from typing import Final

from nightdesk.model.lru_cache import LruCache
from nightdesk.model.series import Values

MOST_BYTES: Final = 28 * 2**20


class Decoded:
    """Values by file and row, bounded in bytes: what was asked for longest ago gives way. Safe from several threads.

    Right only for files that never change. The arrays are shared: nobody may write into them.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Keep up to `most_bytes`."""
        self._most = most_bytes
        self._values = LruCache[Values](most_bytes)
        self._files = itertools.count()

    def new_file(self) -> int:
        """Return a number for one more file; the entries of files that were closed age out by themselves."""
        return next(self._files)

    def get(self, file: int, row: Hashable) -> Values | None:
        """Return what a row holds, if it is here."""
        return self._values.get((file, row))

    def put(self, file: int, row: Hashable, values: Values) -> None:
        """Keep what a row holds; what alone would take more than half of the room is not kept."""
        if 2 * values.nbytes <= self._most:
            values.setflags(write=False)
            self._values.put((file, row), values, values.nbytes)

    def __len__(self) -> int:
        return len(self._values)
