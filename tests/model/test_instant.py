"""Durations and instants are read and written as Prometheus does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.errors import BadDuration, BadInstant
from nightdesk.model.instant import DAY, YEAR, day_of, format_duration, format_instant, parse_duration, parse_instant


@pytest.mark.parametrize(
    ("text", "millis"),
    [("0", 0), ("5m", 300_000), ("1h30m", 5_400_000), ("100y", 100 * YEAR), ("500ms", 500), ("1d12h", 129_600_000)],
)
def test_durations_read(text: str, millis: int) -> None:
    """Each unit of Prometheus is known, largest first."""
    assert parse_duration(text) == millis


@pytest.mark.parametrize(
    "text", ["", "5", "m", "5x", "1m1h", "1s1s", "-5m", "1.5h", "5 m", "\uff15m", "9" * 5000 + "s", "300000000y"]
)
def test_bad_durations_are_refused(text: str) -> None:
    """What is not a duration gets a sentence that says what would be."""
    with pytest.raises(BadDuration, match=r"write e\.g\. 30s"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=200 * YEAR))
def test_durations_round_trip(millis: int) -> None:
    """What is written is read back as the same number of milliseconds."""
    assert parse_duration(format_duration(millis)) == millis


def test_days_are_written_whole() -> None:
    """Eight days are 8d, not 1w1d; a week is 1w."""
    assert [format_duration(count * DAY) for count in (7, 8, 365, 366)] == ["1w", "8d", "1y", "366d"]


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("1700000000.5", 1_700_000_000_500),
        ("0", 0),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("-1", -1_000),
        ("0.0005", 1),
        ("0.0025", 3),
        ("-0.0005", -1),
        ("0.0004", 0),
        ("1.0005", 1_000),
        ("1970-01-01T00:00:01.0015Z", 1_001),
        ("1969-12-31T23:59:59.9985Z", -2),
    ],
)
def test_instants_read(text: str, millis: int) -> None:
    """Unix seconds and RFC 3339 both name an instant; less than a millisecond is dealt with as in Prometheus.

    Of seconds the nearest is taken, a half goes away from zero (1.0005 is a little less); of RFC 3339 the one before.
    """
    assert parse_instant(text) == millis


@pytest.mark.parametrize("text", ["", "now", "2023-11-14T22:13:20", "1e400", "nan", "inf", "1e18"])
def test_bad_instants_are_refused(text: str) -> None:
    """A time without a zone, or no time at all, is not guessed."""
    with pytest.raises(BadInstant):
        parse_instant(text)


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_instants_round_trip(millis: int) -> None:
    """An instant written in RFC 3339 is read back to the millisecond."""
    assert parse_instant(format_instant(millis)) == millis


def test_days_before_the_epoch_are_negative() -> None:
    """The millisecond before 1970 belongs to the day before it."""
    assert [day_of(-1), day_of(0), day_of(DAY - 1), day_of(DAY)] == [-1, 0, 0, 1]
