"""What stands between a socket and a small question is counted in calls: the same on any machine, busy or not."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import nightdesk

ROOMS = str(Path(nightdesk.__file__).parent)
MOST_CALLS = 120
"""108 when this was written; each costs some microseconds where its code is not in the processor's caches."""


@contextmanager
def _counted() -> Iterator[list[str]]:
    """Note every call of a function of ours, on this thread and on those that start inside."""
    called: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(ROOMS):
            called.append(frame.f_code.co_qualname)

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)
        threading.setprofile(before)


def test_a_small_question_passes_few_functions(make_rig: Callable[..., Any]) -> None:
    """Guard, parameters, the way over the query thread, JSON and headers: everything but the engine."""
    rig = make_rig()
    with _counted() as called:
        assert rig.ask("GET", "/api/v1/query?query=up%7Bjob%3D%22node%22%7D&time=1700000000").is_success
        called.clear()
        assert rig.ask("GET", "/api/v1/query?query=up%7Bjob%3D%22node%22%7D&time=1700000000").is_success
        counted = list(called)
    assert "Guard.refuse" in counted
    assert "_Turn.__call__" in counted
    assert len(counted) <= MOST_CALLS, counted
