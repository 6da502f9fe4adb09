"""Which tier tells where samples are gone."""

import pytest

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, Kept
from nightdesk.model.instant import DAY, HOUR, MINUTE
from nightdesk.query.selecting.resolution import Look, choose

TODAY = 20_000 * DAY
KEPT = Kept(TODAY - 30 * DAY, {FIVE_MINUTES: TODAY - 60 * DAY, ONE_HOUR: TODAY - 90 * DAY})
"""Samples of a month, 5 m of two, hours of three."""


@pytest.mark.parametrize(
    ("days", "window", "resolution"),
    [
        (40, 15 * MINUTE, FIVE_MINUTES),
        (40, HOUR, FIVE_MINUTES),
        (40, 6 * HOUR, ONE_HOUR),
        (80, HOUR, ONE_HOUR),
        (80, 5 * HOUR, ONE_HOUR),
        (80, DAY, ONE_HOUR),
    ],
)
def test_what_reaches_as_far_as_the_question_comes_before_what_is_finer(
    days: int, window: int, resolution: int
) -> None:
    """Of tiers that do, several buckets a window come before one, and of those the coarsest."""
    last = TODAY - days * DAY
    assert choose(Look(last - window, last, window), KEPT) == resolution
