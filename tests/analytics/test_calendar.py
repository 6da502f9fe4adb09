"""Days, months and periods a year, as accounts keep them."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.analytics.local_days import DayRule, date_of
from nightdesk.analytics.returns.annualising import assumed
from nightdesk.analytics.returns.curves import thinned
from nightdesk.analytics.returns.record import Record
from nightdesk.analytics.returns.tables import monthly, rolling_sharpe, rolling_sortino, rolling_volatility, yearly
from nightdesk.model.curve import Basis, Returns

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
)
NANOS = 10**9
INSTANTS = st.integers(0, 2_500_000_000).map(lambda second: second * NANOS)


def at(text: str) -> int:
    """Return an instant in ns."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NANOS


@given(st.sampled_from(ZONES), st.sampled_from(["00:00", "17:00", "05:30"]), st.lists(INSTANTS, min_size=1))
def test_a_day_begins_where_the_one_before_ends(zone: str, hour: str, instants: list[int]) -> None:
    """Every instant lies in the day that is said to hold it, in each zone, on days when clocks change too."""
    rule = DayRule.of(zone, hour)
    days = rule.days(np.array(instants, dtype=np.int64))
    for instant, day in zip(instants, days.tolist(), strict=True):
        assert rule.day(instant) == day
        assert rule.began(day) <= instant < rule.began(day + 1)


def test_a_day_of_the_exchange_begins_in_the_evening() -> None:
    """With `day_start = 17:00` in New York a close at 22:30 UTC in winter is in the day that began then."""
    rule = DayRule.of("America/New_York", "17:00")
    assert date_of(rule.day(at("2026-01-05T21:59:59"))).isoformat() == "2026-01-04"
    assert date_of(rule.day(at("2026-01-05T22:30:00"))).isoformat() == "2026-01-05"


@pytest.mark.parametrize(
    ("zone", "hour", "date", "right"),
    [
        ("Europe/Berlin", "02:30", "2026-03-29", "2026-03-29T01:00:00"),
        ("America/Sao_Paulo", "00:00", "2018-11-04", "2018-11-04T03:00:00"),
        ("America/Sao_Paulo", "02:30", "2018-11-04", "2018-11-04T04:30:00"),
    ],
)
def test_where_clocks_skip_the_hour_the_day_begins_with_the_skip(zone: str, hour: str, date: str, right: str) -> None:
    """On the day on which clocks go forward the hour may not exist; later ones do."""
    assert DayRule.of(zone, hour).began(DayRule().day(at(date))) == at(right)


@pytest.mark.parametrize(("zone", "hour"), [("Mars/Olympus", "00:00"), ("UTC", "25:00"), ("../../etc/passwd", "00:00")])
def test_a_zone_or_hour_that_is_none_is_refused(zone: str, hour: str) -> None:
    """The message says what would be right."""
    with pytest.raises(ValueError, match=r"write e\.g\."):
        DayRule.of(zone, hour)


def days(text: str, count: int, keep: str = "1234567", step: int = 1) -> "np.typing.NDArray[np.int64]":
    """Return numbered days from a date on, of the weekdays to keep (ISO numbers)."""
    first = DayRule().day(at(text))
    found = np.arange(first, first + count * step, step)
    return np.array([day for day in found.tolist() if str(date_of(day).isoweekday()) in keep], dtype=np.int64)


@pytest.mark.parametrize(
    ("series", "right"),
    [
        (days("2026-01-05", 60, "12345"), 252),
        (days("2026-01-05", 60), 365),
        (days("2026-01-05", 30, step=7), 52),
        (days("2026-01-31", 12, step=30), 12),
        (days("2026-01-05", 60, "123457"), None),
        (days("2026-01-05", 10, step=15), None),
        (np.array([5, 5, 6]), None),
    ],
)
def test_periods_a_year_are_told_from_the_calendar(series: "np.typing.NDArray[np.int64]", right: float | None) -> None:
    """Exchange days, every day, weeks and months are plain; anything else is not assumed, and says so."""
    periods = assumed(series)
    assert periods.a_year == right
    assert periods.assumed
    assert right is not None or "state them" in periods.sentence


def test_months_and_years_compound_by_the_account_s_calendar() -> None:
    """A return at 23:30 UTC on 31 January is February's in Berlin."""
    times = np.array([at("2026-01-30T12:00"), at("2026-01-31T23:30"), at("2027-02-01T12:00")], dtype=np.int64)
    record = Record.of(Returns(times, np.array([0.1, 0.2, -0.5]), Basis.REPORTED))
    found = [(each.year, each.month, round(each.value, 12)) for each in monthly(record, DayRule())]
    assert found == [(2026, 1, 0.32), (2027, 2, -0.5)]
    berlin = [(each.year, each.month, each.periods) for each in monthly(record, DayRule.of("Europe/Berlin"))]
    assert berlin == [(2026, 1, 1), (2026, 2, 1), (2027, 2, 1)]
    assert [(each.year, round(each.value, 12)) for each in yearly(record, DayRule())] == [(2026, 0.32), (2027, -0.5)]


def test_rolling_figures_wait_for_a_full_window() -> None:
    """NaN until the window is full; then each is the figure of its window."""
    values = np.array([0.01, -0.02, 0.03, 0.005, -0.01])
    record = Record.of(Returns(np.arange(5), values, Basis.REPORTED), periods_per_year=252)
    for rolling in (rolling_volatility, rolling_sharpe, rolling_sortino):
        assert np.isnan(rolling(record, 3)[:2]).all()
        assert np.isfinite(rolling(record, 3)[2:]).all()
    assert rolling_sharpe(record, 5)[-1] == pytest.approx(values.mean() / values.std(ddof=1) * np.sqrt(252))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3_000), st.sampled_from([10, 200, 600]))
def test_thinning_keeps_every_extreme(values: list[float], most: int) -> None:
    """First, last, highest and lowest stay; there are never more points than asked for."""
    array = np.array(values)
    kept = thinned(array, most)
    assert len(kept) <= most
    assert {0, len(values) - 1} <= set(kept.tolist())
    assert (array[kept].max(), array[kept].min()) == (array.max(), array.min())
