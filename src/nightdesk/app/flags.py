"""What a desk was started with, in the words of Prometheus' command line: clients read bounds and retention there."""

from collections.abc import Mapping

from nightdesk.app.settings.settings import Settings
from nightdesk.model.instant import format_duration
from nightdesk.query.limits import LOOKBACK


def flags_of(settings: Settings) -> Mapping[str, str]:
    """Return those of Prometheus' flags that have a meaning here, and our own bounds of a query; no secret is there.

    Where the desk listens is known only once it does: `Desk.flags` adds that.
    """
    desk, limits = settings.desk, settings.limits
    return {
        "config.file": "",
        "query.lookback-delta": format_duration(LOOKBACK),
        "query.max-concurrency": str(limits.query_concurrency),
        "query.max-memory-bytes": str(limits.query_memory_bytes),
        "query.max-samples": str(limits.query_samples),
        "query.max-series": str(limits.query_series),
        "query.max-steps": str(limits.query_steps),
        "query.timeout": format_duration(limits.query_timeout),
        "storage.tsdb.path": str(desk.data),
        "storage.tsdb.retention.time": format_duration(desk.retention),
        **({} if settings.retention.bytes is None else {"storage.tsdb.retention.size": f"{settings.retention.bytes}B"}),
        "web.enable-admin-api": "true",
        "web.enable-lifecycle": "true",
        "web.enable-remote-write-receiver": "true",
        "web.external-url": desk.public_url,
    }
