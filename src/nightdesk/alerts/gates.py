"""Gates: each answers why a message is held back, or None. Silences and quiet hours will stand here too."""

from collections.abc import Iterable

from nightdesk.model.alert import SEVERITY, Alert
from nightdesk.model.labels import Labels
from nightdesk.model.mute import Muted, MuteReason


class HigherSeverityGate:
    """One subject, one message a channel: who was told of an alert is not told of the same one with less severity.

    Two alerts have one subject when their labels are equal but for `severity`. A higher alert that reached nobody on
    a channel holds nothing back there.
    """

    def __init__(self, alerts: Iterable[Alert] = ()) -> None:
        """Learn which alerts were told, and where."""
        self._told: dict[Labels, list[Alert]] = {}
        for alert in alerts:
            self.note(alert)

    def __bool__(self) -> bool:
        """True where it knows of any."""
        return bool(self._told)

    def note(self, alert: Alert) -> None:
        """Learn of an alert, with the channels that were told of it."""
        if alert.told:
            self._told.setdefault(_subject(alert), []).append(alert)

    def channels(self, alert: Alert) -> frozenset[str]:
        """Return the channels that were told of a higher alert of the same subject."""
        return frozenset(channel for higher in self._higher(alert) for channel in higher.told)

    def held(self, alert: Alert) -> Muted:
        """Return the mute that names the highest of these; there is one."""
        highest = max(self._higher(alert), key=lambda higher: higher.severity.rank)
        return Muted(MuteReason.INHIBITED, f"{highest.name} fires as {highest.severity.value}")

    def _higher(self, alert: Alert) -> list[Alert]:
        if not self._told:
            return []
        rank = alert.severity.rank
        return [other for other in self._told.get(_subject(alert), ()) if other.severity.rank > rank]


def _subject(alert: Alert) -> Labels:
    return alert.labels.without((SEVERITY,))
