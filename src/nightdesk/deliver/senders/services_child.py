"""The sender process that carries apprise: the same lines in and out as `child`, bounded and guarded further.

Nothing of apprise is loaded before the first message, and all of it leaves with the process after a minute's idleness.
"""

import contextlib
import logging
from typing import Final

from nightdesk.deliver.senders.child import main as serve
from nightdesk.deliver.services.guard import GUARD

MOST_MEMORY: Final = 1024 * 2**20
"""Bytes of address space: the libraries read an answer whole, however long it is."""


def main() -> None:
    """Serve jobs until the input ends."""
    # Python prints the warnings of a library that nobody listens to; those of apprise may hold a URL.
    logging.getLogger().addHandler(logging.NullHandler())
    _bound_memory()
    GUARD.stand()
    serve()


def _bound_memory() -> None:
    with contextlib.suppress(ImportError):  # Windows has no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    main()
