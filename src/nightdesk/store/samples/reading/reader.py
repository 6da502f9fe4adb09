"""The reading side: one answer out of the head and the day files."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import TypeVar

import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.instant import day_of
from nightdesk.model.label_rows import LabelRows, united
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import ChunkSummaries, Panel, Summarised
from nightdesk.model.remembered import Names, bytes_of_texts
from nightdesk.model.series import Refs, Series
from nightdesk.seams.samples import Budget
from nightdesk.store.samples.chunks.day_file import DayFile, FileChunks, FilePanel
from nightdesk.store.samples.day_names import day_bounds
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.deletion.masked_day_file import MaskedDayFile
from nightdesk.store.samples.head.head import Generation, Head
from nightdesk.store.samples.head.registry import Registry
from nightdesk.store.samples.matching import union
from nightdesk.store.samples.reading.selections import Selection, Selections
from nightdesk.store.samples.reading.sources import Source, panels_of_sources
from nightdesk.store.samples.reading.united_values import UnitedValues

_Told = TypeVar("_Told")


class Reader:
    """Reads samples and labels. Safe from several threads.

    Every answer asks the head first: which series match, then the generations, then their samples, and only then the
    days. What moves meanwhile moves from the head into a file, and its series is retired after that: it is met twice,
    which joins to the same, instead of not at all. And what is appended meanwhile is in no half of an answer.
    """

    def __init__(self, registry: Registry, head: Head, days: Days) -> None:
        """Read from these three."""
        self._registry, self._head, self._days = registry, head, days
        self._selections, self._values = Selections(), UnitedValues()

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        """Return the series that match with their samples in [start, end], sorted by labels; none is empty."""
        found = [series for panel in self.panels(matchers, start, end, budget) for series in panel.series()]
        return sorted(found, key=lambda series: series.labels.pairs)

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return the series that match with their samples in [start, end] side by side; each series is in one panel."""
        _, newest = self._of_head(matchers, start, end, budget)
        sources: list[Source] = []
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            sources += self._of_day(day, matchers, start, end, budget)
        return panels_of_sources([*sources, newest])

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Return the same samples, whole chunks by their summaries on days of which one sealed file holds all."""
        generations, newest = self._of_head(matchers, start, end, budget)
        chunks: list[ChunkSummaries] = []
        edges: list[Panel] = []
        sources: list[Source] = []
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            if any(generation.may_hold(*day_bounds(day)) for generation in generations):
                sources += self._of_day(day, matchers, start, end, budget)
                continue
            told, found = self._summaries_of_day(day, matchers, start, end, budget)
            chunks += told
            edges += panels_of_sources(found)
        return Summarised(chunks, [*edges, *panels_of_sources([*sources, newest])])

    def series(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Labels]:
        """Return the label sets that match and have samples on the days of [start, end], sorted."""
        lists = [self._present(matchers, start, end, budget)]
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            lists += self._rows_of_day(day, matchers, budget)
        return united([rows for rows in lists if rows])

    def label_names(self, start: int, end: int, budget: Budget) -> list[str]:
        """Return the label names in use on the days of [start, end], sorted."""
        names = self._present((), start, end, budget).derived("names", _names, bytes_of_texts)
        found = set(names)
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            found.update(*self._asked(day, lambda file: file.names()))
        return sorted(found)

    def label_values(self, name: str, start: int, end: int, budget: Budget) -> Names:
        """Return the values of one label on the days of [start, end], sorted; the same list while they are the same."""
        rows = self._present((), start, end, budget)
        told: list[Collection[str]] = [
            rows.derived(("values", name), lambda rows: {each.get(name) for each in rows}, bytes_of_texts)
        ]
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            told += self._asked(day, lambda file: file.values(name))
        return self._values.united(name, told)

    def _of_day(self, day: int, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Source]:
        """Return what the files of a day hold, in the order of writing."""
        sources: list[Source] = []
        with self._days.reading(day) as files:
            for file in files:
                pieces: list[FilePanel] = []
                try:
                    selection = self._chosen(day, file, matchers, budget)
                    sources.append(Source(selection, pieces))
                    pieces += file.panels(selection.ids, start, end, budget)
                except CorruptData as error:
                    self._days.set_aside(file.path, error)
        return sources

    def _summaries_of_day(
        self, day: int, matchers: Sequence[Matcher], start: int, end: int, budget: Budget
    ) -> tuple[list[ChunkSummaries], list[Source]]:
        """Return what a day holds, as summaries where it has one sealed file: chunks of several may overlap."""
        with self._days.reading(day) as files:
            if len(files) != 1 or not files[0].sealed:
                return [], self._of_day(day, matchers, start, end, budget)
            chunks: list[ChunkSummaries] = []
            pieces: list[FilePanel] = []
            try:
                selection = self._chosen(day, files[0], matchers, budget)
                for found in files[0].summarised(selection.ids, start, end, budget):
                    if isinstance(found, FilePanel):
                        pieces.append(found)
                    else:
                        chunks.append(_summaries(selection, found))
                return chunks, [Source(selection, pieces)]
            except CorruptData as error:
                self._days.set_aside(files[0].path, error)
        return chunks, []

    def _of_head(
        self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget
    ) -> tuple[tuple[Generation, ...], Source]:
        """Return the generations and what they hold, in the order of writing."""
        selection = self._chosen_of_head(matchers, budget)
        generations = self._head.generations()
        pieces: list[FilePanel] = []
        for generation in generations:
            for piece in generation.panels(selection.ids, start, end):
                budget.charge(piece.values.size)
                pieces.append(piece)
        return generations, Source(selection, pieces)

    def _rows_of_day(self, day: int, matchers: Sequence[Matcher], budget: Budget) -> list[LabelRows]:
        return self._asked(day, lambda file: self._chosen(day, file, matchers, budget).rows)

    def _chosen(self, day: int, file: DayFile, matchers: Sequence[Matcher], budget: Budget) -> Selection:
        # A masked day file is made anew for each read. A file that has taken more is another turn of its day; what was
        # chosen until then lacks only series that the head still holds, and the head was asked before.
        told = 0 if file.sealed else self._days.turn_of(day)
        version = None if isinstance(file, MaskedDayFile) else told
        return self._selections.select(file, file.labels, matchers, version, budget)

    def _chosen_of_head(self, matchers: Sequence[Matcher], budget: Budget) -> Selection:
        # A series more makes another end, and one that is retired another era.
        version = (self._registry.era, self._registry.end)
        return self._selections.select(self._registry, self._labels_of_head, matchers, version, budget)

    def _labels_of_head(self, refs: Refs) -> dict[int, Labels]:
        """Return the labels of those that are known still: who was retired two rounds ago is in the day files alone."""
        found: dict[int, Labels] = {}
        for ref in refs.tolist():
            with suppress(KeyError):
                found[ref] = self._registry.labels(ref)
        return found

    def _present(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> LabelRows:
        """Return the label sets of the head that match and have samples around [start, end]."""
        selection = self._chosen_of_head(matchers, budget)
        held = union([generation.references(start, end) for generation in self._head.generations()])
        return selection.rows_of(np.intersect1d(selection.ids, held, assume_unique=True))

    def _asked(self, day: int, ask: Callable[[DayFile], _Told]) -> list[_Told]:
        """Ask each file of a day; a malformed one is set aside and its day goes on without it."""
        told: list[_Told] = []
        with self._days.reading(day) as files:
            for file in files:
                try:
                    told.append(ask(file))
                except CorruptData as error:
                    self._days.set_aside(file.path, error)
        return told


def _names(rows: LabelRows) -> set[str]:
    return {name for labels in rows for name, _ in labels}


def _summaries(selection: Selection, chunks: FileChunks) -> ChunkSummaries:
    """Tell chunks of many series, which begin and end together, by their summaries."""
    return ChunkSummaries(
        selection.rows_of(chunks.ids),
        np.array([chunks.first_time]),
        np.array([chunks.last_time]),
        np.array([chunks.count]),
        chunks.sums[:, None],
        chunks.losses[:, None],
        chunks.lows[:, None],
        chunks.highs[:, None],
        chunks.firsts[:, None],
        chunks.lasts[:, None],
    )
