"""What a deletion is: selectors and an interval, and what of the store it is about."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.model.series import Batch, Refs
from nightdesk.store.samples.day_names import day_bounds
from nightdesk.store.samples.matching import PostingsSource, match, union

Selector = tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Deletion:
    """Samples to be gone: those of any selector in [start, end] ms that the store had when it was asked for.

    What the store had then: journal entries up to `journal_end` and day files up to the number `last_file`. What came
    later is another matter, whatever its instant.
    """

    number: int
    selectors: tuple[Selector, ...]
    start: int
    end: int
    journal_end: int
    last_file: int

    def chosen(self, source: PostingsSource) -> Refs:
        """Return the series of a source that it is about, sorted."""
        return chosen_by(self.selectors, source, lambda: None)

    def covers(self, day: int) -> bool:
        """Tell whether all of a day lies inside."""
        first, last = day_bounds(day)
        return self.start <= first and last <= self.end

    def touches(self, day: int) -> bool:
        """Tell whether any of a day lies inside."""
        first, last = day_bounds(day)
        return self.start <= last and first <= self.end


def chosen_by(selectors: Sequence[Selector], source: PostingsSource, check: Callable[[], None]) -> Refs:
    """Return the series of a source that any selector matches, sorted; `check` may put an end to the matching."""
    return union([match(source, selector, check) for selector in selectors])


def batch_without(batch: Batch, refs: Refs, start: int, end: int) -> Batch:
    """Return a batch without the samples of `refs` in [start, end]."""
    hit = np.isin(batch.refs, refs) & (batch.times >= start) & (batch.times <= end)
    return Batch(batch.refs[~hit], batch.times[~hit], batch.values[~hit]) if hit.any() else batch


def write_selectors(selectors: Sequence[Selector]) -> str:
    """Return selectors as JSON: a list a selector of [name, operator, value]."""
    return json.dumps([[[each.name, each.op.value, each.value] for each in selector] for selector in selectors])


def read_selectors(text: str) -> tuple[Selector, ...]:
    """Read what `write_selectors` wrote. Raises CorruptData."""
    try:
        return tuple(
            tuple(Matcher(name, MatchOp(op), value) for name, op, value in selector) for selector in json.loads(text)
        )
    except (ValueError, TypeError) as error:
        raise CorruptData(f"the selectors of a deletion cannot be read: {error}") from error
