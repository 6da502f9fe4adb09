"""Reads under way while samples move: at every step of a read something is sealed, retired, compacted or deleted."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, SECOND
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.panel import Summarised
from nightdesk.model.series import Batch
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.head.head import Generation, Head
from nightdesk.store.samples.head.registry import RETIRE_SECONDS, Registry
from nightdesk.store.samples.packed.pack_reader import PackReader
from nightdesk.store.samples.reading.reader import Reader
from nightdesk.store.samples.reading.selections import Selections
from nightdesk.store.samples.rows.reader import DayReader
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOW = 1_700_006_400_000 // DAY * DAY
ALL = (Matcher("__name__", MatchOp.REGEX, "ended|steady"), Matcher("left_out", MatchOp.NOT_EQUAL, "yes"))
COUNT = 4

STEPS = {
    function.__code__
    for function in (
        *(getattr(Registry, name) for name in ("all_series", "values", "with_values", "labels")),
        *(getattr(Reader, name) for name in ("_of_head", "_of_day", "_summaries_of_day", "_present", "_asked")),
        *(
            getattr(reader, name)
            for reader in (DayReader, PackReader)
            for name in ("all_series", "with_values", "labels")
        ),
        *(getattr(reader, name) for reader in (DayReader, PackReader) for name in ("panels", "summarised")),
        *(getattr(Generation, name) for name in ("panels", "may_hold", "references")),
        Head.generations,
        Selections.select,
        Days.between,
    )
}
"""Where a read stands between two looks at what others move: none of these is called with a lock held."""


class Meddler:
    """Lets something happen when a read comes to its n-th step, at that very moment."""

    def __init__(self, step: int, happening: Callable[[], None]) -> None:
        """Wait for the step."""
        self._left, self._happening = step, happening
        self.done = False

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Count a call."""
        if event == "call" and frame.f_code in STEPS and not self.done:
            self._left -= 1
            if self._left < 0:
                self.done = True
                sys.setprofile(None)
                self._happening()


class MovingStore:
    """A store with a whole day, a supplement and a head; of its series most are about to be retired."""

    def __init__(self, folder: Path) -> None:
        """Write all of it."""
        self.clock = ManualClock(NOW + HOUR)
        self.store = SampleStore(folder, clock=self.clock, retention_ms=90 * DAY, max_series=20)
        self.steady = np.array([self.store.reference(Labels.of("steady"))])
        for time in (NOW - DAY, NOW):
            self.store.append(Batch.at(self.steady, time, np.ones(1)))
        self.store.seal()
        self.ended = np.array([self.store.reference(Labels.of("ended", sid=str(sid))) for sid in range(COUNT)])
        self.put(self.steady, NOW + SECOND)
        self.put(self.ended, NOW + 2 * SECOND)
        self.clock.jump(RETIRE_SECONDS + 1)

    def put(self, refs: np.ndarray, time: int) -> None:
        """Write a sample a series."""
        self.store.append(Batch.at(refs, time, np.full(len(refs), time / SECOND)))
        self.store.commit()

    def seal_and_retire(self) -> None:
        """Empty the head, and let who ended be forgotten by the registry."""
        self.store.seal()
        self.put(self.steady, NOW + HOUR)
        assert self.store.era == 1

    def seal_and_retire_twice(self) -> None:
        """So that not even their labels are kept for reads that found them before."""
        self.seal_and_retire()
        self.clock.jump(RETIRE_SECONDS + 1)
        others = np.array([self.store.reference(Labels.of("others", sid=str(sid))) for sid in range(COUNT)])
        self.put(others, NOW + HOUR + SECOND)
        self.store.seal()
        self.put(self.steady, NOW + HOUR + 2 * SECOND)
        assert self.store.era == 2

    def delete_others(self) -> None:
        """Rewrite files that a deletion goes by; nobody asks for what it is about."""
        self.put(np.array([self.store.reference(Labels.of("others"))]), NOW + HOUR)
        self.store.delete([named("others")], MIN_INSTANT, MAX_INSTANT)
        self.store.clean_tombstones()
        self.store.seal()

    def write_again(self) -> None:
        """Write an instant of a sealed day once more, with the same value."""
        self.store.append(Batch.at(self.steady, NOW - DAY, np.ones(1)))


def counted(found: Summarised) -> int:
    """Return how many samples summaries and edges tell of."""
    in_chunks = sum(int(each.counts.sum()) * len(each.labels) for each in found.chunks)
    return in_chunks + sum(panel.values.size for panel in found.panels)


def select(store: SampleStore) -> object:
    """Read all samples up to those that come meanwhile."""
    found = store.select(ALL, MIN_INSTANT, NOW + HOUR - 1, FreeBudget())
    return [(each.labels, each.times.tolist(), each.values.tolist()) for each in found]


def summaries(store: SampleStore) -> object:
    """Count the samples of a read by summaries."""
    return counted(store.summarised(ALL, MIN_INSTANT, NOW + HOUR - 1, FreeBudget()))


def label_sets(store: SampleStore) -> object:
    """Ask who is there."""
    return store.series(ALL, MIN_INSTANT, NOW + HOUR, FreeBudget())


def some_values(store: SampleStore) -> object:
    """Ask for the names of metrics, but those that come meanwhile."""
    names = store.label_values("__name__", MIN_INSTANT, NOW + HOUR - 1, FreeBudget())
    return [name for name in names if name != "others"]


@pytest.mark.parametrize(
    ("question", "happening"),
    [
        (select, MovingStore.seal_and_retire),
        (select, MovingStore.seal_and_retire_twice),
        (select, MovingStore.delete_others),
        (summaries, MovingStore.seal_and_retire),
        (summaries, MovingStore.write_again),
        (summaries, MovingStore.delete_others),
        (label_sets, MovingStore.seal_and_retire_twice),
        (some_values, MovingStore.seal_and_retire),
    ],
    ids=lambda each: each.__name__,
)
def test_a_read_tells_the_same_whatever_moves_at_whichever_step(
    question: Callable[[SampleStore], object], happening: Callable[[MovingStore], None], tmp_path: Path
) -> None:
    """A fresh store for each step of the read; what happens there changes where samples lie, and none of them."""
    for step in range(1_000):
        moving = MovingStore(tmp_path / str(step))
        expected = question(moving.store)
        # Asked anew, without what is remembered from the first time.
        moving.store._reader._selections = Selections()
        meddler = Meddler(step, lambda: happening(moving))  # noqa: B023 - called before the next turn
        sys.setprofile(meddler)
        try:
            found = question(moving.store)
        finally:
            sys.setprofile(None)
        assert found == expected, f"at step {step}"
        moving.store.close()
        if not meddler.done:
            break
    assert 5 < step < 1_000
