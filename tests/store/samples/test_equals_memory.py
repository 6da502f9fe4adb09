"""Whatever is written, deleted, sealed, compacted and reopened, in whatever order: it answers as a dictionary would."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import STALE, Batch, Series
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.samples import MemorySamples

NOW = 1_700_000_000_000
SERIES = [Labels.of("up", job=str(number % 3), sid=str(number)) for number in range(12)]
TIMES = st.one_of(
    st.integers(NOW - 20, NOW + 20),
    st.integers(-3, 1).map(lambda days: NOW + days * DAY),
    st.integers(-2 * HOUR, 2 * HOUR),
)
EDGES = st.one_of(TIMES, st.sampled_from([MIN_INSTANT, MAX_INSTANT, NOW // DAY * DAY, NOW // DAY * DAY - 1]))
VALUES = st.one_of(st.floats(width=64), st.integers(0, 5).map(float), st.just(STALE))
LOOSE = st.lists(st.tuples(st.integers(0, len(SERIES) - 1), TIMES, VALUES), min_size=1, max_size=30)
SELECTORS = st.lists(
    st.sampled_from(
        [
            (Matcher("job", MatchOp.EQUAL, "1"),),
            (Matcher("job", MatchOp.REGEX, "[02]"),),
            (Matcher("sid", MatchOp.EQUAL, "5"),),
            (Matcher("sid", MatchOp.REGEX, "1.*"), Matcher("job", MatchOp.NOT_EQUAL, "2")),
            (Matcher("__name__", MatchOp.EQUAL, "up"),),
        ]
    ),
    min_size=1,
    max_size=2,
)
SOMETIMES_PACKED = SealWhen(samples=60, many_series=8)
"""Seals of eight series or more become packed files at once, others rows."""


class HurriedClock(ManualClock):
    """A clock on which every look costs more than a step of housekeeping may take, so that tasks stop half way."""

    def boot(self) -> float:
        """Return seconds since boot."""
        self.jump(0.015)
        return super().boot()


class StoreMachine(RuleBasedStateMachine):
    """Drives a store and a dictionary side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = HurriedClock(NOW)
        self.memory = MemorySamples()
        self.memory_refs = np.array([self.memory.reference(labels) for labels in SERIES])
        self.scrapes = 0
        self.open()

    def open(self) -> None:
        self.store = SampleStore(
            Path(self.folder.name), clock=self.clock, retention_ms=100 * YEAR, seal_when=SOMETIMES_PACKED
        )
        self.refs = np.array([self.store.reference(labels) for labels in SERIES])

    @rule(samples=LOOSE)
    def write_loose(self, samples: list[tuple[int, int, float]]) -> None:
        places = np.array([place for place, _, _ in samples])
        times = np.array([time for _, time, _ in samples], dtype=np.int64)
        values = np.array([value for _, _, value in samples], dtype=np.float64)
        self.store.append(Batch(self.refs[places], times, values))
        self.memory.append(Batch(self.memory_refs[places], times, values))

    @rule(first=st.integers(0, 8), count=st.integers(1, 12), steps=st.integers(1, 40), gap=st.integers(-1, 3))
    def write_scrapes(self, first: int, count: int, steps: int, gap: int) -> None:
        """The usual traffic: the same series again and again, time going on (or, for gap < 1, standing or back)."""
        places = np.arange(first, min(first + count, len(SERIES)))
        for step in range(steps):
            self.scrapes += gap
            values = np.arange(len(places), dtype=np.float64) + step
            self.store.append(Batch.at(self.refs[places], NOW + self.scrapes * 1_000, values))
            self.memory.append(Batch.at(self.memory_refs[places], NOW + self.scrapes * 1_000, values))

    @rule(selectors=SELECTORS, one=EDGES, other=EDGES)
    def delete(self, selectors: list[tuple[Matcher, ...]], one: int, other: int) -> None:
        start, end = sorted((one, other))
        self.store.delete(selectors, start, end)
        self.memory.delete(selectors, start, end)

    @rule()
    def clean_tombstones(self) -> None:
        self.store.clean_tombstones()
        assert not self.store.deletions_pending

    @rule()
    def commit(self) -> None:
        self.store.commit()

    @rule(steps=st.integers(1, 8))
    def keep_house(self, steps: int) -> None:
        for _ in range(steps):
            self.store.maintain()

    @rule()
    def seal(self) -> None:
        self.store.seal()

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.open()

    @rule(span=st.sampled_from([0, 5, 60_000, DAY, 3 * DAY]), end=TIMES)
    def read_a_window(self, span: int, end: int) -> None:
        matchers = [Matcher("job", MatchOp.REGEX, "[01]")]
        assert same(
            self.store.select(matchers, end - span, end, FreeBudget()),
            self.memory.select(matchers, end - span, end, FreeBudget()),
        )

    @rule(end=TIMES)
    def ask_for_labels(self, end: int) -> None:
        """The series that have samples on a day are all told; of deleted ones some may be, while others are left."""
        day = end // DAY * DAY, end // DAY * DAY + DAY - 1
        assert set(self.memory.series((), *day, FreeBudget())) <= set(self.store.series((), *day, FreeBudget()))

    @invariant()
    def everything_is_there_and_nothing_else(self) -> None:
        assert same(
            self.store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget()),
            self.memory.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget()),
        )

    def teardown(self) -> None:
        assert self.store.stats().damaged == 0
        self.store.close()
        self.folder.cleanup()


def same(ours: list[Series], theirs: list[Series]) -> bool:
    """Tell whether two answers agree in every bit."""
    return [(series.labels, series.times.tolist(), series.values.tobytes()) for series in ours] == [
        (series.labels, series.times.tolist(), series.values.tobytes()) for series in theirs
    ]


StoreMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestStoreEqualsMemory = StoreMachine.TestCase
