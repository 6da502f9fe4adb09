"""The client of a process that needs only one: made at first use, from the environment."""

from __future__ import annotations

from threading import RLock

from nightdesk.client.client import Client, connect

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from typing import Any

    from nightdesk.client.metrics import Counter, Gauge
    from nightdesk.client.rows import Number
    from nightdesk.client.timing import Timer

_lock = RLock()
_made: list[Client] = []


def default() -> Client:
    """Return the client of NIGHTDESK_DATA or NIGHTDESK_URL; with neither it counts in memory and tells nobody."""
    if not _made:
        with _lock:
            if not _made:
                _made.append(connect())
    return _made[0]


def use(client: Client) -> Client:
    """Make a client the one that the functions of this module speak through, and return it."""
    with _lock:
        _made[:] = [client]
    return client


def counter(name: str, **labels: object) -> Counter:
    """Return a counter of the default client; see `Client.counter`."""
    return default().counter(name, **labels)


def gauge(name: str, **labels: object) -> Gauge:
    """Return a gauge of the default client; see `Client.gauge`."""
    return default().gauge(name, **labels)


def timer(name: str, **labels: object) -> Timer:
    """Return a timer of the default client; see `Client.timer`."""
    return default().timer(name, **labels)


def track(operation: str) -> Timer:
    """Return a timer that counts errors too; see `Client.track`."""
    return default().track(operation)


def error(kind: str = "error") -> None:
    """Count an error; see `Client.error`."""
    default().error(kind)


def beat(name: str, every: object = None, stage: object = None, cursor: object = None) -> None:
    """Say that some work goes on; see `Client.beat`."""
    default().beat(name, every, stage, cursor)


def end_beat(name: str) -> None:
    """Say that the work a beat stood for is done; see `Client.end_beat`."""
    default().end_beat(name)


def event(text: object, kind: str = "event", **labels: object) -> None:
    """Keep a line of text at the desk; see `Client.event`."""
    default().event(text, kind, **labels)


def stopping(reason: str = "stopping") -> None:
    """Say that the bot stops on purpose; see `Client.stopping`."""
    default().stopping(reason)


def flush(seconds: float = 1.0) -> bool:
    """Wait until the desk has everything told so far; see `Client.flush`."""
    return default().flush(seconds)


def order(symbol: str | None = None, side: str | None = None, quantity: Number | None = None, **told: Any) -> None:
    """Keep an order as it stands now; see `Client.order` for what else may be told."""
    default().order(symbol, side, quantity, **told)


def fill(
    symbol: str | None = None,
    side: str | None = None,
    quantity: Number | None = None,
    price: Number | None = None,
    **told: Any,
) -> None:
    """Keep a fill; see `Client.fill` for what else may be told."""
    default().fill(symbol, side, quantity, price, **told)
