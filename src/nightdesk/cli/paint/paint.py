"""How text looks in a terminal: levels, numbers, instants, bars and sparklines."""

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from nightdesk.model.go_numbers import api_text

LEVEL_STYLES: Final[Mapping[str, str]] = {
    "ok": "green",
    "warning": "yellow",
    "critical": "bold red",
    "unknown": "magenta",
    "info": "cyan",
    "none": "dim",
}
"""Colour never stands alone: the word is always printed with it."""

PIPE_WIDTH: Final = 160
"""Columns where nobody says how many there are: every table fits."""
_SPARKS: Final = "▁▂▃▄▅▆▇█"
_SIZES: Final = ("B", "KiB", "MiB", "GiB", "TiB")
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


def console(*, no_color: bool = False) -> Console:
    """Return the console to print to; NO_COLOR is respected, and what goes into a pipe is cut by no width."""
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(no_color=no_color or None, highlight=False, width=PIPE_WIDTH if piped else None)


def print_json(value: object) -> None:
    """Print a value as JSON on the standard output, as it is: never wrapped, never coloured; readable in any encoding.

    Raises:
        ValueError: it holds a number that JSON lacks.
    """
    print(json.dumps(value, indent=2, allow_nan=False))  # noqa: T201 - a program reads this


def level(word: str) -> Text:
    """Return a level as a coloured word."""
    return Text(word, LEVEL_STYLES.get(word, ""))


def number(value: float) -> str:
    """Write a number with four significant digits, whole ones in full with thousands apart; else `NaN` or `+Inf`."""
    if not math.isfinite(value):
        return api_text(value)
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def size(count: int) -> str:
    """Write bytes with two places at most, as `1.36 GiB`."""
    power = max(0, min(len(_SIZES) - 1, (max(count, 1).bit_length() - 1) // 10))
    return f"{count} B" if not power else f"{number(round(count / 1024**power, 2))} {_SIZES[power]}"


def clock_time(millis: int, now: int) -> str:
    """Write an instant in local time: today only the time, else the date too."""
    moment, today = (datetime.fromtimestamp(instant / 1000).astimezone() for instant in (millis, now))
    return moment.strftime("%H:%M:%S" if moment.date() == today.date() else "%Y-%m-%d %H:%M:%S")


def zone(millis: int) -> str:
    """Return what the local time zone is called at an instant: `JST`, `CET`, `UTC`."""
    return datetime.fromtimestamp(millis / 1000).astimezone().tzname() or ""


def bar(share: float, width: int = 10) -> str:
    """Draw a share from 0 to 1 as a bar of eighth blocks."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width, "·")


def sparkline(values: Sequence[float | None], low: float, high: float) -> str:
    """Draw values between `low` and `high` as one row; a gap is a blank, never a zero."""
    span = high - low
    return "".join(
        " "
        if value is None
        else _SPARKS[round(max(0.0, min(1.0, (value - low) / span if span > 0 else 0.5)) * (len(_SPARKS) - 1))]
        for value in values
    )


def labels_text(labels: Mapping[str, str]) -> str:
    """Write labels as PromQL does: `name{a="b"}`."""
    rest = ", ".join(
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in sorted(labels.items())
        if name != "__name__"
    )
    return labels.get("__name__", "") + ("{" + rest + "}" if rest else "") or "{}"


def printable(text: str) -> str:
    """Make control characters visible: what comes from outside must not steer the terminal."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)


Row = Mapping[str, Any]
"""A JSON object of the desk's API."""
