"""Cutting samples out of what lies in memory: a generation that waits to be sealed is made anew without them."""

from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.model.series import Batch, Refs
from nightdesk.store.samples.deletion.deletion import batch_without
from nightdesk.store.samples.head.head import Generation


def generation_without(generation: Generation, refs: Refs, start: int, end: int) -> Generation:
    """Return a frozen generation without the samples of `refs` in [start, end]; itself where it can have none."""
    if not len(refs) or not generation.may_hold(start, end):
        return generation
    made = Generation(generation.born, journal_end=generation.journal_end)
    for lane in generation.lanes.all():
        for kept in lane.without(refs, start, end):
            made.lanes.adopt(kept)
            made.samples += kept.length * len(kept.refs)
    for run in generation.runs.all():
        batch = batch_without(Batch(run.rows(), run.times, run.values), refs, start, end)
        if len(batch):
            made.runs.append(batch)
            made.samples += len(batch)
    made.oldest = generation.oldest if made.samples else MAX_INSTANT
    made.newest = generation.newest if made.samples else MIN_INSTANT
    return made
