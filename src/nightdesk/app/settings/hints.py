"""What in good settings may surprise: each hint says what will happen, and what to write if that is not meant."""

from collections.abc import Iterator

from nightdesk.alerts.routing import KIND, LOAD
from nightdesk.app.settings.lines import KeyPath
from nightdesk.app.settings.measured import not_configured
from nightdesk.app.settings.settings import RouteSettings, Settings
from nightdesk.model.alert import ALERT_NAME


def hints(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    """Yield where and what."""
    yield from _levels_of_nothing(settings)
    yield from _load_that_stays(settings)


def _levels_of_nothing(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    for name in settings.thresholds:
        missing = not_configured(settings, name)
        if missing is not None:
            text = (
                f"nothing measures {name}, so its levels are judged only on a series {name} that a rule of yours "
                f"records (record: {name}) or a program writes. {missing}"
            )
            yield ("thresholds", name), text


def _load_that_stays(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    """Point at the first route that leaves this machine by severity alone, unless some route speaks of load."""
    away = {name for name, channel in settings.channels.items() if channel.kind != "console"}
    if any(_names_load(route) for route in settings.routes):
        return
    for position, route in enumerate(settings.routes):
        if route.severity and not _names_alerts(route) and away.intersection(route.channels):
            text = (
                "takes no alert about load (CpuBusy, MemoryShort), whatever its severity: those stay on this machine "
                'unless a route names them, match = { alertname = "CpuBusy" } or match = { kind = "load" }'
            )
            yield ("routes", position), text
            return


def _names_alerts(route: RouteSettings) -> bool:
    return bool(route.match.get(ALERT_NAME) or route.match.get(KIND))


def _names_load(route: RouteSettings) -> bool:
    return _names_alerts(route) and route.match.get(KIND, LOAD) == LOAD
