"""Which series there are, those included of which nothing but buckets is left."""

from collections.abc import Iterator, Sequence

import numpy as np

from nightdesk.model.instant import day_of
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.series import EMPTY_REFS, Refs
from nightdesk.seams.samples import Budget, LabelReader
from nightdesk.store.samples.matching import match
from nightdesk.store.tiers.files.label_section import LabelSection
from nightdesk.store.tiers.files.periods import Period, month_period
from nightdesk.store.tiers.files.tier_file import TierFile
from nightdesk.store.tiers.files.tier_folder import TierFolder


class EveryName:
    """A LabelReader over samples and tiers. It narrows by day; where days of 5 m have gone too, by month."""

    def __init__(self, samples: LabelReader, fine: TierFolder, coarse: TierFolder) -> None:
        """Read the labels of these."""
        self._samples, self._fine, self._coarse = samples, fine, coarse

    def series(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Labels]:
        """Return the label sets that match, sorted."""
        of_samples = self._samples.series(matchers, start, end, budget)
        sections = list(self._sections(start, end, budget))
        if not sections:
            return of_samples
        found = set(of_samples)
        for section, hidden in sections:
            ids = np.setdiff1d(match(section, matchers, budget.check), hidden, assume_unique=True)
            found.update(_named(section.rows[row]) for row in ids.tolist())
        return sorted(found, key=lambda labels: labels.pairs)

    def label_names(self, start: int, end: int, budget: Budget) -> list[str]:
        """Return all label names in use, sorted."""
        found = set(self._samples.label_names(start, end, budget))
        for section, hidden in self._sections(start, end, budget):
            found.update(name for labels in _left(section, hidden) for name, _ in labels)
        return sorted(found)

    def label_values(self, name: str, start: int, end: int, budget: Budget) -> list[str]:
        """Return all values of one label, sorted."""
        of_samples = self._samples.label_values(name, start, end, budget)
        sections = list(self._sections(start, end, budget))
        if not sections:
            return of_samples
        found = set(of_samples)
        for section, hidden in sections:
            told = (labels.get(name) for labels in _left(section, hidden)) if len(hidden) else section.values(name)
            found.update(told)
        return sorted(found - {""})

    def _sections(self, start: int, end: int, budget: Budget) -> Iterator[tuple[LabelSection, Refs]]:
        """Yield the labels of each file once, with the series all of whose buckets in it are deleted."""
        seen: set[LabelSection] = set()
        for folder, period in self._files(day_of(start), day_of(end)):
            budget.check()
            with folder.reading(period) as file:
                if file is None:
                    continue
                section = folder.sections.of(file, budget.check)
                hidden = _hidden(file, section)
            # Day after day has the same series.
            if section not in seen or len(hidden):
                yield section, hidden
            if not len(hidden):
                seen.add(section)

    def _files(self, first: int, last: int) -> Iterator[tuple[TierFolder, Period]]:
        """Yield what tells of days: a month that lies inside as a whole, else its days, else the month all the same."""
        months = {period.first: period for period in self._coarse.periods()}
        days = {period.first: period for period in self._fine.periods()}
        for month in months.values():
            is_whole = first <= month.first and month.last <= last
            is_touched = month.first <= last and first <= month.last
            if is_whole or (is_touched and not any(month.first <= day <= month.last for day in days)):
                yield self._coarse, month
        for day, period in days.items():
            own = months.get(month_period(day).first)
            if first <= day <= last and (own is None or not first <= own.first <= own.last <= last):
                yield self._fine, period


def _hidden(file: TierFile, section: LabelSection) -> Refs:
    """Return the series of which a deletion covers every bucket of a file."""
    span = file.span
    gone = [
        chosen
        for deletion, chosen in file.hidden(section)
        if deletion.start <= span.first and deletion.end > span.last - span.resolution
    ]
    return np.unique(np.concatenate(gone)) if gone else EMPTY_REFS


def _left(section: LabelSection, hidden: Refs) -> Iterator[Labels]:
    gone = set(hidden.tolist())
    return (_named(labels) for row, labels in enumerate(section.rows) if row not in gone)


def _named(labels: Labels) -> Labels:
    """Return a series without what a file marks its rows with: a pair without a name, which sorts first."""
    return labels if not labels.pairs or labels.pairs[0][0] else Labels.from_sorted(labels.pairs[1:])
