"""Orders, fills and events on their way: kept in order until the desk has written them down, bounded."""

from __future__ import annotations

import os
from collections import deque
from threading import RLock

from nightdesk.client.losses import Loss, Losses

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from typing import Any

    Entry = dict[str, Any]

MOST_ENTRIES = 10_000
"""Orders and fills; about 1 KB each."""
MOST_EVENTS = 1_000
MOST_A_PUSH = 500


class Mailbox:
    """A bounded queue of entries with ids of their own. Many threads put, one takes."""

    def __init__(self, losses: Losses, most: int) -> None:
        """Hold at most `most` entries; what comes then is counted as lost: the oldest are the ones that fit."""
        self._losses, self._most = losses, most
        self._lock = RLock()
        self._entries: deque[Entry] = deque()
        self._number = 0
        self._name = os.urandom(8).hex()

    def put(self, entry: Entry) -> None:
        """Keep an entry; without an id it gets one that is like no other's."""
        with self._lock:
            if len(self._entries) >= self._most:
                self._losses.note(Loss.BUFFER_FULL, entry)
                return
            self._number += 1
            if not entry.get("id"):
                entry["id"] = f"{self._name}-{self._number}"
            self._entries.append(entry)

    def oldest(self) -> list[Entry]:
        """Return the oldest entries, as many as go into one push; they stay until they are taken away."""
        with self._lock:
            return [self._entries[at] for at in range(min(len(self._entries), MOST_A_PUSH))]

    def take_away(self, count: int) -> None:
        """Forget the oldest entries: the desk has them."""
        with self._lock:
            for _ in range(min(count, len(self._entries))):
                self._entries.popleft()

    def start_anew(self) -> None:
        """Forget everything, in a forked child: the parent delivers what it kept."""
        self._lock = RLock()
        self._entries, self._number = deque(), 0
        self._name = os.urandom(8).hex()

    def __len__(self) -> int:
        return len(self._entries)
