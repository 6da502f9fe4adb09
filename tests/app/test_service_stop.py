"""How a desk ends although something of it hangs."""

import asyncio
import threading

from nightdesk.app.process.running import ended_within


def test_what_hangs_at_the_end_is_given_up() -> None:
    """A store on a dead disk never closes; the desk waits its time and says that it did not end well."""
    for_ever = threading.Event()
    assert asyncio.run(ended_within(0.05, for_ever.wait)) is False
    for_ever.set()


def test_what_ends_well_is_told_so() -> None:
    """True only where everything was stored."""
    assert asyncio.run(ended_within(10, lambda: True)) is True
    assert asyncio.run(ended_within(10, lambda: False)) is False
