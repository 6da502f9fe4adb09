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
    """Put all label sets in order; return them, and of each list the place of each of its rows. None comes twice."""
    rows = [labels if isinstance(labels, LabelRows) else LabelRows(labels) for labels in lists]
    # The result holds the lists, so that no other list can come by the identity that the key names.
    _, labels, places = rows[0].derived(("ordered", *map(id, rows)), lambda _: (rows, *_in_order(rows)))
    return labels, places


def _in_order(lists: Sequence[LabelRows]) -> tuple[LabelRows, list[Indices]]:
    labels = [one for rows in lists for one in rows]
    order = sorted(range(len(labels)), key=[one.pairs for one in labels].__getitem__)
    places = np.empty(len(order), dtype=np.intp)
    places[order] = np.arange(len(order))
    bounds = np.cumsum([len(rows) for rows in lists[:-1]], dtype=np.intp)
    is_sorted = len(lists) == 1 and bool((places[1:] > places[:-1]).all())
    ordered = lists[0] if is_sorted else LabelRows([labels[row] for row in order])
    return ordered, np.split(places, bounds)
