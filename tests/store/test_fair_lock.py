"""The fair lock excludes, and lets nobody starve."""

import threading

import pytest

from nightdesk.store.fair_lock import FairLock


def test_only_one_holds_it() -> None:
    """A counter raised by four threads under the lock loses nothing."""
    lock, counter = FairLock(), [0]

    def raise_it() -> None:
        for _ in range(2_000):
            with lock:
                counter[0] = counter[0] + 1

    threads = [threading.Thread(target=raise_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert counter == [8_000]


def test_who_takes_it_again_and_again_lets_others_in() -> None:
    """While one thread takes the lock in a loop, another gets it within two of its turns."""
    lock, turns, over = FairLock(), [0], threading.Event()
    waits: list[int] = []

    def greedy() -> None:
        while not over.is_set():
            with lock:
                turns[0] += 1
                threading.Event().wait(0.002)  # holds it for a while, as a step of sealing does

    thread = threading.Thread(target=greedy)
    thread.start()
    for _ in range(20):
        before = turns[0]
        with lock:
            waits.append(turns[0] - before)
    over.set()
    thread.join(30)
    assert max(waits) <= 2


def test_an_error_inside_releases_it() -> None:
    """Whoever raises inside leaves the lock free."""
    lock = FairLock()
    with pytest.raises(ZeroDivisionError), lock:
        _ = 1 / 0
    with lock:
        assert True


def test_who_cannot_wait_takes_it_only_where_it_is_free() -> None:
    """`if_free` holds a free lock inside, and leaves one alone that is held."""
    lock = FairLock()
    with lock.if_free() as is_free, lock.if_free() as is_free_again:
        assert is_free
        assert not is_free_again
    with lock, lock.if_free() as is_free:
        assert not is_free
    with lock.if_free() as is_free:
        assert is_free
