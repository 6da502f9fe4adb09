"""The step of a recording rule: its answer under its own name."""

from nightdesk.errors import QueryError
from nightdesk.model.labels import METRIC_NAME, Labels
from nightdesk.model.rule import RecordingRule
from nightdesk.query.answer import Answer
from nightdesk.rules.vector import Vector, vector_of


def record(rule: RecordingRule, answer: Answer, limit: int = 0) -> Vector:
    """Return the samples to store.

    Raises:
        QueryError: two of them would be one series, or there are more than `limit` (0 is no limit).
    """
    samples: dict[Labels, float] = {}
    given = {METRIC_NAME: rule.name, **dict(rule.labels)}
    for labels, value in vector_of(answer):
        named = labels.merged(given)
        if named in samples:
            raise QueryError("vector contains metrics with the same labelset after applying rule labels")
        samples[named] = value
    if limit and len(samples) > limit:
        raise QueryError(f"exceeded limit of {limit} with {len(samples)} series")
    return list(samples.items())
