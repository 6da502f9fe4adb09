"""Which series of one place a question chooses, remembered for places that do not change: dashboards and rules repeat.

A place is a day file or the registry of the head; its numbers for series are its own.
"""

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.lru_cache import LruCache
from nightdesk.model.series import Refs
from nightdesk.seams.samples import Budget
from nightdesk.store.samples.matching import PostingsSource, match

MOST_ROWS: Final = 60_000
"""Rows of all selections remembered; the label sets behind them are shared with each other and with the head."""
_OWN_WEIGHT: Final = 500
"""Rows that a selection counts as beside its own, so that 120 small ones are the most."""
_GROUP: Final = 1_024
"""Series whose labels are read between two looks at the budget."""


LabelsOf: TypeAlias = Callable[[Refs], Mapping[int, Labels]]
"""Tells the label sets of series of one place."""


class Selection:
    """The series of one place that match: `ids`, sorted, and `rows`, their label sets in that order."""

    def __init__(self, ids: Refs, rows: LabelRows) -> None:
        """Hold both; neither changes."""
        self.ids, self.rows = ids, rows

    def rows_of(self, ids: Refs) -> LabelRows:
        """Return the label sets of some of these series; the same object for the same question."""
        if len(ids) == len(self.ids) and bool((ids == self.ids).all()):
            return self.rows
        return self.rows.derived(("part", ids.tobytes()), lambda _: self._part(ids), lambda made: made.bytes)

    def _part(self, ids: Refs) -> LabelRows:
        rows = self.rows
        return LabelRows([rows[place] for place in self.ids.searchsorted(ids).tolist()])


class Selections:
    """Answers of `match` with their label sets, bounded in rows. Safe from several threads."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._turn = threading.Lock()
        self._remembered = LruCache[tuple[Hashable, Selection]](MOST_ROWS)
        self._numbers: WeakKeyDictionary[PostingsSource, int] = WeakKeyDictionary()
        self._next = 0
        self._known: dict[Labels, Labels] = {}

    def select(
        self,
        place: PostingsSource,
        labels_of: LabelsOf,
        matchers: Sequence[Matcher],
        version: Hashable,
        budget: Budget,
    ) -> Selection:
        """Return the series of a place that match.

        `version` differs once the place has other series than before; None stands for a place that may change at any
        moment, of which nothing is remembered. Raises QueryError for a bad expression, CorruptData as the place does.
        """
        if version is None:
            return self._asked(place, labels_of, matchers, budget)
        key = (self._number(place), tuple(matchers))
        found = self._remembered.get(key)
        if found is not None and found[0] == version:
            return found[1]
        selection = self._asked(place, labels_of, matchers, budget)
        if len(selection.ids) <= MOST_ROWS // 4:
            self._remembered.put(key, (version, selection), len(selection.ids) + _OWN_WEIGHT)
        return selection

    def _asked(
        self, place: PostingsSource, labels_of: LabelsOf, matchers: Sequence[Matcher], budget: Budget
    ) -> Selection:
        ids = match(place, matchers, budget.check)
        # One object a label set, whichever file tells of it: comparing rows of two days is then a matter of identity.
        known = self._known
        if len(known) > MOST_ROWS:
            known = self._known = {}
        found: list[int] = []
        rows = LabelRows()
        for group in np.split(ids, range(_GROUP, len(ids), _GROUP)):
            budget.check()
            labels = labels_of(group)
            told = [each for each in group.tolist() if each in labels]
            found += told
            rows += [known.setdefault(own, own) for own in map(labels.__getitem__, told)]
        return Selection(np.array(found, dtype=np.int64), rows)

    def _number(self, place: PostingsSource) -> int:
        """Number a place: one that is gone leaves no entry that a later one could take for its own."""
        with self._turn:
            number = self._numbers.get(place)
            if number is None:
                self._next += 1
                number = self._numbers[place] = self._next
            return number
