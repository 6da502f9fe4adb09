"""Lists remember what was made of them, all of them together within one bound, and for no longer than they live."""

import gc
import itertools
import operator
import threading
import weakref
from functools import partial

import pytest

from nightdesk.model import remembered
from nightdesk.model.label_rows import LabelRows, united
from nightdesk.model.labels import Labels
from nightdesk.model.lru_cache import LruCache
from nightdesk.model.remembered import Remembered


@pytest.fixture
def leases(monkeypatch: pytest.MonkeyPatch) -> LruCache[remembered._Lease]:
    """A cache of leases with room for 10,000 bytes, which nobody else uses."""
    own = LruCache[remembered._Lease](10_000)
    monkeypatch.setattr(remembered, "LEASES", own)
    return own


def test_a_result_is_worked_out_once(leases: LruCache[remembered._Lease]) -> None:
    """The same key gives the same object, another key another one, and its weight is told with its key's."""
    rows, calls = Remembered([1, 2]), itertools.count()
    first = rows.derived("a", lambda rows: [*rows, next(calls)], len)
    assert rows.derived("a", lambda rows: [*rows, next(calls)], len) is first
    assert rows.derived("b", lambda rows: [*rows, next(calls)], len) == [1, 2, 1]
    narrow = leases.weight
    rows.derived(("c", ("l" * 3_000,)), lambda _: None, lambda _: 0)
    assert leases.weight > narrow + 3_000


def test_lists_share_one_bound(leases: LruCache[remembered._Lease]) -> None:
    """Results of many lists push each other out, and what was asked for lately stays."""
    lists = [Remembered([number]) for number in range(8)]
    for rows in lists:
        rows.derived("wide", lambda rows: [rows[0]], lambda _: 2_000)
        lists[0].derived("wide", lambda _: pytest.fail("asked for all the time, and gone"), len)
    assert [len(rows._derived) for rows in lists] == [1, 0, 0, 0, 0, 0, 1, 1]
    assert leases.weight <= 10_000


def test_a_tree_of_results_stays_within_the_bound(leases: LruCache[remembered._Lease]) -> None:
    """Results that are lists with results of their own are bounded like any: three levels of ten each."""

    def below(rows: Remembered[int], level: int) -> None:
        for number in range(10):
            made = rows.derived(number, Remembered, lambda _: 1_000)
            seen.append(weakref.ref(made))
            if level:
                below(made, level - 1)

    seen: list[weakref.ref[Remembered[int]]] = []
    below(root := Remembered([1]), 2)
    assert len(seen) == 1_110
    assert sum(1 for each in seen if each() is not None) <= 10
    assert len(root._derived) <= 10
    assert leases.weight <= 10_000


def test_results_go_with_their_list(leases: LruCache[remembered._Lease]) -> None:
    """Nothing waits for a collection of cycles, though leases are still there and end later."""
    gc.disable()
    try:
        rows = Remembered([1])
        made = weakref.ref(rows.derived("list", lambda _: Remembered([2]), len))
        assert made() is not None
        del rows
        assert made() is None
    finally:
        gc.enable()
    other = Remembered([3])
    for number in range(20):
        other.derived(number, lambda _: None, lambda _: 3_000)
    assert leases.weight <= 10_000


def test_a_result_of_more_than_half_the_bound_is_not_kept(leases: LruCache[remembered._Lease]) -> None:
    """It would push out everybody else's; it is worked out again."""
    rows = Remembered([1])
    rows.derived("giant", lambda _: 1, lambda _: remembered.MOST_BYTES // 2)
    assert (len(rows._derived), leases.weight) == (0, 0)


def test_numbers_are_never_used_again() -> None:
    """So that a key made of them names no later list, as an identity might."""
    numbers = [Remembered([1]).number for _ in range(1_000)]
    assert len(set(numbers)) == 1_000


def test_lists_united_with_ones_that_are_gone_hold_none_of_them() -> None:
    """A day's rows live long; the head's are other ones each time a series comes."""
    day = LabelRows([Labels.of("orders", i="1")])
    gone = []
    for number in range(5):
        head = LabelRows([Labels.of("orders", i=f"{number}")])
        gone.append(weakref.ref(head))
        assert united([day, head]) == sorted({*day, *head})
        del head
    assert [each() for each in gone] == [None] * 5
    assert united([day, day]) is day


def test_threads_at_once_get_equal_results(leases: LruCache[remembered._Lease]) -> None:
    """Four threads ask ten results of one list, of which three have room at a time."""
    rows, wrong = Remembered([1, 2, 3]), list[object]()

    def ask() -> None:
        for turn in range(2_000):
            added = turn % 10
            found = rows.derived(added, partial(operator.add, [added]), lambda _: 2_500)
            if found != [added, 1, 2, 3]:
                wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert not wrong
    assert len(rows._derived) <= 3
    assert leases.weight <= 10_000
