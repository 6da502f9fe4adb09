"""Probes, watched connections and access logs of a desk: what its settings ask for, and why a vital has no value."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from nightdesk.app.settings.measured import NO_ATTEMPTS, NO_REQUESTS, not_configured
from nightdesk.app.settings.probes import (
    AnyProbeSettings,
    HttpProbeSettings,
    PostgresqlProbeSettings,
    RedisProbeSettings,
    SqliteProbeSettings,
)
from nightdesk.app.settings.settings import Settings
from nightdesk.clock import Clock
from nightdesk.collect.certificates import trusted
from nightdesk.collect.collector import Collector
from nightdesk.collect.connections.collector import ConnectionCollector, Watch
from nightdesk.collect.http_logs.collector import HttpLogCollector
from nightdesk.collect.probes.collector import ProbeCollector
from nightdesk.collect.probes.http import HttpProbe
from nightdesk.collect.probes.http_expectation import HttpExpectation
from nightdesk.collect.probes.lookups import ENOUGH
from nightdesk.collect.probes.postgresql import PostgresqlProbe
from nightdesk.collect.probes.postgresql_target import PostgresqlTarget
from nightdesk.collect.probes.probe import Probe
from nightdesk.collect.probes.redis import RedisProbe
from nightdesk.collect.probes.sqlite import SqliteProbe
from nightdesk.errors import SettingsError
from nightdesk.model.instant import SECOND

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "api_response_times": ("http",),
    "database_performance": ("postgresql", "sqlite"),
    "cache_hit_ratio": ("redis",),
}
"""Kinds of probes that a vital is made of."""
_MOST_NAMED: Final = 4
FIRST_ANSWERS: Final = "No value yet: the first answers are on their way."


class Probes:
    """Makes the collectors that ask others, and keeps each for as long as its settings and secrets stay the same."""

    def __init__(self, clock: Clock) -> None:
        """Make nothing yet."""
        self._clock = clock
        self._instance = platform.node() or "localhost"
        self._settings = Settings()
        self._kept: dict[str, Collector] = {}

    def of(self, settings: Settings) -> Mapping[str, Collector]:
        """Return the collectors of these settings by keys that are equal for equal settings.

        Raises:
            SettingsError: a secret or a certificate file cannot be read; the collectors of before stay.
            Unsafe: a URL that may not be asked.
        """
        wanted: dict[str, Collector] = {}
        for each in settings.probes:
            secret = _secret(each)
            # The secret's text is part of the key: a new password in the same file makes a new probe.
            key = f"probe {each.model_dump_json()} {secret}"
            wanted[key] = self._kept.get(key) or self._probe(each, secret)
        for log in settings.http_logs:
            key = f"http log {log.model_dump_json()}"
            wanted[key] = self._kept.get(key) or HttpLogCollector(
                log.name, log.file, self._clock, instance=self._instance, interval=log.interval / SECOND
            )
        watch = Watch(tuple(settings.connections.processes), tuple(settings.connections.targets))
        if not_configured(settings, "active_connections") is None:
            key = f"connections {settings.desk.interval} {watch}"
            wanted[key] = self._kept.get(key) or ConnectionCollector(
                watch, self._clock, instance=self._instance, interval=settings.desk.interval / SECOND
            )
        self._settings, self._kept = settings, wanted
        return wanted

    def reason(self, vital: str) -> str | None:
        """Return why a vital has no value, as a sentence; None for vitals that are not made here."""
        missing = not_configured(self._settings, vital)
        if missing is not None:
            return missing
        if vital == "active_connections":
            found = [each for each in self._kept.values() if isinstance(each, ConnectionCollector)]
            return next((each.trouble for each in found if each.trouble), None) or FIRST_ANSWERS
        if vital == "error_rate":
            if self._settings.probes:
                return FIRST_ANSWERS
            return NO_REQUESTS if self._settings.http_logs else NO_ATTEMPTS
        kinds = _KINDS.get(vital)
        return None if kinds is None else _of_probes(list(self._of_kinds(kinds)))

    def note(self, vital: str) -> str | None:
        """Return which targets of a vital gave no time at all, as a sentence: a refusal is no fast answer."""
        silent = [
            str(each.target.get("probe"))
            for each in self._of_kinds(_KINDS.get(vital, ()))
            if each.last is not None and each.last.failure is not None and each.last.seconds is None
        ]
        if not silent:
            return None
        some = "1 target cannot be measured" if len(silent) == 1 else f"{len(silent)} targets cannot be measured"
        return f"{some}: {', '.join(silent[:_MOST_NAMED])}{', ...' if len(silent) > _MOST_NAMED else ''}."

    def _of_kinds(self, kinds: Sequence[str]) -> Iterable[ProbeCollector]:
        return (each for each in self._kept.values() if isinstance(each, ProbeCollector) and each.probe.kind in kinds)

    def _probe(self, settings: AnyProbeSettings, secret: str) -> ProbeCollector:
        try:
            probe = _made(settings, secret, self._clock)
        except OSError as error:
            raise SettingsError(f"probe {settings.name}: its ca_file cannot be used: {error}") from error
        return ProbeCollector(
            settings.name,
            probe,
            instance=self._instance,
            interval=settings.interval / SECOND,
            timeout=settings.timeout / SECOND,
        )


def _of_probes(probes: Sequence[ProbeCollector]) -> str:
    """Return why probes that are configured give no value: the failures, or a cache that is hardly asked."""
    failing = [each for each in probes if each.last is not None and each.last.failure is not None]
    if failing:
        return "; ".join(f"{each.target.get('probe')} fails: {each.last.detail}" for each in failing if each.last)
    if any(each.last is None for each in probes):
        return FIRST_ANSWERS
    few = [each.probe.lookups.recent for each in probes if isinstance(each.probe, RedisProbe)]
    if few and max(few) < ENOUGH:
        return f"Only {max(few)} lookups within the last 5 minutes: a ratio needs {ENOUGH}."
    return FIRST_ANSWERS


def _made(settings: AnyProbeSettings, secret: str, clock: Clock) -> Probe:
    match settings:
        case HttpProbeSettings():
            return _http(settings, secret, clock)
        case PostgresqlProbeSettings():
            return PostgresqlProbe(
                _postgresql(settings, secret), clock, query=settings.query, timeout=settings.timeout / SECOND
            )
        case SqliteProbeSettings():
            return SqliteProbe(
                settings.file,
                clock,
                query=settings.query,
                timeout=settings.timeout / SECOND,
                check_every=settings.check_interval / SECOND,
            )
        case RedisProbeSettings():
            tls = trusted(_text(settings.ca_file)) if settings.tls else None
            return RedisProbe(settings.host, clock, port=settings.port, user=settings.user, password=secret, tls=tls)


def _http(settings: HttpProbeSettings, secret: str, clock: Clock) -> HttpProbe:
    given = settings.expect_status
    statuses = () if given is None else (given,) if isinstance(given, int) else given
    return HttpProbe(
        settings.url,
        clock,
        method=settings.method,
        headers={**settings.headers, **({"Authorization": f"Bearer {secret}"} if secret else {})},
        body=settings.body,
        expectation=HttpExpectation(frozenset(statuses), settings.keyword, settings.json_path, settings.json_value),
        redirects=settings.redirects,
        ca_file=_text(settings.ca_file),
    )


def _postgresql(settings: PostgresqlProbeSettings, secret: str) -> PostgresqlTarget:
    if settings.dsn_file is not None:
        return PostgresqlTarget(dsn=secret)
    parameters = {"dbname": settings.database, "user": settings.user, "password": secret, "sslmode": settings.tls}
    if settings.ca_file is not None:
        parameters["sslrootcert"] = str(settings.ca_file)
    given = {name: value for name, value in parameters.items() if value}
    return PostgresqlTarget(settings.host, settings.port, given)


def _secret(settings: AnyProbeSettings) -> str:
    """Return the secret of a probe, empty where it has none. Raises SettingsError where it cannot be read."""
    for field in ("dsn_file", "password_file", "token_file"):
        file: Path | None = getattr(settings, field, None)
        if file is not None:
            return _content(settings.name, file)
    variables = (getattr(settings, field, None) for field in ("password_env", "token_env"))
    return os.environ.get(next((name for name in variables if name), ""), "")


def _content(name: str, file: Path) -> str:
    try:
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"probe {name}: the secret cannot be read: {error}", file=str(file)) from error
    if not text or "\n" in text:
        raise SettingsError(f"probe {name}: the secret must be one line", file=str(file))
    return text


def _text(path: Path | None) -> str:
    return str(path) if path is not None else ""
