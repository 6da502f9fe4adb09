"""Spans of time, as sorted, disjoint [from, to) pairs in ms: the algebra of who was seen when."""

from collections.abc import Sequence
from itertools import pairwise

Span = tuple[int, int]
Spans = tuple[Span, ...]


def merged(spans: Sequence[Span]) -> Spans:
    """Return spans in order, empty ones left out and touching ones joined."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def holes(spans: Spans, start: int, end: int) -> Spans:
    """Return what of [start, end) the spans leave out."""
    inside = overlap(spans, ((start, end),))
    edges = [(start, start), *inside, (end, end)]
    return tuple((left[1], right[0]) for left, right in pairwise(edges) if left[1] < right[0])


def overlap(one: Spans, other: Spans) -> Spans:
    """Return what both cover; linear in their number."""
    found: list[Span] = []
    here = there = 0
    while here < len(one) and there < len(other):
        start, end = max(one[here][0], other[there][0]), min(one[here][1], other[there][1])
        if start < end:
            found.append((start, end))
        if one[here][1] <= other[there][1]:
            here += 1
        else:
            there += 1
    return tuple(found)


def length(spans: Spans) -> int:
    """Return how long they are together, in ms."""
    return sum(end - start for start, end in spans)
