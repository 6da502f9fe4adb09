"""Vitals: a value or a reason, never both, never a guess."""

from collections.abc import Sequence

import pytest

from nightdesk.app.measuring.vitals import CATALOGUE, HOST_OFF, NOT_YET, Level, Reasons, VitalsReader, level_of
from nightdesk.model.direction import Direction
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.series import STALE, Series
from nightdesk.rules.thresholds import DEFAULTS, Threshold
from nightdesk.seams.samples import Budget
from nightdesk.testing.builders import FreeBudget, a_series

NOW = 1_700_000_000_000


class ListedSeries:
    """A `SeriesReader` that answers the series it was given."""

    def __init__(self, *series: Series) -> None:
        """Answer these."""
        self._series = series

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:  # noqa: ARG002
        """Return all."""
        return list(self._series)


def _reader(*series: Series, collects: bool = True, reasons: Reasons = lambda _: None) -> VitalsReader:
    return VitalsReader(ListedSeries(*series), DEFAULTS, 1000, collects=collects, here="vm", reasons=reasons)


def _cpu(at: int, value: float) -> Series:
    return a_series(Labels.of("cpu_usage", instance="vm"), (at, value))


def test_all_ten_are_told_and_those_without_a_value_say_why() -> None:
    """What its source explains has that sentence and no level; what nobody explains is unknown, which is not ok."""
    asked = {"npu_utilization": "No NPU found.", "cache_hit_ratio": "No cache is configured."}
    vitals = _reader(reasons=asked.get).read(NOW, FreeBudget()).vitals
    assert [vital.name for vital in vitals] == [kind.name for kind in CATALOGUE]
    assert len(vitals) == 10
    assert all(vital.value is None and vital.reason for vital in vitals)
    for vital in vitals:
        explained = vital.name in asked
        assert vital.reason == asked.get(vital.name, NOT_YET)
        assert vital.level is (Level.NONE if explained else Level.UNKNOWN)


def test_every_vital_is_defined() -> None:
    """Each has a unit, a definition of one sentence, and its parts under its own name."""
    for kind in CATALOGUE:
        assert kind.unit in {"percent", "seconds", "ratio", "count"}
        assert kind.definition.endswith(".")
        assert kind.parts in ("", f"{kind.name}:{kind.parts.partition(':')[2]}")


def test_a_desk_that_does_not_collect_says_so() -> None:
    """Then a missing value is no alarm."""
    cpu = _reader(collects=False).read(NOW, FreeBudget()).vitals[0]
    assert (cpu.value, cpu.reason, cpu.level) == (None, HOST_OFF, Level.NONE)


def test_a_fresh_value_has_a_level_and_parts() -> None:
    """Levels are those that the rules are made of; parts carry their own labels."""
    core = a_series(Labels.of("cpu_usage:core", cpu="0"), (NOW, 99.0))
    vitals = _reader(_cpu(NOW - 500, 96.0), core).read(NOW, FreeBudget())
    cpu = vitals.vitals[0]
    assert (cpu.value, cpu.reason, cpu.level, cpu.at) == (96.0, None, Level.CRITICAL, NOW - 500)
    assert [(part.labels, part.value) for part in cpu.parts] == [({"cpu": "0"}, 99.0)]
    assert vitals.at == NOW - 500


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (_cpu(NOW - 30_000, 50.0), "No value: last measured 30 s ago."),
        (_cpu(NOW, float("nan")), "No value: the measurement is not a number."),
        (_cpu(NOW, STALE), NOT_YET),
    ],
    ids=["old", "nan", "ended"],
)
def test_what_is_old_ended_or_no_number_is_unknown(series: Series, reason: str) -> None:
    """It is never shown as a value, and never as ok."""
    cpu = _reader(series).read(NOW, FreeBudget()).vitals[0]
    assert (cpu.value, cpu.reason, cpu.level) == (None, reason, Level.UNKNOWN)


def test_of_several_hosts_the_worst_is_told() -> None:
    """Never their mean."""
    other = a_series(Labels.of("cpu_usage", instance="b"), (NOW, 10.0))
    assert _reader(_cpu(NOW, 90.0), other).read(NOW, FreeBudget()).vitals[0].value == 90.0


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"vm": 90.0}, None),
        ({"vm": 90.0, "web9": 10.0}, "vm"),
        ({"vm": 10.0, "web9": 90.0}, "web9"),
        ({"web9": 90.0}, "web9"),
    ],
    ids=["alone", "worst_here", "worst_elsewhere", "elsewhere_alone"],
)
def test_the_worst_says_which_machine_it_is(values: dict[str, float], named: str | None) -> None:
    """Only where this machine is alone nobody can take it for another; the labels are always those of the worst."""
    found = [a_series(Labels.of("cpu_usage", instance=name), (NOW, value)) for name, value in values.items()]
    cpu = _reader(*found).read(NOW, FreeBudget()).vitals[0]
    assert (cpu.value, cpu.instance, cpu.labels) == (90.0, named, {"instance": named or "vm"})


def test_what_is_of_no_machine_names_none() -> None:
    """A figure over all sources has no labels at all."""
    rate = next(
        each
        for each in _reader(a_series(Labels.of("error_rate"), (NOW, 0.5))).read(NOW, FreeBudget()).vitals
        if each.name == "error_rate"
    )
    assert (rate.value, rate.instance, rate.labels) == (0.5, None, {})


@pytest.mark.parametrize("silent", [(NOW - 30_000, 99.0), (NOW, float("nan"))], ids=["old", "nan"])
def test_a_host_that_fell_silent_hides_none_that_speaks(silent: tuple[int, float]) -> None:
    """Its last value, however bad, is no value of now."""
    other = a_series(Labels.of("cpu_usage", instance="b"), silent)
    cpu = _reader(_cpu(NOW, 10.0), other).read(NOW, FreeBudget()).vitals[0]
    assert (cpu.value, cpu.reason, cpu.level) == (10.0, None, Level.OK)


def test_where_low_is_bad_the_lowest_is_the_worst() -> None:
    """A cache that misses is not hidden by one that hits."""
    hits = [
        a_series(Labels.of("cache_hit_ratio", instance=name), (NOW, value)) for name, value in (("a", 0.9), ("b", 0.4))
    ]
    cache = next(each for each in _reader(*hits).read(NOW, FreeBudget()).vitals if each.name == "cache_hit_ratio")
    assert (cache.value, cache.level) == (0.4, Level.CRITICAL)


@pytest.mark.parametrize(
    ("value", "direction", "level"),
    [
        (85.0, Direction.ABOVE, Level.OK),
        (85.1, Direction.ABOVE, Level.WARNING),
        (95.1, Direction.ABOVE, Level.CRITICAL),
        (85.0, Direction.BELOW, Level.CRITICAL),
        (99.0, Direction.BELOW, Level.OK),
    ],
)
def test_a_level_is_passed_not_touched(value: float, direction: Direction, level: Level) -> None:
    """As in the rules, which compare with > and <."""
    assert level_of(value, Threshold("x", 85, 95, direction=direction)) is level
