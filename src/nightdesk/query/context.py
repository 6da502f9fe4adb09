"""What every part of a query under way may ask of it: when, how much, and what is to be said."""

from dataclasses import dataclass

import numpy as np

from nightdesk.model.series import Times
from nightdesk.query.durations import QueryRange, resolve
from nightdesk.query.language.tree import AtEdge, Subquery, VectorSelector
from nightdesk.query.limits import Limits
from nightdesk.query.memory import QueryMemory
from nightdesk.query.notes import Notes
from nightdesk.seams.samples import Budget


@dataclass(frozen=True, slots=True, eq=False)
class QueryContext:
    """One query: its bounds, its interval and its step, and what it has to say."""

    budget: Budget
    limits: Limits
    lookback: int
    """How long a sample counts after its instant, in milliseconds."""
    query_range: QueryRange
    notes: Notes
    memory: QueryMemory
    """What it holds: `a / (a + b)` reads `a` once."""

    def instants(self, node: VectorSelector | Subquery, steps: Times) -> Times:
        """Return the instants a selector looks at: `@` fixes them, `offset` moves them."""
        offset = 0 if node.offset is None else resolve(node.offset, self.query_range)
        if node.at is None:
            return steps - offset
        at = node.at
        if isinstance(at, AtEdge):
            at = self.query_range.start if at is AtEdge.START else self.query_range.end
        return np.full(len(steps), at - offset, dtype=np.int64)
