"""What is asked twice is read once, within bounds."""

from collections.abc import Sequence

from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Summarised
from nightdesk.query.engine import Engine
from nightdesk.query.together.once import MOST_CELLS, ReadOnce
from nightdesk.seams.samples import Budget
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.samples import MemorySamples


class Counting:
    """A reader that counts how often it is asked."""

    def __init__(self, samples: MemorySamples) -> None:
        self.samples, self.reads = samples, 0

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Count, and read."""
        self.reads += 1
        return self.samples.panels(matchers, start, end, budget)

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Count, and read."""
        self.reads += 1
        return self.samples.summarised(matchers, start, end, budget)


def _reader(samples: int) -> Counting:
    store = MemorySamples()
    store.put(Labels.of("a"), *[(step * 1000, float(step)) for step in range(samples)])
    return Counting(store)


def test_the_same_question_is_read_once() -> None:
    """Equal selectors over equal times share their samples; anything else is read anew; the answers are the same."""
    reader = _reader(100)
    once = ReadOnce(reader)
    first = once.panels(named("a"), 0, 50_000, FreeBudget())
    assert once.panels(list(named("a")), 0, 50_000, FreeBudget()) is first
    assert reader.reads == 1
    once.panels(named("a"), 0, 50_001, FreeBudget())
    once.panels(named("b"), 0, 50_000, FreeBudget())
    assert reader.reads == 3
    engine = Engine(reader, ManualClock())
    asked = "sum(a) + avg_over_time(a[30s]) + max_over_time(a[30s])"
    assert engine.through(ReadOnce).instant(asked, 60_000).values == engine.instant(asked, 60_000).values


def test_what_is_remembered_is_bounded() -> None:
    """A read that is too large is not kept, and neither are endless empty ones."""
    reader = _reader(MOST_CELLS // 2 + 1)
    once = ReadOnce(reader)
    for _ in range(2):
        once.panels(named("a"), 0, 2**62, FreeBudget())
    assert reader.reads == 2
    reader = _reader(1)
    once = ReadOnce(reader)
    for turn in range(2):
        for end in range(MOST_CELLS // 64 + 10):
            once.panels(named("nothing"), 0, end, FreeBudget())
        assert reader.reads >= MOST_CELLS // 64 + 10 * (turn + 1)
    assert reader.reads < MOST_CELLS // 64 + 100
