"""Regular expressions remember what they made of values, within bytes: long values and long lists count as such."""

import tracemalloc
from collections.abc import Iterable

import numpy as np
import pytest

from nightdesk.errors import QueryTimeout
from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.model.lru_cache import LruCache
from nightdesk.model.series import Refs
from nightdesk.store.samples import matching


class _Postings:
    """Series whose label `i` has one value each."""

    def __init__(self, values: list[str]) -> None:
        self._numbers = {value: number for number, value in enumerate(values)}

    def all_series(self) -> Refs:
        return np.arange(len(self._numbers), dtype=np.int64)

    def values(self, _name: str) -> list[str]:
        return list(self._numbers)

    def with_values(self, _name: str, values: Iterable[str]) -> Refs:
        return np.array(sorted(self._numbers[each] for each in values if each in self._numbers), dtype=np.int64)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> LruCache[matching._Condition]:
    """Room for 400,000 bytes of conditions and for 100,000 of one expression."""
    kept = LruCache[matching._Condition](400_000)
    monkeypatch.setattr(matching, "_CONDITIONS", kept)
    monkeypatch.setattr(matching, "_MOST_BYTES_OF_ONE", 100_000)
    return kept


def test_long_values_stay_within_the_bound(small: LruCache[matching._Condition]) -> None:
    """Twenty expressions were tried on 500 values of 1,000 bytes each, which are gone: 10 MB, and 0.4 MB may stay."""
    tracemalloc.start()
    for number in range(20):
        places = _Postings([f"v{each:04d}".ljust(1_000, "x") for each in range(500)])
        expression = Matcher("i", MatchOp.REGEX, f"v.*{number}x+")
        assert len(matching.match(places, [expression])) == 50 * (number < 10) + 5 * (number >= 10)
        del places
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert small.weight <= 400_000
    assert held < 600_000


def test_answers_are_those_of_the_expression_with_and_without_memory(small: LruCache[matching._Condition]) -> None:
    """Asked again and again, and of more values than are remembered."""
    places = _Postings([f"v{each:04d}" for each in range(2_000)])
    for _ in range(3):
        for op, expected in ((MatchOp.REGEX, 200), (MatchOp.NOT_REGEX, 1_800)):
            assert len(matching.match(places, [Matcher("i", op, ".*[7]")])) == expected
    assert small.weight <= 202_000 + 4_000


def test_lists_of_literals_count_as_what_they_hold(small: LruCache[matching._Condition]) -> None:
    """Each list of a thousand takes 160 KB: two of them have room."""
    places = _Postings(["a"])
    for number in range(5):
        matching.match(places, [Matcher("i", MatchOp.REGEX, "|".join(f"{number}{each:04d}" for each in range(1_000)))])
    assert len(small) == 2


@pytest.mark.parametrize(
    ("pattern", "least", "most"), [("(((.{1,100}){1,10}){1,1})[67]", 500, 2_100), ("v.*[67]", 1, 20), ("v1|", 1, 2)]
)
def test_values_are_tried_with_looks_at_the_budget(pattern: str, least: int, most: int) -> None:
    """Two thousand values: a few at a time with a large expression, hundreds with a small one."""
    looks: list[None] = []
    matching.match(
        _Postings([f"v{each:04d}" for each in range(2_000)]),
        [Matcher("i", MatchOp.REGEX, pattern)],
        lambda: looks.append(None),
    )
    assert least <= len(looks) <= most


def test_one_large_expression_ends_when_the_budget_says_so() -> None:
    """The budget ends it after the third look, not after all values."""
    places, looks = _Postings([f"v{each:04d}" for each in range(2_000)]), iter(range(3))

    def check() -> None:
        if next(looks, None) is None:
            raise QueryTimeout

    for op in (MatchOp.REGEX, MatchOp.NOT_REGEX):
        with pytest.raises(QueryTimeout):
            matching.match(places, [Matcher("i", op, "(((.{1,100}){1,10}){1,1})x")], check)
