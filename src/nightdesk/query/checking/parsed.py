"""Trees of queries that come again: dashboards and rules send the same texts over and over."""

from typing import Final

from nightdesk.model.lru_cache import LruCache
from nightdesk.query.checking.parsing import parse
from nightdesk.query.language.tree import Node

MOST_CHARACTERS: Final = 1_000_000
"""Of the texts whose trees are kept: ten thousand rules fit. A tree has up to some 70 bytes a character."""
MOST_OF_ONE: Final = 10_000
"""Trees of longer texts are not kept: one of them would drive a thousand others out."""

_trees: Final = LruCache[Node](MOST_CHARACTERS)


def parsed(text: str) -> Node:
    """Read a query, from memory where it was read lately; raises what `parse` does."""
    tree = _trees.get(text)
    if tree is None:
        tree = parse(text)
        if len(text) <= MOST_OF_ONE:
            _trees.put(text, tree, len(text))
    return tree
