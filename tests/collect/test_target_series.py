"""Staleness and the report, as Prometheus has them."""

import numpy as np
import pytest

from nightdesk.collect.collector import Readings
from nightdesk.collect.target_series import REPORT, TargetSeries
from nightdesk.errors import BadLabels, SeriesLimitExceeded
from nightdesk.model.labels import Labels
from nightdesk.model.series import AppendRefusal
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.lake import Lake
from nightdesk.testing.samples import MemorySamples

TARGET = Labels([("job", "bot"), ("instance", "a:1")])
A, B = Labels.of("a"), Labels.of("b")


@pytest.fixture
def lake() -> Lake:
    """Return an empty store."""
    return Lake()


def _write(lake: Lake, series: TargetSeries, readings: Readings | None, at: int) -> None:
    lake.append(series.job(readings, at, 0.25)(lake))


def _read(at: int, **values: float) -> Readings:
    return Readings(tuple(Labels.of(name) for name in values), np.array(list(values.values())), at)


def test_the_report_says_what_prometheus_says(lake: Lake) -> None:
    """Each collection writes up, duration, samples, samples kept and series added, under the target's labels."""
    _write(lake, TargetSeries(TARGET), _read(1000, a=1, b=2), 1000)
    assert lake.told("up") == [(TARGET.with_(__name__="up"), 1000, 1.0)]
    assert lake.values("scrape_duration_seconds") == [0.25]
    assert lake.values("scrape_samples_scraped") == [2]
    assert lake.values("scrape_samples_post_metric_relabeling") == [2]
    assert lake.values("scrape_series_added") == [2]


def test_a_series_that_is_gone_ends(lake: Lake) -> None:
    """What was there and is missing now gets a stale marker at this collection, once."""
    series = TargetSeries(TARGET)
    for at, values in ((1000, {"a": 1, "b": 2}), (2000, {"a": 3}), (3000, {"a": 4})):
        _write(lake, series, _read(at, **values), at)
    assert lake.told("b") == [(B, 1000, 2.0), (B, 2000, "stale")]
    assert lake.values("a") == [1, 3, 4]
    assert lake.values("scrape_series_added") == [2, 0, 0]


def test_a_target_that_is_down_ends_everything(lake: Lake) -> None:
    """A failure writes up 0 and ends each series; `up` itself goes on."""
    series = TargetSeries(TARGET)
    _write(lake, series, _read(1000, a=1, b=2), 1000)
    _write(lake, series, None, 2000)
    _write(lake, series, None, 3000)
    assert lake.values("up") == [1, 0, 0]
    assert lake.values("a") == [1, "stale"]
    assert lake.values("b") == [2, "stale"]
    _write(lake, series, _read(4000, a=5), 4000)
    assert lake.values("a") == [1, "stale", 5]


def test_series_with_their_own_timestamps_are_not_ended(lake: Lake) -> None:
    """As in Prometheus, a series whose timestamp the target gave is left alone when it goes."""
    series = TargetSeries(TARGET)
    own = Readings((A, B), np.array([1.0, 2.0]), 1000, np.array([1000, 900], dtype=np.int64))
    _write(lake, series, own, 1000)
    _write(lake, series, _read(2000), 2000)
    assert lake.told("a") == [(A, 1000, 1.0), (A, 2000, "stale")]
    assert lake.told("b") == [(B, 900, 2.0)]


def test_a_series_given_twice_keeps_its_first_value(lake: Lake) -> None:
    """Of two samples of one series the first is written, as in Prometheus, each time."""
    series = TargetSeries(TARGET)
    labels = (A, B, A)
    for at in (1000, 2000):
        _write(lake, series, Readings(labels, np.array([1.0, 2.0, 9.0]), at), at)
    assert lake.values("a") == [1, 1]
    assert lake.values("b") == [2, 2]


def test_what_the_store_refuses_is_left_out_and_asked_for_again(lake: Lake) -> None:
    """Refused series are counted by reason, the others written; once there is room the rest is taken."""
    series, labels = TargetSeries(TARGET), (A, B, Labels.of("c"))
    lake.refusals = {"b": SeriesLimitExceeded("full"), "c": BadLabels("no")}
    _write(lake, series, Readings(labels, np.array([1.0, 2.0, 3.0]), 1000), 1000)
    assert series.refused == {AppendRefusal.SERIES_LIMIT: 1, AppendRefusal.BAD_LABELS: 1}
    assert (lake.values("a"), lake.values("b"), lake.values("c")) == ([1], [], [])
    lake.refusals = {}
    _write(lake, series, Readings(labels, np.array([4.0, 5.0, 6.0]), 2000), 2000)
    assert (lake.values("a"), lake.values("b"), lake.values("c")) == ([1, 4], [5], [6])


def test_at_the_series_cap_a_new_target_loses_only_what_has_no_room(lake: Lake) -> None:
    """Refused series of the report are counted and left out; all else is written, and ends as it should."""
    series, labels = TargetSeries(TARGET), (A, B)
    lake.refusals = {name: SeriesLimitExceeded("full") for name in ("scrape_duration_seconds", "b")}
    _write(lake, series, Readings(labels, np.array([1.0, 2.0]), 1000), 1000)
    assert (lake.values("up"), lake.values("a"), lake.values("b")) == ([1], [1], [])
    assert (lake.values("scrape_duration_seconds"), lake.values("scrape_samples_scraped")) == ([], [2])
    assert series.refused == {AppendRefusal.SERIES_LIMIT: 2}
    lake.refusals = {}
    _write(lake, series, Readings(labels, np.array([3.0, 4.0]), 2000), 2000)
    assert (lake.values("scrape_duration_seconds"), lake.values("b"), lake.values("up")) == ([0.25], [4], [1, 1])


def test_what_is_told_of_a_target_takes_the_last_room_before_its_samples() -> None:
    """With room for five series only, a target first seen has its report, `up` first."""
    store = MemorySamples(max_series=5)
    store.append(TargetSeries(TARGET).job(_read(1000, a=1), 1000, 0.25)(store))
    assert store.label_values("__name__", 0, 2000, FreeBudget()) == sorted(REPORT)


def test_the_same_tuple_asks_the_store_nothing(lake: Lake) -> None:
    """With an unchanged tuple of labels no reference is looked up."""
    series, labels = TargetSeries(TARGET), (A, B)
    _write(lake, series, Readings(labels, np.array([1.0, 2.0]), 1000), 1000)
    asked = lake.asked
    _write(lake, series, Readings(labels, np.array([3.0, 4.0]), 2000), 2000)
    assert (lake.asked, lake.values("a")) == (asked, [1, 3])


def test_a_list_changed_in_place_is_noticed(lake: Lake) -> None:
    """Identity is trusted for tuples alone."""
    series, labels = TargetSeries(TARGET), [A]
    _write(lake, series, Readings(labels, np.array([1.0]), 1000), 1000)
    labels[0] = B
    _write(lake, series, Readings(labels, np.array([2.0]), 2000), 2000)
    assert (lake.values("a"), lake.values("b")) == ([1, "stale"], [2])


def test_farewell_ends_the_report_too(lake: Lake) -> None:
    """A target taken out of the settings ends with all its series, `up` among them."""
    series = TargetSeries(TARGET)
    _write(lake, series, _read(1000, a=1), 1000)
    lake.append(series.farewell(2000)(lake))
    assert (lake.values("a"), lake.values("up")) == ([1, "stale"], [1, "stale"])
