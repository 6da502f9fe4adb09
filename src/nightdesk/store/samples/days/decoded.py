"""Chunks that were decoded lately: a page that refreshes, or rules that look back, decode the same ones again."""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from nightdesk.model.series import Values

MOST_BYTES: Final = 32 * 2**20


class Decoded:
    """Values by file and row, bounded in bytes: what was asked for longest ago gives way. Safe from several threads.

    Right only for files that never change. The arrays are shared: nobody may write into them.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Keep up to `most_bytes`."""
        self._most, self._bytes = most_bytes, 0
        self._turn = threading.Lock()
        self._values: OrderedDict[tuple[int, Hashable], Values] = OrderedDict()
        self._files = itertools.count()

    def new_file(self) -> int:
        """Return a number for one more file; the entries of files that were closed age out by themselves."""
        return next(self._files)

    def get(self, file: int, row: Hashable) -> Values | None:
        """Return what a row holds, if it is here."""
        with self._turn:
            values = self._values.get((file, row))
            if values is not None:
                self._values.move_to_end((file, row))
            return values

    def put(self, file: int, row: Hashable, values: Values) -> None:
        """Keep what a row holds; what alone would take an eighth of the room is not kept."""
        if values.nbytes > self._most // 8:
            return
        values.setflags(write=False)
        with self._turn:
            if (file, row) not in self._values:
                self._values[file, row] = values
                self._bytes += values.nbytes
            while self._bytes > self._most:
                self._bytes -= self._values.popitem(last=False)[1].nbytes

    def __len__(self) -> int:
        return len(self._values)
