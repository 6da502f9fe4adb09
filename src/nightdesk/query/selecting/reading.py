"""What a selector read: panels, and one order of their rows, which is that of the labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels
from nightdesk.model.panel import Panel
from nightdesk.model.series import Series
from nightdesk.query.grid import Indices


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Panels and their rows in order of labels: row r of `panels[i]` is row `places[i][r]` of `labels`."""

    panels: Sequence[Panel]
    labels: LabelRows
    places: Sequence[Indices]

    @classmethod
    def of(cls, panels: Sequence[Panel]) -> "Reading":
        """Order the rows of panels; for panels that come again and again from a store, this was done before."""
        if not panels:
            return cls((), LabelRows(), ())
        labels, places = ordered_rows([panel.labels for panel in panels])
        return cls(panels, labels, places)

    def __len__(self) -> int:
        return len(self.labels)

    def series(self) -> list[Series]:
        """Return the rows as series in order of labels, for what looks at one series at a time."""
        found = [series for panel in self.panels for series in panel.series()]
        places = np.concatenate([*self.places, np.empty(0, dtype=np.intp)])
        return [found[row] for row in np.argsort(places).tolist()]


def ordered_rows(lists: Sequence[Sequence[Labels]]) -> tuple[LabelRows, list[Indices]]:
    """Put all label sets in order, each once; return them, and of each list the places of its rows.

    Lists may have label sets in common; none has one twice.
    """
    rows = [labels if isinstance(labels, LabelRows) else LabelRows(labels) for labels in lists]
    key = ("ordered", *[each.number for each in rows])
    labels, places = rows[0].derived(key, lambda _: _in_order(rows), _bytes_in_order)
    return rows[0] if labels is None else labels, places


def _bytes_in_order(found: tuple[LabelRows | None, list[Indices]]) -> int:
    labels, places = found
    distinct = {id(each): each.nbytes for each in places}
    return sum(distinct.values()) + (0 if labels is None else labels.bytes)


def _in_order(lists: Sequence[LabelRows]) -> tuple[LabelRows | None, list[Indices]]:
    """Order rows of lists; None stands for the first list, where that is in order and has all rows."""
    first = lists[0]
    if all(rows is first or rows == first for rows in lists):
        ordered, places = _sorted(first)
        return None if ordered is first else ordered, [places] * len(lists)
    ordered, _ = _sorted(LabelRows(dict.fromkeys(one for rows in lists for one in rows)))
    place_of = {labels: place for place, labels in enumerate(ordered)}
    return ordered, [np.array([place_of[labels] for labels in rows], dtype=np.intp) for rows in lists]


def _sorted(rows: LabelRows) -> tuple[LabelRows, Indices]:
    """Return label sets in order, the same list where they are so, and the place of each."""
    order = sorted(range(len(rows)), key=[one.pairs for one in rows].__getitem__)
    places = np.empty(len(order), dtype=np.intp)
    places[order] = np.arange(len(order))
    is_sorted = bool((places[1:] > places[:-1]).all())
    return rows if is_sorted else LabelRows([rows[row] for row in order]), places
