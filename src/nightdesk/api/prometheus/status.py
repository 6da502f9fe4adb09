"""Prometheus' HTTP API for how the server was set up and how it starts: build, flags, configuration, notifications."""

import platform
from typing import Final
from urllib.parse import urlsplit

from nightdesk import __version__
from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.encode import success, text_json
from nightdesk.api.prometheus.numbers import moment_text
from nightdesk.app.desk import Desk
from nightdesk.collect.collector import CollectorHealth
from nightdesk.model.instant import SECOND, format_duration

API_VERSION: Final = "3.0.0"
"""Grafana asks for values of labels with `match[]` from 2.24 on, and knows no other way to tell what is understood."""
REPLAYED: Final = {"min": 0, "max": 0, "current": 0, "state": "done"}
"""A desk answers once its samples are back, so nobody can see it on the way."""


async def build_info(_request: Request, _desk: Desk) -> Response:
    """Name the program, its release, and the one of Prometheus whose API it speaks: clients choose by that."""
    build = {
        "version": API_VERSION,
        "application": "nightdesk",
        "applicationVersion": __version__,
        "goVersion": f"python{platform.python_version()}",
    }
    return Response(200, success(text_json({**build, "revision": "", "branch": "", "buildUser": "", "buildDate": ""})))


async def flags(_request: Request, desk: Desk) -> Response:
    """Say what the desk was started with, in the words of Prometheus' command line."""
    return Response(200, success(text_json(dict(desk.flags))))


async def config(request: Request, desk: Desk) -> Response:
    """Answer what is scraped and which rule files are judged, in the form of Prometheus' configuration; no secrets.

    Channels, routes, thresholds and the rest have no place in that form and are left out.
    """
    scraped = [each for each in desk.collectors() if each.url]
    files = sorted({health.group.file for health in desk.rules() if health.group.file})

    def write() -> Response:
        jobs: dict[str, list[CollectorHealth]] = {}
        for each in scraped:
            jobs.setdefault(each.target.get("job"), []).append(each)
        told = {"rule_files": files, "scrape_configs": [_job(name, targets) for name, targets in jobs.items()]}
        # JSON is YAML as well, and needs no writer of its own.
        return Response(200, success(text_json({"yaml": text_json(told).decode()}))).packed(request)

    return await desk.aside(write)


def _job(name: str, targets: list[CollectorHealth]) -> dict[str, object]:
    first = targets[0]
    parts = urlsplit(first.url)
    return {
        "job_name": name,
        "scrape_interval": format_duration(round(first.interval * SECOND)),
        "scrape_timeout": format_duration(round(first.deadline * SECOND)),
        "metrics_path": parts.path or "/metrics",
        "scheme": parts.scheme,
        # Host and port alone: an address may carry a password.
        "static_configs": [{"targets": [urlsplit(each.url).netloc.rpartition("@")[2] for each in targets]}],
    }


async def wal_replay(_request: Request, _desk: Desk) -> Response:
    """Answer that the samples have been read back."""
    return Response(200, success(text_json(REPLAYED)))


async def notifications(_request: Request, desk: Desk) -> Response:
    """List what is wrong with the desk itself, as Prometheus 3 has it; `date` is when that was looked at."""
    standing = await desk.standing()
    told = [{"text": each.text, "date": moment_text(standing.now), "active": True} for each in standing.warnings]
    return Response(200, success(text_json(told)))
