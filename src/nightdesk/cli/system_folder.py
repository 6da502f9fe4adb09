"""The figures of the system out of a data folder that no desk holds."""

from pathlib import Path
from typing import Any

from nightdesk.app.offline import open_samples
from nightdesk.app.shapes.system import SystemShape
from nightdesk.app.system_analysis import SystemAnalyst
from nightdesk.clock import SystemClock
from nightdesk.model.instant import HOUR
from nightdesk.query.limits import Limits, QueryBudget


def system_in(folder: Path, hours: float, now: int) -> dict[str, Any]:
    """Return the figures as the API has them.

    Raises:
        StoreError: there is no such folder, or it cannot be read.
    """
    with open_samples(folder) as samples:
        budget = QueryBudget(Limits(), SystemClock())
        found = SystemAnalyst(samples).analyse(now - round(hours * HOUR), now, budget)
    return SystemShape.of(found).model_dump(mode="json")
