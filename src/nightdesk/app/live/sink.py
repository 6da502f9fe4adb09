"""The book of alerts with a bell on it: whoever must act on a change is told at once."""

from collections.abc import Callable, Sequence

from nightdesk.model.alert import Alert, Transition
from nightdesk.seams.alerts import AlertSink


class TellingSink:
    """An `AlertSink` before another; after each report that changed something it rings, from the same thread."""

    def __init__(self, sink: AlertSink, bells: Sequence[Callable[[], None]]) -> None:
        """Report to `sink`; whoever made `bells` may hang more of them until the desk starts."""
        self._sink, self._bells = sink, bells

    def accept(self, alerts: Sequence[Alert], at: int) -> Sequence[Transition]:
        """Hand the report on; the changes are durable before anybody is told."""
        transitions = self._sink.accept(alerts, at)
        if transitions:
            for ring in self._bells:
                ring()
        return transitions
