"""What a metric's name tells of its kind: counters end in one of four words."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels
from nightdesk.model.remembered import bytes_of_texts
from nightdesk.query.grid import Grid
from nightdesk.query.language.position import Span
from nightdesk.query.notes import Notes

_SUFFIXES: Final = ("_total", "_sum", "_count", "_bucket")


def doubt_counters(grid: Grid, notes: Notes, span: Span) -> None:
    """Say of what `rate` and `increase` were asked of that its name is no counter's."""
    labels = grid.rows(np.flatnonzero(grid.present.any(axis=1))).labels
    names = labels.derived("names", _names, bytes_of_texts) if isinstance(labels, LabelRows) else _names(labels)
    for name in names:
        if name and not name.endswith(_SUFFIXES):
            message = f'metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "{name}"'
            notes.inform(message, span)


def _names(rows: Sequence[Labels]) -> list[str]:
    return sorted({labels.name for labels in rows})
