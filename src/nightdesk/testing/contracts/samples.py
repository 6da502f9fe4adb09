"""What every sample store guarantees to readers and writers."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
import pytest

from nightdesk.errors import BadLabels, QueryError, QueryLimitExceeded, QueryTimeout, SeriesLimitExceeded
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.panel import Summarised
from nightdesk.model.series import STALE, Batch, Series, Times, Values, stale_mask
from nightdesk.seams.samples import LabelReader, PanelReader, SampleWriter, SeriesReader
from nightdesk.testing.builders import FreeBudget, named

NOW = 1_700_000_000_000
CAP = 20


class Samples(SeriesReader, PanelReader, LabelReader, SampleWriter, Protocol):
    """All four sockets in one object."""


class SamplesContract(ABC):
    """Inherit, give `make`, and every promise of the four sockets is tried."""

    @abstractmethod
    def make(self) -> AbstractContextManager[Samples]:
        """Open an empty store that takes samples from 1970 to some days after `NOW`, and at most `CAP` series."""

    @pytest.fixture
    def store(self) -> Iterator[Samples]:
        """One empty store."""
        with self.make() as samples:
            yield samples

    def test_a_batch_is_readable_once_append_has_returned(self, store: Samples) -> None:
        """Before any commit, readers see what was appended."""
        put(store, Labels.of("up", job="a"), (NOW, 1.0))
        assert read(store) == {'up{job="a"}': [(NOW, 1.0)]}

    def test_bounds_of_a_select_are_inclusive(self, store: Samples) -> None:
        """Samples at start and at end are given, their neighbours are not; an empty series is left out."""
        put(store, Labels.of("up"), *[(NOW + step, float(step)) for step in range(5)])
        put(store, Labels.of("other"), (NOW + 9, 1.0))
        assert read(store, NOW + 1, NOW + 3) == {"up": [(NOW + 1, 1.0), (NOW + 2, 2.0), (NOW + 3, 3.0)]}
        assert read(store, NOW + 5, NOW + 8) == {}

    def test_the_last_value_of_one_instant_wins(self, store: Samples) -> None:
        """The same series and instant again replaces the value, over batches and within one."""
        put(store, Labels.of("up"), (NOW, 1.0), (NOW, 2.0))
        assert read(store) == {"up": [(NOW, 2.0)]}
        put(store, Labels.of("up"), (NOW, 3.0))
        assert read(store) == {"up": [(NOW, 3.0)]}

    def test_samples_of_any_age_and_order_are_taken(self, store: Samples) -> None:
        """Unix time 0 and instants before it included; times come back strictly ascending."""
        times = [NOW, 0, NOW - DAY, 1, NOW - 1, -5]
        for time in times:
            put(store, Labels.of("up"), (time, float(time)))
        assert read(store) == {"up": [(time, float(time)) for time in sorted(times)]}

    def test_every_bit_of_a_value_comes_back(self, store: Samples) -> None:
        """NaN, the stale marker, infinities, minus zero and the smallest number are values like any other."""
        given = [float("nan"), STALE, float("inf"), float("-inf"), -0.0, 5e-324, 0.1]
        put(store, Labels.of("up"), *[(NOW + at, value) for at, value in enumerate(given)])
        (series,) = store.select(named("up"), NOW, NOW + 9, FreeBudget())
        assert series.values.view(np.uint64).tolist() == np.array(given).view(np.uint64).tolist()
        assert stale_mask(series.values).tolist() == [False, True, *[False] * 5]

    def test_series_come_sorted_by_labels(self, store: Samples) -> None:
        """The order does not depend on the order of writing."""
        for job in "cab":
            put(store, Labels.of("up", job=job), (NOW, 1.0))
        found = store.select(named("up"), NOW, NOW, FreeBudget())
        assert [series.labels.get("job") for series in found] == ["a", "b", "c"]

    def test_panels_tell_what_select_tells(self, store: Samples) -> None:
        """Each series is in one panel with all its samples, be they of scrapes, out of order or of two days."""
        refs = np.array([store.reference(Labels.of("up", job=job)) for job in "abcd"])
        for step in range(6):
            store.append(Batch.at(refs, NOW + step * 1000, np.arange(4.0) + step))
            store.append(Batch.at(refs[1:], NOW + DAY + step * 1000, np.arange(3.0) - step))
        put(store, Labels.of("up", job="b"), (NOW + 500, 7.0), (NOW + 2000, 8.0))
        put(store, Labels.of("up", job="x"), (NOW + 500, STALE))
        for matchers in (named("up"), (*named("up"), Matcher("job", MatchOp.NOT_EQUAL, "b"))):
            for start, end in ((MIN_INSTANT, MAX_INSTANT), (NOW + 1000, NOW + 4000), (NOW + 3000, NOW + DAY + 2000)):
                panels = store.panels(matchers, start, end, FreeBudget())
                rows = sorted((series for panel in panels for series in panel.series()), key=lambda one: one.labels)
                assert [_bits(one) for one in rows] == [
                    _bits(one) for one in store.select(matchers, start, end, FreeBudget())
                ]

    def test_summaries_tell_of_the_same_samples(self, store: Samples) -> None:
        """No sample is in both, none is lost: count, sum, extremes, first and last are those of the samples."""
        refs = np.array([store.reference(Labels.of("up", job=job)) for job in "abc"])
        for step in range(48):
            store.append(Batch.at(refs, NOW + step * DAY // 24, np.array([step, 0.5 * step, -3.0])))
        put(store, Labels.of("up", job="b"), (NOW + 500, 7.0), (NOW + DAY, STALE))
        for start, end in ((MIN_INSTANT, MAX_INSTANT), (NOW + 1000, NOW + DAY), (NOW, NOW + 3 * DAY // 2)):
            told = store.summarised(named("up"), start, end, FreeBudget())
            expected = store.select(named("up"), start, end, FreeBudget())
            assert _figures(told) == {str(one.labels): _figures_of(one.times, one.values) for one in expected}

    def test_series_of_one_scrape_share_their_times(self, store: Samples) -> None:
        """Equal times are one object, so that they are searched once."""
        refs = np.array([store.reference(Labels.of("up", job=job)) for job in "abcd"])
        for step in range(10):
            store.append(Batch.at(refs, NOW + step * 1000, np.arange(4.0) + step))
        found = store.select(named("up"), NOW, NOW + 9000, FreeBudget())
        assert len({id(series.times) for series in found}) == 1
        assert found[2].values.tolist() == [2.0 + step for step in range(10)]

    @pytest.mark.parametrize(
        ("matcher", "expected"),
        [
            (Matcher("job", MatchOp.EQUAL, "a"), ["a"]),
            (Matcher("job", MatchOp.EQUAL, ""), [""]),
            (Matcher("job", MatchOp.NOT_EQUAL, "a"), ["", "b", "ba"]),
            (Matcher("job", MatchOp.NOT_EQUAL, ""), ["a", "b", "ba"]),
            (Matcher("job", MatchOp.REGEX, "a|b"), ["a", "b"]),
            (Matcher("job", MatchOp.REGEX, "b.*"), ["b", "ba"]),
            (Matcher("job", MatchOp.REGEX, ".*"), ["", "a", "b", "ba"]),
            (Matcher("job", MatchOp.REGEX, ".+"), ["a", "b", "ba"]),
            (Matcher("job", MatchOp.REGEX, "|a"), ["", "a"]),
            (Matcher("job", MatchOp.REGEX, ""), [""]),
            (Matcher("job", MatchOp.NOT_REGEX, "b.*"), ["", "a"]),
            (Matcher("job", MatchOp.NOT_REGEX, ".+"), [""]),
            (Matcher("job", MatchOp.NOT_REGEX, "(b|)"), ["a", "ba"]),
            (Matcher("nobody", MatchOp.EQUAL, "x"), []),
            (Matcher("nobody", MatchOp.NOT_EQUAL, "x"), ["", "a", "b", "ba"]),
        ],
        ids=str,
    )
    def test_matchers_count_an_absent_label_as_empty(
        self, store: Samples, matcher: Matcher, expected: list[str]
    ) -> None:
        """All four operators, anchored, as Prometheus has them."""
        for job in ("", "a", "b", "ba"):
            put(store, Labels.of("up", job=job), (NOW, 1.0))
        found = store.select([*named("up"), matcher], NOW, NOW, FreeBudget())
        assert [series.labels.get("job") for series in found] == expected
        assert [labels.get("job") for labels in store.series([matcher], NOW, NOW, FreeBudget())] == expected

    def test_a_bad_expression_is_refused_with_a_reason(self, store: Samples) -> None:
        """The fault is the question's."""
        with pytest.raises(QueryError, match="expression"):
            store.select([Matcher("job", MatchOp.REGEX, "a(")], NOW, NOW, FreeBudget())

    def test_labels_are_narrowed_by_day(self, store: Samples) -> None:
        """Names, values and series of other days do not appear; those of the days asked for do."""
        put(store, Labels.of("old", job="x"), (NOW - 3 * DAY, 1.0))
        put(store, Labels.of("new", zone="y"), (NOW, 1.0))
        assert store.label_names(NOW, NOW, FreeBudget()) == ["__name__", "zone"]
        assert store.label_names(MIN_INSTANT, MAX_INSTANT, FreeBudget()) == ["__name__", "job", "zone"]
        assert store.label_values("__name__", NOW - 3 * DAY, NOW - 3 * DAY, FreeBudget()) == ["old"]
        assert store.label_values("__name__", NOW - 3 * DAY, NOW, FreeBudget()) == ["new", "old"]
        assert store.label_values("nobody", NOW - 3 * DAY, NOW, FreeBudget()) == []
        assert store.series(named("old"), NOW, NOW, FreeBudget()) == []
        assert store.series((), NOW - 3 * DAY, NOW, FreeBudget()) == [
            Labels.of("new", zone="y"),
            Labels.of("old", job="x"),
        ]

    def test_label_questions_end_with_their_budget(self, store: Samples) -> None:
        """A deadline that has passed, or an asker who has gone, ends each of them."""
        put(store, Labels.of("up", job="x"), (NOW, 1.0))
        late = _PastDeadline()
        with pytest.raises(QueryTimeout):
            store.series((), NOW, NOW, late)
        with pytest.raises(QueryTimeout):
            store.label_names(NOW, NOW, late)
        with pytest.raises(QueryTimeout):
            store.label_values("job", NOW, NOW, late)

    def test_text_of_any_kind_survives(self, store: Samples) -> None:
        """Unicode, quotes, newlines, NUL and bytes that are no UTF-8 come back as they were given."""
        labels = Labels(
            [("__name__", "up"), ("näme", 'ü"\n\x00\\'), ("raw", b"\xff\xfe".decode("utf-8", "surrogateescape"))]
        )
        put(store, labels, (NOW, 1.0))
        assert [series.labels for series in store.select(named("up"), NOW, NOW, FreeBudget())] == [labels]
        assert store.label_values("raw", NOW, NOW, FreeBudget()) == [labels.get("raw")]

    def test_one_label_set_has_one_reference(self, store: Samples) -> None:
        """However often it is asked for."""
        assert store.reference(Labels.of("up", a="1")) == store.reference(Labels.of("up", a="1"))
        assert store.reference(Labels.of("up", a="1")) != store.reference(Labels.of("up", a="2"))

    @pytest.mark.parametrize(
        "labels",
        [
            Labels(),
            Labels([(f"l{number}", "x") for number in range(33)]),
            Labels([("n" * 129, "x")]),
            Labels([("n", "x" * 1025)]),
        ],
        ids=["none", "too many", "long name", "long value"],
    )
    def test_labels_out_of_bounds_are_refused(self, store: Samples, labels: Labels) -> None:
        """The caps keep one bad target from filling memory."""
        with pytest.raises(BadLabels):
            store.reference(labels)

    def test_a_series_over_the_cap_is_refused_and_known_ones_go_on(self, store: Samples) -> None:
        """The cap hits new series only."""
        refs = [store.reference(Labels.of("up", job=str(number))) for number in range(CAP)]
        with pytest.raises(SeriesLimitExceeded):
            store.reference(Labels.of("up", job="one more"))
        assert store.reference(Labels.of("up", job="3")) == refs[3]

    def test_what_is_pushed_leaves_places_free(self, store: Samples) -> None:
        """The last tenth is refused to those who push, and given to those who measure."""
        for number in range(CAP - CAP // 10):
            store.reference(Labels.of("up", job=str(number)), pushed=True)
        with pytest.raises(SeriesLimitExceeded):
            store.reference(Labels.of("up", job="one more"), pushed=True)
        store.reference(Labels.of("up", job="one more"))

    def test_a_read_is_charged_to_its_budget(self, store: Samples) -> None:
        """Every sample given is counted, and a budget that refuses ends the read."""
        put(store, Labels.of("up"), *[(NOW + step, 1.0) for step in range(7)])
        budget = FreeBudget()
        store.select(named("up"), NOW + 1, NOW + 4, budget)
        assert budget.samples == 4
        with pytest.raises(QueryLimitExceeded):
            store.select(named("up"), NOW, NOW + 9, _NoBudget())

    def test_an_empty_batch_changes_nothing(self, store: Samples) -> None:
        """And can be committed."""
        nothing = np.empty(0, dtype=np.int64)
        assert store.append(Batch(nothing, nothing, np.empty(0))).accepted == 0
        store.commit()
        assert read(store) == {}


def put(store: SampleWriter, labels: Labels, *samples: tuple[int, float]) -> None:
    """Append (milliseconds, value) pairs of one series as one batch, and commit."""
    times = np.array([time for time, _ in samples], dtype=np.int64)
    values = np.array([value for _, value in samples], dtype=np.float64)
    appended = store.append(Batch(np.full(len(times), store.reference(labels)), times, values))
    assert appended.accepted == len(samples)


def read(store: SeriesReader, start: int = MIN_INSTANT, end: int = MAX_INSTANT) -> dict[str, list[tuple[int, float]]]:
    """Return everything in [start, end] as plain values."""
    return {str(series.labels): pairs(series) for series in store.select((), start, end, FreeBudget())}


def pairs(series: Series) -> list[tuple[int, float]]:
    """Return a series as (milliseconds, value) pairs."""
    return list(zip(series.times.tolist(), series.values.tolist(), strict=True))


def _bits(series: Series) -> tuple[str, list[int], list[int]]:
    return str(series.labels), series.times.tolist(), series.values.view(np.uint64).tolist()


_Figures = tuple[float, ...]


def _figures_of(times: Times, values: Values) -> _Figures:
    """Return count, sum, smallest, largest, first and last; NaN counts, but is left out of all else."""
    kept = values[~np.isnan(values)][np.argsort(times[~np.isnan(values)])]
    return len(values), float(kept.sum()), float(kept.min()), float(kept.max()), float(kept[0]), float(kept[-1])


def _figures(told: Summarised) -> dict[str, _Figures]:
    """Return the figures of each series out of what was told by summaries and what by samples."""
    found: dict[str, list[tuple[int, _Figures]]] = {}
    for chunks in told.chunks:
        columns = (chunks.sums, chunks.lows, chunks.highs, chunks.firsts, chunks.lasts)
        for row, labels in enumerate(chunks.labels):
            for place, (first, count) in enumerate(zip(chunks.first_times, chunks.counts, strict=True)):
                own = (int(count), *(float(column[row, place]) for column in columns))
                found.setdefault(str(labels), []).append((int(first), own))
    for panel in told.panels:
        for series in panel.series():
            for time, value in zip(series.times.tolist(), series.values.tolist(), strict=True):
                found.setdefault(str(series.labels), []).append((time, (1, *[value] * 5)))
    return {labels: _together(sorted(pieces)) for labels, pieces in found.items()}


def _together(pieces: list[tuple[int, _Figures]]) -> _Figures:
    numbers = [figures for _, figures in pieces if not np.isnan(figures[1])]
    counts, sums, lows, highs, firsts, lasts = zip(*numbers, strict=True)
    count = sum(counts) + len(pieces) - len(numbers)
    return count, sum(sums), min(lows), max(highs), firsts[0], lasts[-1]


class _NoBudget:
    def charge(self, samples: int) -> None:
        raise QueryLimitExceeded(f"{samples} are too many")

    def check(self) -> None:
        """Time is left."""


class _PastDeadline:
    """A budget whose time is over."""

    def charge(self, samples: int) -> None:
        raise QueryTimeout(f"{samples} samples too late")

    def check(self) -> None:
        raise QueryTimeout("the time is over")
