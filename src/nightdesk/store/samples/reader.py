"""The reading side: one answer out of the head and the day files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final, TypeVar

import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.instant import day_of
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.series import Refs, Series
from nightdesk.seams import Budget
from nightdesk.store.samples.day_reader import DayReader
from nightdesk.store.samples.days import Days
from nightdesk.store.samples.head import Generation, Head
from nightdesk.store.samples.matching import match, union
from nightdesk.store.samples.parts import Part, TimesPool, join
from nightdesk.store.samples.registry import Registry

_Told = TypeVar("_Told")
_GROUP: Final = 256
"""Series whose labels are read between two looks at the budget."""


class Reader:
    """Reads samples and labels. Safe from several threads.

    Every answer takes the head's generations before it looks at the days: a seal that ends meanwhile then shows its
    samples twice, which joins to the same, instead of not at all.
    """

    def __init__(self, registry: Registry, head: Head, days: Days) -> None:
        """Read from these three."""
        self._registry, self._head, self._days = registry, head, days

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        """Return the series that match with their samples in [start, end], sorted by labels; none is empty."""
        generations = self._head.generations()
        pool = TimesPool()
        found: dict[Labels, list[Part]] = {}
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            self._collect_day(day, matchers, start, end, budget, found)
        self._collect_head(generations, matchers, start, end, budget, found, pool)
        answer = []
        for labels in sorted(found, key=_pairs):
            joined = join(found[labels], pool)
            answer.append(Series(labels, joined.times, joined.values))
        return answer

    def series(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Labels]:
        """Return the label sets that match and have samples on the days of [start, end], sorted."""
        refs = np.intersect1d(match(self._registry, matchers), self._present(start, end), assume_unique=True)
        found = set(self._told(refs, budget))

        def ask(reader: DayReader) -> Iterator[Labels]:
            for group in _groups(match(reader, matchers), budget):
                yield from reader.labels(group).values()

        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            found.update(self._asked(day, ask))
        return sorted(found, key=_pairs)

    def label_names(self, start: int, end: int, budget: Budget) -> list[str]:
        """Return the label names in use on the days of [start, end], sorted."""
        found = {name for labels in self._told(self._present(start, end), budget) for name, _ in labels}
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            found.update(self._asked(day, DayReader.names))
        return sorted(found)

    def label_values(self, name: str, start: int, end: int, budget: Budget) -> list[str]:
        """Return the values of one label on the days of [start, end], sorted."""
        found = {labels.get(name) for labels in self._told(self._present(start, end), budget)}
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            found.update(self._asked(day, lambda reader: reader.values(name)))
        return sorted(found - {""})

    def _collect_day(
        self,
        day: int,
        matchers: Sequence[Matcher],
        start: int,
        end: int,
        budget: Budget,
        found: dict[Labels, list[Part]],
    ) -> None:
        with self._days.reading(day) as readers:
            for reader in readers:
                with suppress(CorruptData), self._days.watching(reader):
                    ids = match(reader, matchers)
                    labels = reader.labels(ids)
                    for series, part in reader.parts(ids, start, end, budget):
                        found.setdefault(labels[series], []).append(part)

    def _collect_head(
        self,
        generations: tuple[Generation, ...],
        matchers: Sequence[Matcher],
        start: int,
        end: int,
        budget: Budget,
        found: dict[Labels, list[Part]],
        pool: TimesPool,
    ) -> None:
        refs = match(self._registry, matchers)
        for generation in generations:
            budget.check()
            for ref, part in generation.read(refs, start, end, pool):
                budget.charge(len(part.times))
                found.setdefault(self._registry.labels(ref), []).append(part)

    def _present(self, start: int, end: int) -> Refs:
        """Return the series of the head that have samples around [start, end]."""
        return union([generation.references(start, end) for generation in self._head.generations()])

    def _told(self, refs: Refs, budget: Budget) -> Iterator[Labels]:
        """Yield the labels of series of the head."""
        for group in _groups(refs, budget):
            yield from map(self._registry.labels, group.tolist())

    def _asked(self, day: int, ask: Callable[[DayReader], Iterable[_Told]]) -> set[_Told]:
        """Ask each file of a day; a malformed one is set aside and its day goes on without it."""
        told: set[_Told] = set()
        with self._days.reading(day) as readers:
            for reader in readers:
                with suppress(CorruptData), self._days.watching(reader):
                    told.update(ask(reader))
        return told


def _groups(refs: Refs, budget: Budget) -> Iterator[Refs]:
    """Cut series into groups, with a look at the budget before each."""
    for start in range(0, len(refs), _GROUP):
        budget.check()
        yield refs[start : start + _GROUP]


def _pairs(labels: Labels) -> tuple[tuple[str, str], ...]:
    """Sort key: comparing tuples is several times quicker than comparing label sets."""
    return labels.pairs
