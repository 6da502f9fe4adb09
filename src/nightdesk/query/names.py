"""Names on their way out: an operation that changes what a series means takes its name, but only the answer loses it.

Prometheus calls this delayed name removal. Between the operation and the answer the name can still be grouped by,
replaced and joined: `label_replace(rate({job="a"}[5m]), "of", "$1", "__name__", "(.+)")`. A name that is to go stands
under a label of its own (`hidden_labels`), which no series can have.
"""

from typing import Final

from nightdesk.model.labels import METRIC_NAME, Labels
from nightdesk.query.hidden_labels import GOING_NAME

NAMES: Final = frozenset({METRIC_NAME, GOING_NAME})
METADATA: Final = frozenset({METRIC_NAME, GOING_NAME, "__type__", "__unit__"})
"""What says what a series is; type and unit go where the name goes."""
_BEYOND_METADATA: Final = "__unit__"


def with_name_going(labels: Labels) -> Labels:
    """Return labels whose name, and with it type and unit, will be gone from the answer; asked of every row."""
    pairs = labels.pairs
    if pairs and pairs[0][0] == METRIC_NAME and pairs[-1][0] < GOING_NAME:
        return Labels.from_sorted((*pairs[1:], (GOING_NAME, pairs[0][1])))
    name = labels.name
    if name:
        return labels.merged({METRIC_NAME: "", GOING_NAME: name})
    return labels if GOING_NAME in labels else labels.without(METADATA)


def without_going_name(labels: Labels) -> Labels:
    """Return labels as an answer shows them."""
    pairs = labels.pairs
    if not pairs or pairs[-1][0] < GOING_NAME:
        return labels
    if pairs[-1][0] == GOING_NAME and pairs[0][0] > _BEYOND_METADATA:
        return Labels.from_sorted(pairs[:-1])
    return labels.without(METADATA) if GOING_NAME in labels else labels


def without_metadata(labels: Labels) -> Labels:
    """Return labels without name, type and unit at once, as arithmetic between two vectors leaves them."""
    pairs = labels.pairs
    if pairs and pairs[-1][0] < GOING_NAME:
        if pairs[0][0] > _BEYOND_METADATA:
            return labels
        if pairs[0][0] == METRIC_NAME and (len(pairs) == 1 or pairs[1][0] > _BEYOND_METADATA):
            return Labels.from_sorted(pairs[1:])
    return labels.without(METADATA)


def name_of(labels: Labels) -> str:
    """Return the name of a series, be it going or not; the empty string where it has none."""
    return labels.name or labels.get(GOING_NAME)


def seen(names: frozenset[str]) -> frozenset[str]:
    """Return the labels to look at where these are named: who asks for the name means a going one too."""
    return names | NAMES if METRIC_NAME in names else names


def renamed(labels: Labels, target: str, value: str) -> Labels:
    """Return labels with one of them set; a name that is set stays, whatever went before."""
    if target == METRIC_NAME and GOING_NAME in labels:
        return labels.merged({METRIC_NAME: value, GOING_NAME: ""})
    return labels.merged({target: value})
