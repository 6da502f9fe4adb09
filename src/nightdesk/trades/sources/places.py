"""The order of a file: fills of one instant were filled in the order of their rows, or the other way round."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, pairwise
from typing import Final

from nightdesk.model.trade import Fill
from nightdesk.trades.sources.reading import Item

LOOKED_AT: Final = 10_000
"""Rows that are held back to learn whether a file begins with its newest row."""


def placed(items: Iterator[Item]) -> Iterator[Item]:
    """Give fills of one instant the order in which they happened.

    Where times fall more often than they rise the newest row comes first, as brokers write it, and the last row of an
    instant happened first. Places count within an instant, so that a file that grew at its end moves none.
    """
    first = list(islice(items, LOOKED_AT))
    step = -1 if _falls(first) else 1
    seen: Counter[int] = Counter()
    for item in chain(first, items):
        if not isinstance(item, Fill):
            yield item
            continue
        place = seen[item.at]
        seen[item.at] += 1
        yield replace(item, sequence=step * place) if place else item


def _falls(items: Sequence[Item]) -> bool:
    times = [item.at for item in items if isinstance(item, Fill)]
    steps = Counter((later > earlier) - (later < earlier) for earlier, later in pairwise(times))
    return steps[-1] > steps[1]
