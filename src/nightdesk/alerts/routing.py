"""Who is told of an alert: every route that matches adds its channels."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nightdesk.model.alert import ALERT_NAME, Alert, Severity
from nightdesk.model.mute import Muted, MuteReason

KIND: Final = "kind"
LOAD: Final = "load"
"""Rules about load alone carry `kind="load"`: a busy night is no reason to wake anybody."""
MODE: Final = "mode"
NOT_LIVE: Final = frozenset({"paper", "backtest"})
"""An alert about trading that moves no money carries `mode="paper"` or `mode="backtest"`: no phone rings for it."""
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

    @property
    def names_mode(self) -> bool:
        """True where the route asks for one mode of trading: it means what it says, paper included."""
        return any(name == MODE and value for name, value in self.match)


class Router:
    """All routes of the settings. Without any, the console gets everything."""

    def __init__(self, routes: Sequence[Route] = (), local: Collection[str] = LOCAL_CHANNELS) -> None:
        """Take the routes in order, and the names of the channels that do not leave this machine."""
        self._routes = tuple(routes) or (Route.of(CONSOLE),)
        self._local = frozenset(local)

    def channels_for(self, alert: Alert) -> tuple[str, ...] | Muted:
        """Return the channels, each once, in the order of the routes; or why there are none.

        A load alert reaches channels that leave the machine only by a route that names it (`alertname` or `kind`), one
        about trading on paper only by a route that names its `mode`. A critical alert that no route takes goes to the
        console: silence would be worse.
        """
        taken = [route for route in self._routes if route.takes(alert)]
        channels = dict.fromkeys(channel for route in taken for channel in self._open_to(alert, route))
        if channels:
            return tuple(channels)
        if alert.severity is Severity.CRITICAL:
            return (CONSOLE,)
        return Muted(MuteReason.NO_ROUTE, _why_local(alert) if taken else "no route takes it")

    def kept_from(self, alert: Alert) -> tuple[str, ...]:
        """Return the channels that an alert misses only because of what it is about, in the order of the routes.

        Load and trading on paper stay on this machine unless a route names them.
        """
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
        return bool(self.away(severity))

    def away(self, severity: Severity) -> tuple[str, ...]:
        """Return the channels off this machine to which a general route takes this severity, each once."""
        general = (route for route in self._routes if not route.match and _asks_for(route, severity))
        return tuple(dict.fromkeys(each for route in general for each in route.channels if each not in self._local))

    def uses(self, channel: str, severity: Severity) -> bool:
        """Return whether a general route takes this severity to this channel."""
        return any(
            channel in route.channels for route in self._routes if not route.match and _asks_for(route, severity)
        )

    def _open_to(self, alert: Alert, route: Route) -> tuple[str, ...]:
        if (_is_load(alert) and not route.names_alerts) or (_is_not_live(alert) and not route.names_mode):
            return tuple(channel for channel in route.channels if channel in self._local)
        return route.channels


def _asks_for(route: Route, severity: Severity) -> bool:
    return not route.severities or severity in route.severities


def _is_load(alert: Alert) -> bool:
    return alert.labels.get(KIND) == LOAD


def _is_not_live(alert: Alert) -> bool:
    return alert.labels.get(MODE) in NOT_LIVE


def _why_local(alert: Alert) -> str:
    return "load stays on this machine" if _is_load(alert) else f"{alert.labels.get(MODE)} stays on this machine"
