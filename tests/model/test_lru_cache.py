"""What was asked for lately stays, within a bound on weights."""

import sys
import threading

from nightdesk.model.lru_cache import LruCache


def test_replacing_a_value_replaces_its_weight() -> None:
    """A value that is told anew counts once, with its new weight."""
    kept = LruCache[str](100)
    kept.put("a", "first", 60)
    kept.put("b", "other", 30)
    kept.put("a", "second", 20)
    assert (kept.get("a"), kept.get("b"), kept.weight, len(kept)) == ("second", "other", 50, 2)
    kept.put("a", "third", 70)
    assert (kept.get("a"), kept.get("b"), kept.weight, len(kept)) == ("third", "other", 100, 2)


def test_the_value_that_came_last_stays_whatever_it_weighs() -> None:
    """Who read it is about to use it; the next one takes its place."""
    kept = LruCache[str](10)
    kept.put("small", "s", 1)
    kept.put("wide", "w", 1_000)
    assert (kept.get("small"), kept.get("wide"), kept.weight) == (None, "w", 1_000)
    kept.put("small", "s", 1)
    assert (kept.get("small"), kept.get("wide"), kept.weight) == ("s", None, 1)


def test_what_was_asked_for_longest_ago_gives_way_first() -> None:
    """Asking counts as using, and so does telling anew; asking for what is not there changes nothing."""
    kept = LruCache[int](3)
    for key in ("a", "b", "c"):
        kept.put(key, 1, 1)
    kept.get("a")
    kept.put("b", 2, 1)
    assert kept.get("nothing") is None
    kept.put("d", 1, 1)
    assert [key for key in ("a", "b", "c", "d") if kept.get(key) is not None] == ["a", "b", "d"]
    kept.put("wide", 1, 2)
    assert [key for key in ("a", "b", "d", "wide") if kept.get(key) is not None] == ["d", "wide"]
    assert kept.weight == 3


def test_threads_at_once_keep_the_sum_of_weights_true() -> None:
    """Four threads tell and ask the same keys with a switch of threads every few instructions."""
    kept = LruCache[int](200)

    def use(first: int) -> None:
        for turn in range(3_000):
            key = (first + turn * 7) % 50
            found = kept.get(key)
            assert found is None or found % 50 == key
            kept.put(key, key + 50 * turn, 1 + (key + turn) % 20)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=use, args=(first,)) for first in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    finally:
        sys.setswitchinterval(interval)
    assert not any(thread.is_alive() for thread in threads)
    assert kept.weight <= 200
    assert kept.weight == sum(weight for _, weight in kept._values.values())
