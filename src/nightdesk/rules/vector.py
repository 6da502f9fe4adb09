"""The answer to a rule's expression as plain label sets and values."""

from nightdesk.errors import QueryError
from nightdesk.model.labels import Labels
from nightdesk.query.answer import Answer

Vector = list[tuple[Labels, float]]


def vector_of(answer: Answer) -> Vector:
    """Return the elements of an instant answer; a scalar is one element without labels, as in Prometheus.

    Raises:
        QueryError: the expression answers with a string or a range, of which no rule can be made.
    """
    if answer.kind == "scalar":
        return [(Labels(), float(answer.values[0, 0]))]
    if answer.kind != "vector":
        raise QueryError("a rule's expression must answer with an instant vector or a scalar")
    return [
        (labels, float(answer.values[row, 0])) for row, labels in enumerate(answer.labels) if answer.present[row, 0]
    ]
