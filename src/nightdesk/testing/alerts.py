"""The fake of `AlertSink`: believes every report, sends nothing."""

from collections.abc import Sequence

from nightdesk.errors import NightdeskError
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.labels import Labels


class MemorySink:
    """Keeps the standing of every alert and all changes; set `failure` to make it refuse."""

    def __init__(self, failure: NightdeskError | None = None) -> None:
        """Start empty."""
        self.failure = failure
        self.standing: dict[Labels, Alert] = {}
        self.transitions: list[Transition] = []
        self.rounds: list[tuple[int, tuple[Alert, ...]]] = []

    def accept(self, alerts: Sequence[Alert], at: int) -> Sequence[Transition]:
        """Take the present standing, and return the changes this made."""
        if self.failure is not None:
            raise self.failure
        self.rounds.append((at, tuple(alerts)))
        changes = [change for alert in alerts if (change := self._change(alert, at))]
        self.transitions.extend(changes)
        return changes

    def live(self) -> tuple[Alert, ...]:
        """Return the alerts that are pending or firing, sorted by labels."""
        return tuple(self.standing[labels] for labels in sorted(self.standing))

    def _change(self, alert: Alert, at: int) -> Transition | None:
        known = self.standing.pop(alert.labels, None)
        if alert.state.is_live:
            self.standing[alert.labels] = alert
        elif known is None:
            return None
        if known is not None and known.state is alert.state:
            return None
        number = 1 + sum(each.alert.labels == alert.labels for each in self.transitions)
        return Transition(alert, known.state if known else None, at, number)
