"""Answers about the ledger from a folder that no desk holds, in the words of the desk's API."""

from pathlib import Path
from typing import Any

from nightdesk.app.offline import open_folder
from nightdesk.app.shapes.ledger import SetAsideShape, TradesShape, trades_shape
from nightdesk.app.trading.offline import ledger_in
from nightdesk.model.ledger import Selection


def from_folder(data: Path, path: str, limit: int) -> Any:
    """Answer what the route of this path would. Raises StoreError where there is no such folder."""
    with open_folder(data) as folder, ledger_in(folder) as trading:
        shape: TradesShape | SetAsideShape = (
            trades_shape(trading.newest(Selection(), limit))
            if path.endswith("trades")
            else SetAsideShape(rows=trading.ledger.rows_set_aside(limit))
        )
        return shape.model_dump(mode="json")
