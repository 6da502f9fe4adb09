"""Buckets of samples that are gone, beside those of samples that are there: a day's file keeps the two apart.

What samples tell that are there can be told again of them; of those that are gone the file is all there is. So a series
may have two rows: one under its own labels, and one under a mark that no label of anybody can be.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from nightdesk.model.buckets import EVERY_COLUMN, Buckets, Column
from nightdesk.model.labels import Labels
from nightdesk.seams.samples import Budget
from nightdesk.store.tiers.cells.adding import added
from nightdesk.store.tiers.files.label_section import LabelSection
from nightdesk.store.tiers.files.tier_file import TierFile

_MARK = ("", "gone")
"""Sorts before every label, so rows of samples that are gone lie together."""


@dataclass(frozen=True, slots=True)
class MadeOf:
    """What a day's file says that it was made of, `THERE` or `THERE|GONE|GONE...`."""

    there: str
    """The samples that its rows without a mark tell of, empty where it has none."""
    gone: tuple[str, ...] = ()
    """Those of which its marked rows are what is left."""

    @classmethod
    def parse(cls, text: str) -> "MadeOf":
        """Read what `str` wrote."""
        there, *gone = text.split("|")
        return cls(there, tuple(gone))

    def __str__(self) -> str:
        return "|".join((self.there, *self.gone))

    def identity(self) -> str:
        """Return a text that stays as it is when samples go without a loss."""
        return "|".join(sorted({self.there, *self.gone} - {""}))


def there_of(made_of: str | None) -> str | None:
    """Return the samples that a file's rows without a mark tell of, None without a file."""
    return None if made_of is None else MadeOf.parse(made_of).there


def marked(labels: Labels) -> Labels:
    """Return the name of the row of what is gone of a series."""
    return Labels.from_sorted((_MARK, *labels.pairs))


def is_marked(labels: Labels) -> bool:
    """Tell whether a row is of what is gone."""
    return bool(labels.pairs) and labels.pairs[0] == _MARK


def unmarked(labels: Labels) -> Labels:
    """Return the series that a row is about."""
    return Labels.from_sorted(labels.pairs[1:]) if is_marked(labels) else labels


def read_series(
    file: TierFile,
    section: LabelSection,
    rows: Collection[Labels],
    columns: Collection[Column],
    budget: Budget,
    *,
    sketches: bool,
) -> list[Buckets]:
    """Read all that a file tells of some series, what is gone and what is there as one. Raises CorruptData."""
    gone = section.numbers(map(marked, rows)) if has_marks(section) else ()
    if not len(gone):
        return list(file.read(section, section.numbers(rows), columns, budget, sketches=sketches))
    return added([read_rows(file, section, each, budget) for each in (map(marked, rows), rows)])


def read_rows(file: TierFile, section: LabelSection, rows: Iterable[Labels], budget: Budget) -> list[Buckets]:
    """Read every column of rows as they are named, and name them by their series. Raises CorruptData."""
    return [
        Buckets([unmarked(labels) for labels in part.labels], part.ends, part.columns, part.sketches)
        for part in file.read(section, section.numbers(rows), EVERY_COLUMN, budget, sketches=True)
    ]


def has_marks(section: LabelSection) -> bool:
    """Tell whether a file tells of anything that is gone; rows are sorted, marked ones first."""
    return bool(len(section)) and is_marked(section.rows[0])


def with_samples(buckets: Buckets) -> set[Labels]:
    """Return the series that have any bucket."""
    some = ((np.asarray(buckets[Column.COUNT]) > 0) | (np.asarray(buckets[Column.ENDED]) > 0)).any(axis=1)
    return {buckets.labels[row] for row in np.flatnonzero(some).tolist()}
