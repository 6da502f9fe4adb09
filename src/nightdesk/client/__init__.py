"""What a bot imports: counters, timers, beats, events, orders and fills, told to a desk on this machine or elsewhere.

    from nightdesk import client

    desk = client.connect("~/.local/share/nightdesk", bot="maker")

    @desk.track("decide")
    def decide(candle): ...

    desk.beat("loop", every="30s")

Standard library alone. No call raises or waits for the desk, whether that is up, hung or gone; docs/client.md says what
is kept meanwhile, and what is not. The package itself imports nothing: a module is loaded with the first name that is
taken from it, so that a bot which is never connected to a desk pays next to nothing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nightdesk.client.client import Client, connect
    from nightdesk.client.metrics import Counter, Gauge
    from nightdesk.client.shared import (
        beat,
        counter,
        default,
        end_beat,
        error,
        event,
        fill,
        flush,
        gauge,
        order,
        stopping,
        timer,
        track,
        use,
    )
    from nightdesk.client.timing import Timer

__all__ = [
    "Client",
    "Counter",
    "Gauge",
    "Timer",
    "beat",
    "connect",
    "counter",
    "default",
    "end_beat",
    "error",
    "event",
    "fill",
    "flush",
    "gauge",
    "order",
    "stopping",
    "timer",
    "track",
    "use",
]

_HOMES = {
    "Client": "client",
    "connect": "client",
    "Counter": "metrics",
    "Gauge": "metrics",
    "Timer": "timing",
}
"""Where each name lives; the functions of the process's one client live in `shared`."""


def __getattr__(name: str) -> object:
    """Load a name at its first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = f"{__name__}.{_HOMES.get(name, 'shared')}"
    found: object = getattr(__import__(home, fromlist=[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return what there is to be taken."""
    return list(__all__)
