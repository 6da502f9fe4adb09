"""What a question found in each place, under one numbering: day files and the head each have their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels
from nightdesk.model.panel import Panel
from nightdesk.store.samples.chunks.day_file import FilePanel
from nightdesk.store.samples.reading.joining import joined
from nightdesk.store.samples.reading.selections import Selection


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Pieces from one place in the order of writing; their ids are those of the selection. Joining takes them out."""

    selection: Selection
    pieces: list[FilePanel]


def panels_of_sources(sources: Sequence[Source]) -> list[Panel]:
    """Join what several places hold, given in the order of writing, so that each series is in one panel."""
    sources = [source for source in sources if source.pieces]
    if not sources:
        return []
    selection, pieces = _under_one_numbering(sources)
    return [Panel(selection.rows_of(panel.ids), panel.times, panel.values) for panel in joined(pieces)]


def _under_one_numbering(sources: Sequence[Source]) -> tuple[Selection, list[FilePanel]]:
    first = sources[0].selection
    if all(source.selection is first for source in sources):
        return first, [piece for source in sources for piece in _taken(source)]
    if all(source.selection.rows == first.rows for source in sources):
        # The usual case over several days: the same series in the same order, only numbered otherwise.
        ids = first.ids
        return first, [_renumbered(piece, source.selection, ids) for source in sources for piece in _taken(source)]
    numbers: dict[Labels, int] = {}
    pieces = []
    for source in sources:
        selection = source.selection
        own = np.array([numbers.setdefault(labels, len(numbers)) for labels in selection.rows], dtype=np.int64)
        pieces += [_renumbered(piece, selection, own) for piece in _taken(source)]
    return Selection(np.arange(len(numbers), dtype=np.int64), LabelRows(numbers)), pieces


def _taken(source: Source) -> Iterator[FilePanel]:
    """Take a source's pieces out, earliest first: they are held by whoever joins them alone."""
    source.pieces.reverse()
    while source.pieces:
        yield source.pieces.pop()


def _renumbered(piece: FilePanel, selection: Selection, numbers: np.ndarray) -> FilePanel:
    return FilePanel(numbers[selection.ids.searchsorted(piece.ids)], piece.times, piece.values)
