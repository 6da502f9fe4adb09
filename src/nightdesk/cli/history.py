"""The story of alerts from a data folder that no desk holds, in the form of `/api/desk/alerts/history`."""

import json
from pathlib import Path
from typing import Any

from nightdesk.app.offline import open_records
from nightdesk.app.shapes.alerts import HistoryShape


def read_history(data: Path, since: int, limit: int) -> dict[str, Any]:
    """Return changes since an instant (ms) and the newest messages, newest first.

    Raises:
        StoreError: there is no such folder, or it cannot be read.
    """
    with open_records(data) as records:
        story = HistoryShape.of(records.alerts.history(since, limit), records.outbox.entries(limit))
    # By way of its JSON, not `model_dump`: only there is a value that is no number written as null.
    answer: dict[str, Any] = json.loads(story.model_dump_json())
    return answer
