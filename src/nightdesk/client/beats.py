"""Signs of life: each with a name, how often it is to come, and how far the work has got."""

from __future__ import annotations

from nightdesk.client.names import text_of

USUAL_INTERVAL = 60.0
SHORTEST_INTERVAL = 0.001
LONGEST_INTERVAL = 7 * 86_400.0
MOST_STAGE = 200
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


class Beat:
    """One named sign of life as last given."""

    __slots__ = ("at", "count", "cursor", "interval", "is_offered", "is_refused", "name", "stage")

    def __init__(self, name: str) -> None:
        """Start before the first sign."""
        self.name, self.count, self.at, self.interval = name, 0, 0.0, USUAL_INTERVAL
        self.stage = self.cursor = ""
        self.is_offered = self.is_refused = False
        """Whether a push held it, so that the desk may know it; whether the desk will never take it."""

    def strike(self, now: float, stage: object, cursor: object) -> None:
        """Note a sign of life at `now` (monotonic seconds); what is None stays as it was."""
        if stage is not None:
            self.stage = text_of(stage)[:MOST_STAGE]
        if cursor is not None:
            self.cursor = text_of(cursor)[:MOST_STAGE]
        self.at = now
        self.count += 1


def seconds_of(every: object) -> float | None:
    """Read `60`, `"60s"`, `"5m"` or `"1h30m"` as seconds; None where it is no duration from 1 ms to a week."""
    try:
        seconds = float(every) if isinstance(every, (int, float)) else _read(text_of(every).strip())
    except (ValueError, KeyError):
        return None
    return seconds if SHORTEST_INTERVAL <= seconds <= LONGEST_INTERVAL else None


def _read(text: str) -> float:
    total, number, unit = 0.0, "", ""
    for character in f"{text}0":
        is_digit = character.isdigit() or character == "."
        if is_digit and unit:
            total += float(number) * _UNITS[unit]
            number = unit = ""
        if is_digit:
            number += character
        else:
            unit += character
    # The closing 0 ended the last unit; a text without units is a number of seconds.
    return total if number == "0" and total else float(text)
