"""Reading a tier file: labels choose series, and of those only the columns that are asked for are decoded."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from nightdesk.errors import CorruptData, NewerFormat
from nightdesk.model.buckets import Buckets, Column
from nightdesk.model.series import Refs
from nightdesk.seams.samples import Budget
from nightdesk.store.flaws import FLAWS
from nightdesk.store.samples.deletion.deletion import Deletion
from nightdesk.store.sqlite import Database
from nightdesk.store.tiers.cells.blanking import Hidden, spared
from nightdesk.store.tiers.cells.laying import sketches_of
from nightdesk.store.tiers.files.columns import GroupDecoder
from nightdesk.store.tiers.files.label_section import LabelSection
from nightdesk.store.tiers.files.sections import Section, sections_for
from nightdesk.store.tiers.files.tier_format import (
    SECTION_BITS,
    SERIES_A_GROUP,
    TIER_FILE,
    VERSION,
    Span,
    section_checksum,
    span_checksum,
)


class TierFile:
    """One finished tier file, open for reading. Safe from several threads."""

    def __init__(self, path: Path, deletions: Sequence[Deletion] = ()) -> None:
        """Open a file and check what it says of itself; what deletions hide is read by nobody.

        Raises:
            CorruptData: it is damaged.
            NewerFormat: it was written by a newer release.
        """
        self.path, self._deletions = path, deletions
        self._hidden: list[Hidden] | None = None
        self._database = Database.read_only(path, TIER_FILE, immutable=True)
        try:
            self.span, self._series, self._labels = self._checked_span()
        except BaseException:
            self._database.close()
            raise

    def label_bytes(self) -> bytes:
        """Return the label section as it is stored; `LabelSection` reads it. Equal bytes are equal labels."""
        return self._labels

    def hidden(self, section: LabelSection) -> list[Hidden]:
        """Return the deletions that hide something of this file, each with its series."""
        if self._hidden is None:
            self._hidden = [(deletion, deletion.chosen(section)) for deletion in self._deletions]
        return self._hidden

    def read(
        self, section: LabelSection, ids: Refs, columns: Collection[Column], budget: Budget, *, sketches: bool
    ) -> Iterator[Buckets]:
        """Yield the chosen series with these columns on all ends of the span, group by group.

        Raises:
            CorruptData: a section fails its check.
        """
        hidden = self.hidden(section)
        needed = sections_for(columns, sketches=sketches)
        for group, members in _by_group(ids):
            budget.check()
            size = min(SERIES_A_GROUP, self._series - group * SERIES_A_GROUP)
            decoder = GroupDecoder(self._sections(group, needed), size, self.span.ends)
            own = members - group * SERIES_A_GROUP
            told = {column: decoder.column(column)[own] for column in columns}
            chosen = sketches_of(decoder.sketches(), own, size, self.span.buckets) if sketches else None
            buckets = Buckets([section.rows[row] for row in members.tolist()], self.span.ends, told, chosen)
            yield spared(buckets, members, hidden, self.span.resolution)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _checked_span(self) -> tuple[Span, int, bytes]:
        rows = self._database.execute(
            "SELECT resolution, first, buckets, source, series, version, crc, labels FROM span WHERE id = 1"
        )
        try:
            ((resolution, first, buckets, source, series, version, crc, labels),) = rows
            span = Span(resolution, first, buckets, source)
            is_sound = span_checksum(span, series, version, labels) == crc
        except FLAWS as error:
            raise CorruptData(f"{self.path} is damaged: what it says of itself cannot be read") from error
        if not is_sound:
            raise CorruptData(f"{self.path} is damaged: what it says of itself fails its check")
        if version > VERSION:
            text = f"{self.path} is of version {version} and this release reads {VERSION}"
            raise NewerFormat(f"{text}: upgrade Nightdesk, or restore the copy from before")
        if version < VERSION:
            # None of these was released. Where the samples are there it is made again of them.
            raise CorruptData(f"{self.path} is of version {version}, of before the first release")
        return span, series, labels

    def _sections(self, group: int, needed: frozenset[Section]) -> dict[Section, bytes]:
        places = sorted((group << SECTION_BITS) + section for section in needed)
        marks = ", ".join("?" * len(places))
        rows = self._database.execute(f"SELECT id, version, crc, body FROM section WHERE id IN ({marks})", places)  # noqa: S608 - question marks alone
        found: dict[Section, bytes] = {}
        for place, version, crc, body in rows:
            is_typed = isinstance(body, bytes) and isinstance(version, int) and 0 <= version < 256
            if not is_typed or section_checksum(place, version, body) != crc or version != VERSION:
                raise CorruptData(f"{self.path} is damaged: section {place} fails its check")
            found[Section(place & ((1 << SECTION_BITS) - 1))] = body
        if found.keys() != needed:
            raise CorruptData(f"{self.path} is damaged: sections of group {group} are missing")
        return found


def _by_group(ids: Refs) -> Iterator[tuple[int, Refs]]:
    groups = ids // SERIES_A_GROUP
    for group in np.unique(groups).tolist():
        yield group, ids[groups == group]
