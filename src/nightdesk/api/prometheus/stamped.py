"""Samples as `[t,"v"],[t,"v"]`: all values are written at once, then the instants are put where the commas stood.

Instants of one length, as whole seconds are for two centuries, make this a few passes over bytes: no object is made a
sample. Instants of many lengths are put between the values one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray

from nightdesk.api.prometheus.numbers import instant_text, joined_texts
from nightdesk.model.instant import SECOND
from nightdesk.model.series import Times, Values
from nightdesk.query.grid import Mask
from nightdesk.seams.samples import Budget

_BEFORE: Final = b'"],['
"""Ends one sample and begins the next; an instant follows, and then `_BETWEEN`."""
_BETWEEN: Final = b',"'
_AT_ONCE: Final = 8_192
"""Samples written together: their text stays in the second-level cache."""
_COMMA: Final = ord(",")


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """How some instants are written."""

    texts: NDArray[np.bytes_ | np.void]
    """Shape (instants,); void of one length where they all have it, else padded."""

    @classmethod
    def of(cls, times: Times) -> "Stamps":
        """Write instants in ms."""
        if not len(times) or (times % SECOND).any():
            return cls._of_texts([instant_text(millis) for millis in times.tolist()])
        text = orjson.dumps(times // SECOND, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
        digits = text.replace(b",", b"")
        length = text.find(b",") if len(times) > 1 else len(text)
        # Rising numbers whose first and last have one length all have it.
        if length == len(text) - text.rfind(b",") - 1 and length * len(times) == len(digits):
            return cls(np.frombuffer(digits, f"V{length}"))
        return cls._of_texts(text.split(b","))

    @classmethod
    def _of_texts(cls, texts: list[bytes]) -> "Stamps":
        lengths = set(map(len, texts))
        array = np.array(texts, dtype=np.bytes_)
        return cls(array.view(f"V{lengths.pop()}") if len(lengths) == 1 else array)

    def rows(self, values: Values, present: Mask, budget: Budget) -> Iterator[bytes | memoryview]:
        """Yield the samples of each row of (rows, instants) without the `"]` at their end; empty for none.

        What is yielded may be read until the next is asked for. Raises what the budget raises, which is looked at
        every few thousand samples.
        """
        height = max(1, _AT_ONCE // max(1, values.shape[1]))
        whole: Mask = np.asarray(present.all(axis=1))
        some: list[bool] = np.asarray(present.any(axis=1)).tolist()
        for start in range(0, len(values), height):
            budget.check()
            block = slice(start, start + height)
            if whole[block].all():
                yield from _written(values[block], self.texts)
                continue
            for row in range(start, min(start + height, len(values))):
                if some[row]:
                    here = present[row]
                    yield from _written(values[row : row + 1, here], self.texts[here])
                else:
                    yield b""


def _written(values: Values, stamps: NDArray[np.bytes_ | np.void]) -> Iterator[bytes | memoryview]:
    """Write rows that have a sample at every one of the instants; there is at least one."""
    if stamps.dtype.kind != "V":
        yield from (_interleaved(row, stamps) for row in values)
        return
    text = joined_texts(values.ravel())
    length = stamps.dtype.itemsize
    blank = _BEFORE + b"\0" * length + _BETWEEN
    body = bytearray(blank + text.replace(b",", blank))
    commas = np.frombuffer(text, np.uint8) == _COMMA
    begins = np.zeros(values.size, dtype=np.intp)
    # Every comma before a place has grown to the length of what replaced it.
    begins[1:] = np.flatnonzero(commas) + np.arange(values.size - 1) * (len(blank) - 1) + len(blank)
    slots = np.ndarray(len(body) - len(blank) + 1, stamps.dtype, body, len(_BEFORE), (1,))
    slots[begins.reshape(values.shape)] = stamps
    edges = [*begins[:: values.shape[1]].tolist(), len(body)]
    view = memoryview(body)
    yield from (view[low + len(_BEFORE) - 1 : high] for low, high in pairwise(edges))


def _interleaved(values: Values, stamps: NDArray[np.bytes_ | np.void]) -> bytes:
    tokens = [b""] * (2 * len(values))
    tokens[0::2] = [_BEFORE + stamp + _BETWEEN for stamp in stamps.tolist()]
    tokens[1::2] = joined_texts(values).split(b",")
    return b"".join(tokens)[len(_BEFORE) - 1 :]
