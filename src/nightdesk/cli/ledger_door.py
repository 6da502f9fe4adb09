"""The ledger of a desk that runs, over HTTP: rows go to it as JSON, some thousands a request."""

from collections.abc import Sequence
from typing import Any

from nightdesk.app.reach import RunningDesk
from nightdesk.app.shapes.ledger import HOLDINGS, LedgerRows, rows_json
from nightdesk.model.ledger import FileReading, Holdings, LedgerEntry, SetAside, Taken


class DeskDoor:
    """Speaks to `/api/desk/ledger`. A request that was broken off may be sent again: each row is kept once."""

    def __init__(self, desk: RunningDesk) -> None:
        """Speak to this desk."""
        self._desk = desk

    def holdings(self) -> list[Holdings]:
        """Return what is held of each portfolio."""
        return HOLDINGS.validate_python(self._desk.get("/api/desk/ledger/holdings")["holdings"])

    def take(
        self, entries: Sequence[LedgerEntry], aside: Sequence[SetAside] = (), ended: FileReading | None = None
    ) -> Taken:
        """Keep rows, durable when it returns; `ended` tells that a file was read to its end."""
        if not entries and not aside and ended is None:
            return Taken()
        answer: dict[str, Any] = self._desk.send(
            "/api/desk/ledger", rows_json(LedgerRows.of(list(entries), list(aside), ended))
        )
        return Taken(answer["added"], answer["known"], answer["corrected"])
