"""What happens to the process: forks and its end are told to every client that is open."""

from __future__ import annotations

import atexit
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from typing import Any, Protocol

    class Follower(Protocol):
        """Who is told: a client."""

        def after_fork(self) -> None:
            """Begin anew in a child."""

        def close(self) -> object:
            """Send what is left, and end."""


_open: list[Follower] = []


def follow(client: Follower) -> None:
    """Tell a client of forks and of the exit until it leaves."""
    if not _open:
        _hear()
    _open.append(client)


def leave(client: Follower) -> None:
    """Tell it no more."""
    _open[:] = [each for each in _open if each is not client]


def _hear() -> None:
    """Ask to be told, once for all clients."""
    if _heard:
        return
    _heard.append(True)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forked)
    atexit.register(_leaving)
    _hear_of_the_workers_end()


_heard: list[bool] = []


def _forked() -> None:
    for client in (*_open,):
        client.after_fork()
    _hear_of_the_workers_end()


def _hear_of_the_workers_end() -> None:
    """Ask multiprocessing to be told: its workers end without atexit.

    A worker forgets at its start what was asked for before (by its parent, or while a fork server's child read its
    module), so it is asked again then. A process that ends by atexit as well has nothing left to close.
    """
    workers: Any = sys.modules.get("multiprocessing.util")
    if workers is not None:
        workers.Finalize(None, _leaving, exitpriority=0)
        workers.register_after_fork(_leaving, lambda leaving: workers.Finalize(None, leaving, exitpriority=0))


def _leaving() -> None:
    for client in (*_open,):
        client.close()
