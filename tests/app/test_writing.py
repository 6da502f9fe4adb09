"""What is said of samples whose instant the store did not take."""

import pytest

from nightdesk.app.writing import untimely
from nightdesk.model.instant import DAY, YEAR, parse_instant
from nightdesk.model.series import OutOfTime

NOW = parse_instant("2025-04-07T06:13:20Z")
UNIT = "is it in another unit? text/plain and remote write have milliseconds, OpenMetrics has seconds"


def told(instant: int, keep: int = YEAR) -> str:
    """Say what is told of an instant (ms) at `NOW`."""
    return untimely(OutOfTime(instant, NOW - keep, NOW + DAY))


def test_seconds_for_milliseconds_are_guessed() -> None:
    """The commonest slip of a backfill: the sample lands in January 1970, and the sentence says which unit was due."""
    assert told(NOW // 1000) == (
        "1970-01-21T04:26:46.400Z is older than 2024-04-07T06:13:20.000Z, as far back as desk.retention reaches; "
        + UNIT
    )


@pytest.mark.parametrize("factor", [1_000, 1_000_000])
def test_finer_units_for_milliseconds_are_guessed(factor: int) -> None:
    """Microseconds and nanoseconds lie millennia ahead, where no calendar reaches."""
    said = told(NOW * factor)
    assert said.startswith(
        f"the instant {NOW * factor} ms lies further ahead than 2025-04-08T06:13:20.000Z, a day from"
    )
    assert said.endswith(UNIT)


def test_what_is_only_old_or_early_gets_no_hint() -> None:
    """A sample of the right unit out of bounds is told its bound and nothing else."""
    assert told(NOW - 2 * YEAR).endswith("as far back as desk.retention reaches")
    assert told(NOW + 2 * DAY).endswith("a day from now")
    assert told(-5).startswith("the instant -5 ms is older than")
