"""The book of alerts with a bell on it: whoever must act on a change is told at once."""

from collections.abc import Callable, Sequence

from nightdesk.model.alert import Alert, Transition
from nightdesk.seams import AlertSink


class TellingSink:
    """An `AlertSink` before another; after each report that changed something it calls `tell`, from the same thread."""

    def __init__(self, sink: AlertSink, tell: Sequence[Callable[[], None]] = ()) -> None:
        """Report to `sink`."""
        self._sink, self._tell = sink, tuple(tell)

    def accept(self, alerts: Sequence[Alert], at: int) -> Sequence[Transition]:
        """Hand the report on; the changes are durable before anybody is told."""
        transitions = self._sink.accept(alerts, at)
        if transitions:
            for tell in self._tell:
                tell()
        return transitions
