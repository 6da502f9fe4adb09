"""Trees that are kept: the same text again is not parsed again, and there is a bound on their number and size."""

import pytest

from nightdesk.errors import QuerySyntaxError
from nightdesk.query.checking.parsed import MOST_CHARACTERS, MOST_OF_ONE, parsed


def test_a_text_that_comes_again_gives_the_same_tree() -> None:
    """People's queries and rules share the trees; what is no query is said each time."""
    assert parsed("sum(rate(up[5m]))") is parsed("sum(rate(up[5m]))")
    for _ in range(2):
        with pytest.raises(QuerySyntaxError):
            parsed("sum(")


def test_trees_that_are_kept_are_bounded() -> None:
    """A long text is never kept, and what was asked for longest ago gives way."""
    long = f'"{"x" * MOST_OF_ONE}"'
    assert parsed(long) is not parsed(long)
    first = parsed("up == 0")
    for number in range(MOST_CHARACTERS // (MOST_OF_ONE - 10) + 1):
        parsed(f'"{number:0{MOST_OF_ONE - 2}}"')
    assert parsed("up == 0") is not first
    assert parsed("up == 0") == first
