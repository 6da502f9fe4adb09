"""What an event of a bot must be, before it is kept."""

from collections.abc import Mapping
from typing import Any, Final

from nightdesk.errors import BadPayload
from nightdesk.model.instant import NANOS

MOST_TEXT: Final = 4_096
MOST_WORD: Final = 256
MOST_LABELS: Final = 16


def read_event(row: Mapping[str, Any]) -> tuple[str, str, str, int, tuple[tuple[str, str], ...]]:
    """Return id, kind, text, instant (ms) and labels. Raises BadPayload where one of them cannot stand."""
    at, labels = _text(row, "at", 20), row.get("labels", {})
    if not (at.isascii() and at.isdigit()):
        raise BadPayload("the instant of an event is no number of nanoseconds")
    if not isinstance(labels, Mapping) or len(labels) > MOST_LABELS:
        raise BadPayload(f"the labels of an event are no object of at most {MOST_LABELS} pairs")
    pairs = tuple(sorted((str(name)[:MOST_WORD], str(value)[:MOST_WORD]) for name, value in labels.items()))
    return (
        _text(row, "id", MOST_WORD),
        _text(row, "kind", MOST_WORD),
        _text(row, "text", MOST_TEXT),
        int(at) // NANOS,
        pairs,
    )


def _text(row: Mapping[str, Any], field: str, most: int) -> str:
    value = row.get(field)
    if not isinstance(value, str) or len(value) > most or (field != "text" and not value):
        raise BadPayload(f"the {field} of an event is no text of at most {most} characters")
    return value
