"""What metrics and labels may be called, and how much of them is kept."""

from __future__ import annotations

from nightdesk.client.losses import Loss, Losses

MOST_LABELS = 16
MOST_NAME = 128
MOST_VALUE = 200
RESERVED_LABELS = frozenset({"__name__", "bot", "job", "instance", "process", "le"})
"""Given by the desk, or with a meaning of their own."""
RESERVED_STARTS = ("bot_", "nightdesk_", "scrape_", "ALERTS", "__")
RESERVED_NAMES = frozenset(
    {
        "up",
        "cpu_usage",
        "memory_usage",
        "disk_usage",
        "npu_utilization",
        "gpu_utilization",
        "api_response_times",
        "database_performance",
        "cache_hit_ratio",
        "active_connections",
        "error_rate",
    }
)
"""What the desk writes itself. A bot has no room for the desk's own list of vitals; a test holds the two together."""

Pairs = tuple[tuple[str, str], ...]


def is_name(name: object) -> bool:
    """Tell whether it can be the name of a metric: letters, digits, `_` and `:`, not starting with a digit."""
    return (
        isinstance(name, str)
        and name.isascii()
        and len(name) <= MOST_NAME
        and name.replace(":", "_").isidentifier()
        and not name.startswith(RESERVED_STARTS)
        and name not in RESERVED_NAMES
    )


def clean_labels(labels: dict[str, object], losses: Losses) -> Pairs:
    """Return the labels that can stand, sorted, values as text; whatever is left out or cut is counted."""
    kept: list[tuple[str, str]] = []
    for name, value in labels.items():
        if not _is_label(name) or len(kept) >= MOST_LABELS:
            losses.note(Loss.BAD_LABEL, name)
            continue
        text = text_of(value)
        if len(text) > MOST_VALUE:
            losses.note(Loss.BAD_LABEL, name)
            text = text[:MOST_VALUE]
        if text:
            kept.append((name, text))
    return tuple(sorted(kept))


def clean_word(word: object, fallback: str = "unnamed") -> str:
    """Return the value of a label that must not be empty: a bot, an operation, a beat, a kind of error."""
    return text_of(word)[:MOST_VALUE] or fallback


def text_of(value: object) -> str:
    """Write a value as text that is valid UTF-8, whatever it is; one that cannot be written is named by its type."""
    try:
        text = value if type(value) is str else str(value)
    except Exception:  # noqa: BLE001 - an object of the bot's whose str fails is no reason to fail too
        text = f"<{type(value).__name__}>"
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _is_label(name: object) -> bool:
    return (
        isinstance(name, str)
        and name.isascii()
        and len(name) <= MOST_NAME
        and name.isidentifier()
        and not name.startswith("__")
        and name not in RESERVED_LABELS
    )
