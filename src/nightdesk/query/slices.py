"""An aggregation of more cells than there is memory for, made for some of the steps at a time: steps know no other."""

from collections.abc import Callable, Sequence
from typing import Final

from nightdesk.model.label_rows import LabelRows
from nightdesk.model.series import Times
from nightdesk.query.grid import Grid, side_by_side
from nightdesk.query.memory import QueryMemory, QueryMemoryExceeded

_MOST_SLICES: Final = 256


def in_slices(compute: Callable[[Times], Grid], steps: Times, memory: QueryMemory, *, refusals: bool) -> Grid:
    """Compute a vector at all steps at once where it fits into memory, else at as many at a time as do.

    Without `refusals` rows that were only ever refused are left out of what was computed in slices: they may be the
    most of them, and nobody asks a range for them. Raises QueryMemoryExceeded where not even few steps do.
    """
    whole = _tried(compute, steps, memory, least=min(len(steps), 1))
    if whole is not None:
        return whole
    least = max(1, len(steps) // _MOST_SLICES)
    width, at = -(-len(steps) // 2), 0
    parts: list[Grid] = []
    while at < len(steps):
        memory.forget_reads()
        with memory.holding(*parts):
            part = _tried(compute, steps[at : at + width], memory, least)
        if part is None:
            width = max(least, -(-width // 2))
            continue
        at += width
        parts.append(part if at >= len(steps) and refusals else _without_refusals(part))
    memory.forget_reads()
    return _joined(parts, memory)


def _tried(compute: Callable[[Times], Grid], steps: Times, memory: QueryMemory, least: int) -> Grid | None:
    """Compute, or return None where it does not fit; a function, so that what a failure holds is let go."""
    try:
        return compute(steps)
    except QueryMemoryExceeded:
        memory.forget_reads()
        if len(steps) <= least:
            raise
        return None


def _without_refusals(grid: Grid) -> Grid:
    return Grid.of(grid.labels, grid.values, grid.present).pruned()


def _joined(parts: Sequence[Grid], memory: QueryMemory) -> Grid:
    """Join grids of steps that follow each other; rows are in the order of the last, which those before it add to."""
    several = dict.fromkeys(one for part in parts[::-1] for one in part.labels)
    remembered = all(isinstance(part.labels, LabelRows) for part in parts)
    labels = LabelRows(several) if remembered else list(several)
    with memory.holding(*parts):
        memory.demand_joined_vector(len(labels), sum(part.values.shape[1] for part in parts))
    return side_by_side(parts, labels)
