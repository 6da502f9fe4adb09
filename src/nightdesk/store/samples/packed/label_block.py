"""The labels of up to 4,096 series of a file: texts once, series of the same label names as a table of text numbers."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Labels
from nightdesk.model.series import Refs
from nightdesk.store.samples.label_bytes import to_bytes, to_text
from nightdesk.store.samples.packed.columns import decode_columns, encode_columns

BLOCK_SERIES: Final = 4_096

_KINDS: Final = (
    np.uint8,  # bytes of the texts, end to end
    np.uint32,  # bytes of each text
    np.uint32,  # names of each shape: how many
    np.uint32,  # names of the shapes, as texts
    np.uint32,  # shape of each series
    np.uint32,  # values, a column a name of each shape, each less the one before
)


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """Series with the same label names: row i of `values`, (series, names), holds the texts of series `members[i]`."""

    names: tuple[str, ...]
    members: Refs
    values: NDArray[np.uint32]


class _Postings:
    """The series of each value of one name, in order."""

    def __init__(self, values: NDArray[np.uint32], members: Refs, texts: Sequence[str]) -> None:
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        bounds = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
        begins = [0, *bounds.tolist()]
        self._members = members[order]
        self._bounds = {
            texts[ordered[begin]]: (begin, end) for begin, end in itertools.pairwise([*begins, len(ordered)])
        }
        self.values = list(self._bounds)

    def of(self, value: str) -> Refs | None:
        bounds = self._bounds.get(value)
        return None if bounds is None else self._members[bounds[0] : bounds[1]]


class LabelBlock:
    """Labels and postings of consecutive series from `first` on. Never changes, so any thread may ask."""

    def __init__(self, first: int, count: int, body: bytes) -> None:
        """Read what `encode_labels_block` wrote for `count` series.

        Raises:
            CorruptData: it is something else; its checksum should have been looked at before.
        """
        data, sizes, widths, names, of_series, differences = decode_columns(body, _KINDS)
        ends = np.cumsum(sizes, dtype=np.int64)
        plain = data.tobytes()
        if len(of_series) != count or (len(ends) and int(ends[-1]) != len(plain)):
            raise CorruptData("a block of labels holds something else than its row says")
        self.first = first
        self._texts = [to_text(plain[low:high]) for low, high in itertools.pairwise([0, *ends.tolist()])]
        self._shapes: list[_Shape] = []
        self._shape_of = of_series
        self._row_of = np.zeros(count, dtype=np.int64)
        at = name_at = 0
        for shape, width in enumerate(widths.tolist()):
            members = np.flatnonzero(of_series == shape)
            self._row_of[members] = np.arange(len(members))
            size = len(members) * width
            table = differences[at : at + size].reshape(width, len(members))
            texts = tuple(self._texts[name] for name in names[name_at : name_at + width].tolist())
            values = np.ascontiguousarray(np.cumsum(table, axis=1, dtype=np.uint32).T)
            if len(texts) != width or (size and int(values.max()) >= len(self._texts)):
                raise CorruptData("a block of labels names texts that it does not have")
            self._shapes.append(_Shape(texts, members + first, values))
            at, name_at = at + size, name_at + width
        self._postings: dict[str, _Postings | None] = {}
        self.nbytes = len(plain) + 60 * len(self._texts) + 16 * len(differences) + 16 * count

    def names(self) -> set[str]:
        """Return all label names."""
        return {name for shape in self._shapes for name in shape.names}

    def values(self, name: str) -> list[str]:
        """Return the values that a label has; the same list each time, which nobody may change."""
        postings = self._postings_of(name)
        return [] if postings is None else postings.values

    def with_values(self, name: str, values: Iterable[str]) -> list[Refs]:
        """Return the series of each of the values that is here, sorted each."""
        postings = self._postings_of(name)
        found = [] if postings is None else [postings.of(value) for value in values]
        return [series for series in found if series is not None]

    def labels(self, ids: Refs) -> Iterable[tuple[int, Labels]]:
        """Yield series, all of this block, with their labels."""
        places = ids - self.first
        shapes = self._shape_of[places]
        for number in np.unique(shapes).tolist():
            shape = self._shapes[number]
            chosen = places[shapes == number]
            rows = shape.values[self._row_of[chosen]].tolist()
            texts, names = self._texts, shape.names
            for place, row in zip(chosen.tolist(), rows, strict=True):
                # Names were sorted when the block was written.
                pairs = tuple(zip(names, [texts[value] for value in row], strict=True))
                yield place + self.first, Labels.from_sorted(pairs)

    def _postings_of(self, name: str) -> _Postings | None:
        if name not in self._postings:
            values, members = [], []
            for shape in self._shapes:
                if name in shape.names:
                    values.append(shape.values[:, shape.names.index(name)])
                    members.append(shape.members)
            together = _Postings(np.concatenate(values), np.concatenate(members), self._texts) if values else None
            if together is None:
                # What is asked for and absent must not pile up.
                return None
            self._postings[name] = together
        return self._postings[name]


def encode_labels_block(labels: Sequence[Labels]) -> bytes:
    """Write the labels of consecutive series, in their order."""
    texts = sorted({text for each in labels for pair in each for text in pair})
    numbers = {text: number for number, text in enumerate(texts)}
    shapes: dict[tuple[str, ...], int] = {}
    rows: list[list[list[int]]] = []
    of_series: list[int] = []
    for each in labels:
        shape = shapes.setdefault(tuple(name for name, _ in each), len(shapes))
        if shape == len(rows):
            rows.append([])
        rows[shape].append([numbers[value] for _, value in each])
        of_series.append(shape)
    coded = [to_bytes(text) for text in texts]
    tables = [np.array(table, dtype=np.uint32).T for table in rows]
    differences = [np.diff(table, axis=1, prepend=np.uint32(0)).ravel() for table in tables]
    return encode_columns(
        [
            np.frombuffer(b"".join(coded), np.uint8),
            np.array([len(text) for text in coded], dtype=np.uint32),
            np.array([len(shape) for shape in shapes], dtype=np.uint32),
            np.array([numbers[name] for shape in shapes for name in shape], dtype=np.uint32),
            np.array(of_series, dtype=np.uint32),
            np.concatenate(differences) if differences else np.empty(0, dtype=np.uint32),
        ]
    )
