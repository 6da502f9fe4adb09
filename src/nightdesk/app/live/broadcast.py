"""What goes on now, told to everybody who listens: one bounded queue a listener, the oldest leaves where it is full."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from nightdesk.app.live.live_alerts import LiveAlerts
from nightdesk.app.live.once import Once
from nightdesk.app.measuring.vitals import Vitals
from nightdesk.app.standing.standing import Standing
from nightdesk.errors import Overloaded

MOST_LISTENERS: Final = 32
MOST_QUEUED: Final = 16


class EventKind(Enum):
    """What an event tells of."""

    VITALS = "vitals"
    ALERTS = "alerts"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: its kind, the sample time in ms, and what stands now."""

    kind: EventKind
    at: int
    value: Vitals | Standing | Callable[[], LiveAlerts]
    """Alerts are asked for when the event is written, off the event loop: sorting thousands takes long."""
    text: Once[bytes] = field(default_factory=Once, compare=False, repr=False)
    """Its JSON, made once however many listen."""


class Listener:
    """One client of the stream; a slow one loses the oldest events and is told how many."""

    def __init__(self) -> None:
        """Start with an empty queue."""
        self._events: deque[Event] = deque()
        self._ready = asyncio.Event()
        self.dropped = 0
        self.ended = False

    def end(self) -> None:
        """Say that nothing more comes."""
        self.ended = True
        self._ready.set()

    def push(self, event: Event) -> None:
        """Queue an event; the oldest leaves where the queue is full."""
        if len(self._events) >= MOST_QUEUED:
            self._events.popleft()
            self.dropped += 1
        self._events.append(event)
        self._ready.set()

    async def next(self, seconds: float) -> Event | None:
        """Return the next event, or None after `seconds` without one or once it has ended."""
        if not self._events and not self.ended:
            self._ready.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._ready.wait()
        return self._events.popleft() if self._events else None


class Broadcast:
    """Hands each event to every listener; `somebody` is set while anyone listens."""

    def __init__(self) -> None:
        """Start with nobody listening."""
        self._listeners: set[Listener] = set()
        self.dropped_total = 0
        self.somebody = asyncio.Event()

    def __len__(self) -> int:
        return len(self._listeners)

    def join(self) -> Listener:
        """Return a new listener. Raises Overloaded when 32 listen already."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise Overloaded(f"{MOST_LISTENERS} clients follow the stream already: close one")
        listener = Listener()
        self._listeners.add(listener)
        self.somebody.set()
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)
        self.dropped_total += listener.dropped
        if not self._listeners:
            self.somebody.clear()

    def end(self) -> None:
        """End every listener: the desk is stopping."""
        for listener in self._listeners:
            listener.end()

    def tell(self, event: Event) -> None:
        """Queue an event for everybody."""
        for listener in self._listeners:
            listener.push(event)
