"""Prometheus' HTTP API for targets: `/api/v1/targets`, every collector of the desk with how it is doing."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.encode import success, text_json
from nightdesk.api.prometheus.numbers import moment_text
from nightdesk.api.prometheus.parameters import Parameters
from nightdesk.app.desk import Desk
from nightdesk.collect.collector import CollectorHealth
from nightdesk.model.instant import SECOND, format_duration


async def targets(request: Request, desk: Desk) -> Response:
    """List targets; there are no dropped ones, since there is no relabelling. `state` and `scrapePool` choose.

    In a state that Prometheus does not know no target is, as there.
    """
    asked = Parameters.of(request)
    state, pool = asked.text("state").lower(), asked.text("scrapePool")
    active: Sequence[CollectorHealth] = desk.collectors() if state in ("", "any", "active") else ()
    shaped = [_target(each) for each in active if pool in ("", each.target.get("job"))]
    data = {"activeTargets": shaped, "droppedTargets": [], "droppedTargetCounts": {}}
    return await desk.aside(lambda: Response(200, success(text_json(data))).packed(request))


def _target(health: CollectorHealth) -> dict[str, object]:
    """Shape one target; what is read without a request (the host, the desk's own figures) has no URL."""
    error = f"{health.failure.value}: {health.detail}" if health.failure else ""
    return {
        "discoveredLabels": _discovered(health),
        "labels": health.target.as_dict(),
        "scrapePool": health.target.get("job"),
        "scrapeUrl": health.url,
        "globalUrl": health.url,
        "lastError": error,
        "lastScrape": moment_text(health.last_at),
        "lastScrapeDuration": health.last_seconds,
        "health": health.standing.value,
        "scrapeInterval": _duration(health.interval),
        "scrapeTimeout": _duration(health.deadline),
    }


def _discovered(health: CollectorHealth) -> Mapping[str, str]:
    """Return the labels as Prometheus has them before relabelling: where the target is, and what the settings add."""
    parts = urlsplit(health.url)
    place = (("__address__", parts.netloc), ("__scheme__", parts.scheme), ("__metrics_path__", parts.path))
    return {
        **{name: value for name, value in place if value},
        "__scrape_interval__": _duration(health.interval),
        "__scrape_timeout__": _duration(health.deadline),
        **health.target.as_dict(),
    }


def _duration(seconds: float) -> str:
    return format_duration(round(seconds * SECOND))


async def scrape_pools(_request: Request, desk: Desk) -> Response:
    """List the names that targets are grouped by: their jobs."""
    return Response(
        200, success(text_json({"scrapePools": sorted({each.target.get("job") for each in desk.collectors()})}))
    )
