"""What is told to the desk: rows, gathered into pushes that no desk refuses for their size."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from collections.abc import Iterator
    from typing import Any

    from nightdesk.client.metrics import Metric

FIELDS = ("counters", "gauges", "histograms", "beats", "ended", "entries", "events")
MOST_BYTES = 1_000_000
"""Bytes of the rows of one push; half of what a desk takes, and what a proxy lets through as it comes."""


class Row:
    """One thing told: a value of a metric, a beat, the end of one, a row of the ledger or an event."""

    __slots__ = ("_written", "field", "metric", "total", "value")

    def __init__(self, field: str, value: Any, metric: Metric | None = None, total: float = 0.0) -> None:
        """Hold it; of a metric also the total that the desk has once it acknowledges the row."""
        self.field, self.value, self.metric, self.total = field, value, metric, total
        self._written: bytes | None = None

    @property
    def written(self) -> bytes:
        """The row as JSON, written once."""
        if self._written is None:
            import json

            text = json.dumps(self.value, separators=(",", ":"), ensure_ascii=False)
            self._written = text.encode("utf-8", "replace")
        return self._written


class Push:
    """Some rows, ready to be written."""

    __slots__ = ("rows",)

    def __init__(self, rows: list[Row]) -> None:
        """Hold the rows in the order in which they are told."""
        self.rows = rows

    @property
    def is_empty(self) -> bool:
        """True where nothing is told but that the bot lives."""
        return not self.rows

    @property
    def body(self) -> dict[str, list[Any]]:
        """The rows' values by field."""
        return {field: [row.value for row in self.rows if row.field == field] for field in FIELDS}

    def of(self, field: str) -> int:
        """Return how many rows there are of a field."""
        return sum(row.field == field for row in self.rows)

    def cut(self, most: int = MOST_BYTES) -> list[Push]:
        """Return pushes of at most `most` bytes in the same order, at least one; a row that is larger has its own."""
        pushes: list[list[Row]] = [[]]
        size = 0
        for row in self.rows:
            if pushes[-1] and size + len(row.written) > most:
                pushes.append([])
                size = 0
            pushes[-1].append(row)
            size += len(row.written) + 1
        return [Push(rows) for rows in pushes]

    def halves(self) -> tuple[Push, Push]:
        """Return the first and the second half."""
        middle = len(self.rows) // 2
        return Push(self.rows[:middle]), Push(self.rows[middle:])

    def write(self, head: dict[str, Any]) -> bytes:
        """Return the body of a request: the head's fields and the rows."""
        import json

        opening = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
        return b"".join((opening[:-1], *self._fields(), b"}"))

    def _fields(self) -> Iterator[bytes]:
        by_field: dict[str, list[bytes]] = {field: [] for field in FIELDS}
        for row in self.rows:
            by_field[row.field].append(row.written)
        for field, rows in by_field.items():
            yield b',"%s":[%s]' % (field.encode("ascii"), b",".join(rows))
