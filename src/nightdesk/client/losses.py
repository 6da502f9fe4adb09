"""What the client could not keep or take, counted by kind: nothing is lost in silence, and nothing is raised."""

from __future__ import annotations

from enum import Enum
from threading import RLock


class Loss(Enum):
    """Why something did not reach the desk; the label `kind` of `bot_client_dropped_total`."""

    BAD_NAME = "bad_name"
    """A metric's name is none, is taken by the desk itself, or already names another kind of metric."""
    BAD_LABEL = "bad_label"
    """A label was left out or cut: its name is none, or its value too long."""
    BAD_VALUE = "bad_value"
    """A value that is no finite number, or falls where it may not."""
    SERIES_LIMIT = "series_limit"
    """More series, beats or operations than one client keeps."""
    BUFFER_FULL = "buffer_full"
    """More orders, fills or events than fit until the desk takes them."""
    REFUSED = "refused"
    """The desk will never take it as it is; its answer was logged."""
    UNSENT = "unsent"
    """Told, and not acknowledged by the desk when the client was closed."""
    FAULT = "fault"
    """A fault of the client itself, kept away from the bot."""


class Losses:
    """Counts by kind. Safe from several threads, in a signal handler, and after a fork."""

    __slots__ = ("_counts", "_lock", "_untold")

    def __init__(self) -> None:
        self._lock = RLock()
        self._counts: dict[Loss, int] = {}
        self._untold: list[tuple[Loss, str]] = []

    def note(self, loss: Loss, what: object = "", count: int = 1) -> None:
        """Count; the first of its kind is kept for the log with what it was about."""
        with self._lock:
            if loss not in self._counts:
                self._untold.append((loss, _brief(what)))
            self._counts[loss] = self._counts.get(loss, 0) + count

    def counts(self) -> dict[str, int]:
        """Return the counts so far."""
        with self._lock:
            return {loss.value: count for loss, count in self._counts.items()}

    def untold(self) -> list[tuple[Loss, str]]:
        """Return the first loss of each kind that was not returned before: each is logged once."""
        with self._lock:
            told, self._untold = self._untold, []
            return told

    def start_anew(self) -> None:
        """Forget everything, in a forked child: what the parent lost, the parent tells."""
        self._lock = RLock()
        self._counts, self._untold = {}, []


def _brief(what: object) -> str:
    """Write anything in at most 120 characters, whatever its own `repr` does."""
    try:
        return repr(what)[:120]
    except Exception:  # noqa: BLE001 - an object of the bot's whose repr fails is no reason to fail too
        return f"a {type(what).__name__}"
