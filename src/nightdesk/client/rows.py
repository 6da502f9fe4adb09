"""Orders, fills and events as they travel: text and whole numbers, nothing worked out, nothing guessed.

What cannot be read (a price that is no number, a time without a zone) still travels: the desk sets the row aside with
its reason and keeps it, where dropping it here would lose it.
"""

from __future__ import annotations

from math import isfinite
from time import time_ns

from nightdesk.client.names import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from datetime import datetime
    from decimal import Decimal
    from typing import Any

    Number = Decimal | int | float | str
    Moment = datetime | int | float | None
    """Aware `datetime`, or Unix seconds; None is now."""

MOST_TEXT = 256
MOST_EVENT_TEXT = 4_096
MOST_EVENT_LABELS = 16


def row(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the ledger; fields that are None are left out, so that the desk tells absent from empty."""
    return {"kind": kind, **{name: _cut(value, MOST_TEXT) for name, value in fields.items() if value is not None}}


def event_row(text: object, kind: str, labels: dict[str, object]) -> dict[str, Any]:
    """Return an event of now."""
    kept = list(labels.items())[:MOST_EVENT_LABELS]
    return {
        "at": str(time_ns()),
        "kind": kind,
        "text": _cut(text, MOST_EVENT_TEXT),
        "labels": {_cut(name, MOST_TEXT): _cut(value, MOST_TEXT) for name, value in kept},
    }


def instant(moment: Moment) -> str:
    """Write a moment as nanoseconds since the epoch, or as ISO 8601 where it is a datetime; now where it is None.

    What is no moment travels as its text: the desk says what is wrong with it.
    """
    if moment is None:
        return str(time_ns())
    if isinstance(moment, int):
        return str(moment * 1_000_000_000)
    if isinstance(moment, float) and isfinite(moment):
        # In two parts: a float holds the whole seconds exactly, but not their nanoseconds.
        return str(int(moment // 1) * 1_000_000_000 + round(moment % 1 * 1e9))
    return text_of(moment.isoformat() if hasattr(moment, "isoformat") else moment)


def _cut(value: object, most: int) -> str:
    return text_of(value)[:most]
