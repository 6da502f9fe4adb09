"""Instants on the command line."""

import pytest

from nightdesk.cli.moments import instant_of
from nightdesk.errors import BadDuration, BadInstant

NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("", NOW),
        ("90m", NOW - 90 * 60_000),
        ("1h30m", NOW - 90 * 60_000),
        ("1700000000", NOW),
        ("1700000000.5", NOW + 500),
        ("-60", -60_000),
        ("2023-11-14T22:13:20Z", NOW),
        ("2023-11-14T23:13:20+01:00", NOW),
    ],
)
def test_an_instant_or_how_long_ago(text: str, instant: int) -> None:
    """Seconds, RFC 3339, a duration, or nothing for now."""
    assert instant_of(text, NOW) == instant


@pytest.mark.parametrize(
    ("text", "error"), [("yesterday", BadInstant), ("5x", BadDuration), ("2023-11-14T22:13", BadInstant)]
)
def test_what_is_neither_is_refused(text: str, error: type[Exception]) -> None:
    """A guess would answer another question than the one that was asked."""
    with pytest.raises(error):
        instant_of(text, NOW)


def test_every_form_is_named() -> None:
    """Who wrote none of the three is told all three."""
    with pytest.raises(BadInstant, match=r"Unix seconds .*RFC 3339 .*, or a duration: so long ago \(90m\)$"):
        instant_of("yesterday", NOW)
