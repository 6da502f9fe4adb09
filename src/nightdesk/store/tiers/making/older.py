"""What a day's file keeps when it is written anew: the buckets of samples that are gone since it was made."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from nightdesk.model.buckets import Buckets, Column
from nightdesk.model.labels import Labels
from nightdesk.store.tiers.cells.adding import added
from nightdesk.store.tiers.files.label_section import LabelSection
from nightdesk.store.tiers.files.left_behind import MadeOf, is_marked, marked, read_rows, unmarked, with_samples
from nightdesk.store.tiers.files.tier_file import TierFile
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.unbounded import UNBOUNDED


@dataclass(frozen=True, slots=True, eq=False)
class Older:
    """A day's file as it is, beside the series that its samples have now."""

    file: TierFile
    section: LabelSection
    gone: frozenset[Labels]
    """Series of which some samples were gone already."""
    left: frozenset[Labels]
    """Series whose samples are gone since: the whole day file lacks them, and nobody deleted them."""

    @classmethod
    def beside(cls, file: TierFile | None, folder: TierFolder, present: Collection[Labels]) -> "Older | None":
        """Look at a file; `present` are the series of the day's whole file of samples. Raises CorruptData."""
        if file is None:
            return None
        section = folder.sections.of(file)
        gone = {unmarked(labels) for labels in _filled(file, section, filter(is_marked, section.rows))}
        absent = [labels for labels in section.rows if not is_marked(labels) and labels not in present]
        return cls(file, section, frozenset(gone), frozenset(_filled(file, section, absent)))

    def made_of(self, there: str) -> MadeOf:
        """Return what a file says that keeps `rows` beside what was made of the samples `there`."""
        old = MadeOf.parse(self.file.span.source)
        gone = dict.fromkeys([*old.gone, *([old.there] if self.left else [])])
        return MadeOf(there, tuple(gone) if self.gone or self.left else ())

    @property
    def rows(self) -> list[Labels]:
        """The marked rows to keep, sorted."""
        return sorted(map(marked, self.gone | self.left), key=lambda labels: labels.pairs)

    @property
    def staying(self) -> list[Labels]:
        """The rows without a mark of series that are still there, sorted."""
        return [labels for labels in self.section.rows if not is_marked(labels) and labels not in self.left]

    def read(self, rows: Iterable[Labels]) -> list[Buckets]:
        """Read what is kept under marked rows: what was gone, and what is since."""
        wanted = list(rows)
        left = [series for series in map(unmarked, wanted) if series in self.left]
        layers = [read_rows(self.file, self.section, each, UNBOUNDED) for each in (wanted, left)]
        return [
            Buckets([marked(labels) for labels in part.labels], part.ends, part.columns, part.sketches)
            for part in added(layers)
        ]

    def copy(self, rows: Sequence[Labels]) -> list[Buckets]:
        """Read rows without a mark as they are."""
        return read_rows(self.file, self.section, rows, UNBOUNDED)


def _filled(file: TierFile, section: LabelSection, rows: Iterable[Labels]) -> Iterator[Labels]:
    """Yield the rows that have any bucket: what is deleted may lie there with none."""
    for part in file.read(section, section.numbers(rows), (Column.COUNT, Column.ENDED), UNBOUNDED, sketches=False):
        yield from with_samples(part)
