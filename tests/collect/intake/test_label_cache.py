"""The bounded memory of labels: never larger than twice its size, and what is in use stays."""

from hypothesis import given
from hypothesis import strategies as st

from nightdesk.collect.intake.label_cache import TwoGenerations


@given(st.integers(1, 8), st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=200))
def test_it_is_bounded_and_never_wrong(size: int, steps: list[tuple[bool, int]]) -> None:
    """After any mix of puts and gets it holds at most twice its size, and each answer is the one put last, or None."""
    cache: TwoGenerations[int] = TwoGenerations(size)
    truth: dict[bytes, int] = {}
    for number, (is_put, key) in enumerate(steps):
        name = str(key).encode()
        if is_put:
            cache.put(name, number)
            truth[name] = number
        else:
            assert cache.get(name) in (None, truth.get(name))
        assert len(cache) <= 2 * size


def test_what_is_in_use_outlives_a_flood() -> None:
    """An entry asked for now and then survives ten thousand new ones."""
    cache: TwoGenerations[int] = TwoGenerations(100)
    cache.put(b"used", 1)
    for number in range(10_000):
        cache.put(str(number).encode(), number)
        if number % 50 == 0:
            assert cache.get(b"used") == 1
    assert cache.get(b"used") == 1
    assert cache.get(b"5") is None
