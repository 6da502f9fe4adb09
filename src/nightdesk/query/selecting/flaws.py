"""Readers that say beside what they read what they know to lack, so that a gap never looks as if nothing happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nightdesk.model.buckets import Buckets, BucketsWanted, Kept
from nightdesk.model.labels import Matcher
from nightdesk.model.panel import Panel, Summarised
from nightdesk.query.notes import Notes
from nightdesk.seams.samples import BucketReader, Budget, FlawTeller, PanelReader


@dataclass(frozen=True, slots=True, eq=False)
class TellingPanels:
    """A PanelReader that warns of the days it read and of which samples may be missing."""

    reader: PanelReader
    flaws: FlawTeller
    notes: Notes

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return what the reader does; what it found damaged meanwhile is told as well."""
        found = self.reader.panels(matchers, start, end, budget)
        self.notes.lack(self.flaws(start, end))
        return found

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Return what the reader does; what it found damaged meanwhile is told as well."""
        found = self.reader.summarised(matchers, start, end, budget)
        self.notes.lack(self.flaws(start, end))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class TellingBuckets:
    """A BucketReader that warns in the same way."""

    reader: BucketReader
    flaws: FlawTeller
    notes: Notes

    def kept(self) -> Kept:
        """Return what the reader does."""
        return self.reader.kept()

    def samples_since(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> int:
        """Return what the reader does."""
        return self.reader.samples_since(matchers, start, end, budget)

    def buckets(self, wanted: BucketsWanted, budget: Budget) -> Iterator[Buckets]:
        """Yield what the reader does, and tell what it lacks once all of it was asked for."""
        yield from self.reader.buckets(wanted, budget)
        self.notes.lack(self.flaws(wanted.start, wanted.end))
