"""Who is told of an alert: every route that matches adds its channels."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nightdesk.model.alert import ALERT_NAME, Alert, Severity
from nightdesk.model.mute import Muted, MuteReason

KIND: Final = "kind"
LOAD: Final = "load"
"""Rules about load alone carry `kind="load"`: a busy night is no reason to wake anybody."""
CONSOLE: Final = "console"
LOCAL_CHANNELS: Final = ("console", "desktop")
"""Names of channels that stay on this machine, where the settings give no kinds."""


@dataclass(frozen=True, slots=True)
class Route:
    """Send alerts of these severities, whose labels equal all of `match`, to these channels.

    No severities means all; an empty value in `match` asks for the label's absence.
    """

    severities: tuple[Severity, ...] = ()
    match: tuple[tuple[str, str], ...] = ()
    channels: tuple[str, ...] = ()

    @classmethod
    def of(cls, *channels: str, severities: Sequence[Severity] = (), match: Mapping[str, str] | None = None) -> "Route":
        """Build a route from plain collections."""
        return cls(tuple(severities), tuple(sorted((match or {}).items())), channels)

    def takes(self, alert: Alert) -> bool:
        """Return whether the alert goes this way."""
        if self.severities and alert.severity not in self.severities:
            return False
        return all(alert.labels.get(name) == value for name, value in self.match)

    @property
    def names_alerts(self) -> bool:
        """True where the route asks for particular alerts, by name or by kind: it means what it says, load included."""
        return any(name in (ALERT_NAME, KIND) and value for name, value in self.match)


class Router:
    """All routes of the settings. Without any, the console gets everything."""

    def __init__(self, routes: Sequence[Route] = (), local: Collection[str] = LOCAL_CHANNELS) -> None:
        """Take the routes in order, and the names of the channels that do not leave this machine."""
        self._routes = tuple(routes) or (Route.of(CONSOLE),)
        self._local = frozenset(local)

    def channels_for(self, alert: Alert) -> tuple[str, ...] | Muted:
        """Return the channels, each once, in the order of the routes; or why there are none.

        A load alert reaches channels that leave the machine only by a route that names it (`alertname` or `kind`). A
        critical alert that no route takes goes to the console: silence would be worse.
        """
        taken = [route for route in self._routes if route.takes(alert)]
        channels = dict.fromkeys(channel for route in taken for channel in self._open_to(alert, route))
        if channels:
            return tuple(channels)
        if alert.severity is Severity.CRITICAL:
            return (CONSOLE,)
        return Muted(MuteReason.NO_ROUTE, "load stays on this machine" if taken else "no route takes it")

    def kept_from(self, alert: Alert) -> tuple[str, ...]:
        """Return the channels that an alert misses only because it is about load, in the order of the routes."""
        taken = [route for route in self._routes if route.takes(alert)]
        reached = {channel for route in taken for channel in self._open_to(alert, route)}
        return tuple(dict.fromkeys(each for route in taken for each in route.channels if each not in reached))

    def uncovered(self) -> tuple[Severity, ...]:
        """Return the severities that no general route takes, highest first; `doctor` and the page warn of them."""
        general = [route for route in self._routes if not route.match and route.channels]
        covered = {severity for route in general for severity in (route.severities or tuple(Severity))}
        return tuple(severity for severity in reversed(Severity) if severity not in covered)

    def leaves_machine(self, severity: Severity) -> bool:
        """Return whether a general route takes this severity to a channel off this machine."""
        return any(
            not route.match
            and (not route.severities or severity in route.severities)
            and any(channel not in self._local for channel in route.channels)
            for route in self._routes
        )

    def _open_to(self, alert: Alert, route: Route) -> tuple[str, ...]:
        if alert.labels.get(KIND) != LOAD or route.names_alerts:
            return route.channels
        return tuple(channel for channel in route.channels if channel in self._local)
