"""Gates: each answers why a message is held back, or None. Silences and quiet hours will stand here too."""

from collections.abc import Iterable

from nightdesk.model.alert import SEVERITY, Alert, AlertState
from nightdesk.model.labels import Labels
from nightdesk.model.mute import Muted, MuteReason


class HigherSeverityGate:
    """One subject, one message: an alert is held back while the same alert fires with a higher severity.

    Two alerts have one subject when their labels are equal but for `severity`.
    """

    def __init__(self, alerts: Iterable[Alert]) -> None:
        """Learn which subjects fire, and how high."""
        self._highest: dict[Labels, Alert] = {}
        for alert in alerts:
            if alert.state is AlertState.FIRING:
                subject = alert.labels.without((SEVERITY,))
                highest = self._highest.setdefault(subject, alert)
                if alert.severity.rank > highest.severity.rank:
                    self._highest[subject] = alert

    def held(self, alert: Alert) -> Muted | None:
        """Return the mute that names the higher alert, or None."""
        highest = self._highest.get(alert.labels.without((SEVERITY,)))
        if highest is None or highest.severity.rank <= alert.severity.rank:
            return None
        return Muted(MuteReason.INHIBITED, f"{highest.name} fires as {highest.severity.value}")
