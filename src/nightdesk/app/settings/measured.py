"""What the settings must name before a vital can be measured; one sentence for page, command line, API and check."""

from collections.abc import Callable, Mapping
from typing import Final

from nightdesk.app.settings.settings import Settings


def _probes_of(settings: Settings, *kinds: str) -> bool:
    return any(probe.kind in kinds for probe in settings.probes)


_MEASURED: Final[Mapping[str, tuple[Callable[[Settings], bool], str]]] = {
    "api_response_times": (
        lambda settings: _probes_of(settings, "http"),
        'No API target is configured: add [[probes]] with kind = "http".',
    ),
    "database_performance": (
        lambda settings: _probes_of(settings, "postgresql", "sqlite"),
        'No database is configured: add [[probes]] with kind = "postgresql" or kind = "sqlite".',
    ),
    "cache_hit_ratio": (
        lambda settings: _probes_of(settings, "redis"),
        'No cache is configured: add [[probes]] with kind = "redis".',
    ),
    "active_connections": (
        lambda settings: settings.desk.collect or bool(settings.connections.processes or settings.connections.targets),
        "Not measured: this desk runs without collecting (--no-collect); write [connections] to count all the same.",
    ),
}


def not_configured(settings: Settings, vital: str) -> str | None:
    """Return why nothing measures a vital, as a sentence that names the table to write; None where something does."""
    is_measured, sentence = _MEASURED.get(vital, (lambda _: True, ""))
    return None if is_measured(settings) else sentence


NO_ATTEMPTS: Final = (
    "Nothing was attempted within the last 5 minutes: no probes, no calls of bots, no requests in HTTP logs. "
    "Add [[probes]] or [[http_logs]], or let a bot report with nightdesk.client."
)
"""Why there is no error rate: bots need no settings, so nothing can be said of the settings alone."""
NO_REQUESTS: Final = (
    "Nothing was attempted within the last 5 minutes: no requests in the HTTP logs, no calls of bots; "
    "there are no probes."
)
"""The same where access logs are followed."""
