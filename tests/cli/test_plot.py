"""Plots, bars and sparklines show what the numbers say."""

import math

import pytest

from nightdesk.cli.paint.paint import bar, labels_text, number, printable, sparkline
from nightdesk.cli.paint.plot import Line, plot


def drawing(line: Line, **size: int) -> list[str]:
    """Return the rows of a plot over the line's own span, without axes."""
    rows = plot([line], line.times[0], line.times[-1], 1000, **size)
    return [text.plain.split("┤", 1)[1] for text in rows if "┤" in text.plain]


def test_a_rising_line_goes_from_bottom_left_to_top_right() -> None:
    """The first point is in the lowest row at the left, the last in the highest at the right."""
    rows = drawing(Line("x", [0, 1000, 2000], [0.0, 1.0, 2.0]), width=12, height=4)
    assert rows[-1].startswith("⡠") or rows[-1].strip()[0] == rows[-1][0]
    assert rows[0].rstrip() == rows[0]
    assert rows[0][:8].strip() == ""


def test_a_gap_is_not_bridged() -> None:
    """Points further apart than a step are not joined: nothing is drawn where nothing was measured."""
    rows = drawing(Line("x", [0, 10_000], [1.0, 1.0]), width=20, height=3)
    assert sum(character != " " for row in rows for character in row) == 2


def test_a_nan_breaks_the_line() -> None:
    """A value that is no number is not drawn, and the line is broken there."""
    whole = drawing(Line("x", [0, 1000, 2000], [1.0, 1.0, 1.0]), width=20, height=3)
    broken = drawing(Line("x", [0, 1000, 2000], [1.0, math.nan, 1.0]), width=20, height=3)
    assert sum(row.count(" ") for row in broken) > sum(row.count(" ") for row in whole)


def test_nothing_finite_is_said() -> None:
    """A plot of infinities says so and does not fail."""
    assert "nothing to plot" in plot([Line("x", [0], [math.inf])], 0, 1, 1)[0].plain


def test_the_legend_names_every_line_and_those_left_out() -> None:
    """Eight lines are drawn with a letter each; further ones are counted."""
    lines = [Line(f"series-{number}", [0, 1000], [float(number), 1.0]) for number in range(10)]
    text = "\n".join(row.plain for row in plot(lines, 0, 1000, 1000))
    assert "a series-0" in text
    assert "h series-7" in text
    assert "series-8" not in text
    assert "and 2 more lines" in text


def test_each_letter_stands_at_the_end_of_its_line() -> None:
    """Without colours the letter alone says which line is which, also where lines end at one place."""
    high, low, same = (Line(name, [0, 1000], [0.0, end]) for name, end in (("x", 9.0), ("y", 3.0), ("z", 3.0)))
    rows = [text.plain.split("┤", 1)[1] for text in plot([high, low, same], 0, 1000, 1000, width=12, height=4)[:4]]
    assert rows[0].endswith("a")
    assert rows[2].endswith("cb")


def test_a_letter_stands_at_the_last_number() -> None:
    """A line that ends before the drawing does, or goes on without a number, has its letter where it was last seen."""
    (row, *_) = drawing(Line("x", [0, 1000, 2000, 3000], [1.0, 1.0, math.nan, math.nan]), width=12, height=1 + 2)[1:]
    assert row.rstrip().endswith("a")
    assert len(row.rstrip()) <= 6


@pytest.mark.parametrize("value", [0.0, 288.0, -5.5])
def test_the_axis_of_a_flat_line_shows_its_value(value: float) -> None:
    """The number stands beside the row in which the line is drawn."""
    rows = [text.plain for text in plot([Line("x", [0, 1000], [value, value])], 0, 1000, 1000, width=12)]
    (row,) = (row for row in rows if "a" in row.split("┤", 1)[-1] and "┤" in row)
    assert row.split("┤")[0].strip() == number(value)


def test_a_line_may_end_in_no_number() -> None:
    """The legend says what the last value is, a division by zero included."""
    text = "\n".join(row.plain for row in plot([Line("x", [0, 1000], [1.0, math.nan])], 0, 1000, 1000))
    assert "last NaN" in text


@pytest.mark.parametrize(("share", "drawn"), [(0, "····"), (1, "████"), (0.5, "██··"), (2, "████"), (0.03, "▏···")])
def test_a_bar_is_as_full_as_its_share(share: float, drawn: str) -> None:
    """A share outside 0 to 1 is drawn at the end it passed."""
    assert bar(share, 4) == drawn


def test_a_sparkline_shows_gaps_as_blanks() -> None:
    """Missing is never drawn as zero."""
    assert sparkline([0, None, 100], 0, 100) == "▁ █"
    assert sparkline([7, 7], 7, 7) in ("▄▄", "▅▅")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567, "1,234,567"),
        (0.123456, "0.1235"),
        (98.76543, "98.77"),
        (2e9 + 0.5, "2,000,000,000.5"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_numbers_are_short_and_whole_ones_exact(value: float, text: str) -> None:
    """Four significant digits, thousands apart; what is no finite number is written as Prometheus does."""
    assert number(value) == text


def test_what_comes_from_outside_cannot_steer_the_terminal() -> None:
    """Escape sequences in labels are made visible."""
    assert printable(labels_text({"__name__": "up", "job": "\x1b[2Jbot"})) == 'up{job="\\u001b[2Jbot"}'
    assert printable("a\x1b]0;x\x07") == "a\\x1b]0;x\\x07"
