"""Names and labels of what bots send: what can stand, and what belongs to the desk."""

from collections.abc import Mapping
from typing import Any, Final

from nightdesk.errors import BadPayload
from nightdesk.model.vital import VITALS

Pairs = tuple[tuple[str, str], ...]

OWN_NAMES: Final = frozenset(
    {"bot_call_duration_seconds", "bot_call_errors_total", "bot_errors_total", "bot_events_total"}
)
"""Metrics that every client keeps by these names."""
RESERVED_STARTS: Final = ("bot_", "nightdesk_", "scrape_", "ALERTS", "__")
RESERVED_NAMES: Final = VITALS | {"up"}
"""What the desk writes itself."""
GIVEN_LABELS: Final = frozenset({"bot", "job", "instance", "process", "le"})
MOST_WORD: Final = 256
MOST_LABELS: Final = 24


def read_name(name: Any) -> str:
    """Return the name of a metric. Raises BadPayload where it is none, or one of the desk's own."""
    if not isinstance(name, str) or len(name) > MOST_WORD // 2:
        raise BadPayload("a metric has no name, or an endless one")
    if not name.isascii() or not name.replace(":", "_").isidentifier():
        raise BadPayload(f"{name!r} is no name of a metric")
    if name not in OWN_NAMES and (name.startswith(RESERVED_STARTS) or name in RESERVED_NAMES):
        raise BadPayload(f"the name {name} belongs to the desk")
    return name


def read_labels(labels: Any) -> Pairs:
    """Return labels, sorted. Raises BadPayload where one cannot stand."""
    if not isinstance(labels, Mapping) or len(labels) > MOST_LABELS:
        raise BadPayload(f"labels are no object of at most {MOST_LABELS} pairs")
    for name in labels:
        if not name.isascii() or not name.isidentifier() or name.startswith("__") or len(name) > MOST_WORD // 2:
            raise BadPayload(f"{name[:40]!r} is no name of a label")
        if name in GIVEN_LABELS:
            raise BadPayload(f"the label {name} is the desk's to give")
    return tuple(sorted((name, read_word(value, name, empty=True)) for name, value in labels.items()))


def read_word(value: Any, field: str, *, empty: bool = False) -> str:
    """Return a short text. Raises BadPayload where it is none, is empty (unless it may be), or too long."""
    if not isinstance(value, str) or not (value or empty) or len(value) > MOST_WORD:
        raise BadPayload(f"{field} is no text of 1 to {MOST_WORD} characters")
    return value
