"""`/api/v1/targets` as Prometheus' clients read it."""

from typing import Any

from nightdesk.collect.collector import CollectFailure, CollectorHealth, Standing
from nightdesk.model.labels import Labels

BOT = CollectorHealth(
    name="bot http://127.0.0.1:8000/metrics",
    target=Labels.of(job="bot", instance="127.0.0.1:8000", venue="x"),
    interval=15.0,
    standing=Standing.DOWN,
    last_at=1_700_000_000_500,
    last_seconds=0.25,
    last_samples=0,
    failure=CollectFailure.UNREACHABLE,
    detail="connection refused",
    collections=3,
    missed=0,
    deadline=10.0,
    url="http://127.0.0.1:8000/metrics",
)
HOST = CollectorHealth(
    name="node",
    target=Labels.of(job="node", instance="box"),
    interval=1.0,
    standing=Standing.UNKNOWN,
    last_at=None,
    last_seconds=0.0,
    last_samples=0,
    failure=None,
    detail="",
    collections=0,
    missed=0,
    deadline=1.0,
)


def answered(rig: Any, query: str = "") -> dict[str, Any]:
    """Ask for the targets of a host and a dead bot."""
    rig.collectors = [HOST, BOT]
    answer = rig.ask("GET", f"/api/v1/targets{query}").json()
    assert answer["status"] == "success"
    data: dict[str, Any] = answer["data"]
    return data


def test_a_target_is_told_as_prometheus_tells_it(rig: Any) -> None:
    """Every field that Prometheus' clients read is there, with the reason and the detail of the last failure."""
    data = answered(rig)
    assert data["droppedTargets"] == []
    host, bot = data["activeTargets"]
    assert bot == {
        "discoveredLabels": {
            "__address__": "127.0.0.1:8000",
            "__scheme__": "http",
            "__metrics_path__": "/metrics",
            "__scrape_interval__": "15s",
            "__scrape_timeout__": "10s",
            "job": "bot",
            "instance": "127.0.0.1:8000",
            "venue": "x",
        },
        "labels": {"job": "bot", "instance": "127.0.0.1:8000", "venue": "x"},
        "scrapePool": "bot",
        "scrapeUrl": "http://127.0.0.1:8000/metrics",
        "globalUrl": "http://127.0.0.1:8000/metrics",
        "lastError": "unreachable: connection refused",
        "lastScrape": "2023-11-14T22:13:20.500Z",
        "lastScrapeDuration": 0.25,
        "health": "down",
        "scrapeInterval": "15s",
        "scrapeTimeout": "10s",
    }
    assert (host["health"], host["scrapeUrl"], host["lastError"]) == ("unknown", "", "")
    assert host["lastScrape"] == "0001-01-01T00:00:00Z"


def test_targets_are_chosen_by_state_and_pool(rig: Any) -> None:
    """Grafana asks for active ones, promtool's users for one pool; in a state that is none there is no target."""
    jobs = [each["scrapePool"] for each in answered(rig, "?state=active&scrapePool=bot")["activeTargets"]]
    assert jobs == ["bot"]
    assert answered(rig, "?state=dropped")["activeTargets"] == []
    assert len(answered(rig, "?state=any")["activeTargets"]) == 2
    assert len(answered(rig, "?state=Active&state=dropped")["activeTargets"]) == 2
    assert len(answered(rig, "?state=ANY")["activeTargets"]) == 2
    assert answered(rig, "?state=lost")["activeTargets"] == []
