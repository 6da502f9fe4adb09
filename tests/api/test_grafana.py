"""Grafana's Prometheus data source against a real desk: the calls it makes and the shapes it reads."""

import gzip
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest

from nightdesk import __version__
from nightdesk.testing.desk import DeskProcess

HEADERS = {
    "Accept-Encoding": "gzip",
    "User-Agent": "Grafana/11.3.0",
    "X-Grafana-Org-Id": "1",
    "X-Datasource-Uid": "a1",
    "X-Dashboard-Uid": "b2",
    "X-Panel-Id": "3",
    "X-Query-Group-Id": "c4",
    "X-Grafana-From-Expr": "false",
}
RESET = b"""\
# HELP orders_total Orders sent.
# TYPE orders_total counter
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a desk that was sent a minute of a counter and a wide gauge."""
    options = ("--no-collect", "--no-auth", "--retention", "100y")
    with DeskProcess(tmp_path_factory.mktemp("grafana"), *options) as running:
        now = round(float(running.json("/api/v1/query", query="time()")["data"]["result"][1]) * 1000)
        lines = RESET + b"".join(
            b'orders_total{side="%s",venue="v%d"} %d %d\n' % (side, venue, step, now - 60_000 + 1000 * step)
            for step in range(60)
            for venue in range(20)
            for side in (b"buy", b"sell")
        )
        status, told = running.request("/api/v1/import/prometheus", lines, {"Content-Type": "text/plain"})
        assert status == 204, told
        yield running, now


def _ask(desk: DeskProcess, path: str, form: Mapping[str, str] | None = None, **query: Any) -> tuple[int, Any, Any]:
    """Ask as Grafana does; return status, headers and the parsed answer."""
    address = desk.url + path + ("?" + urllib.parse.urlencode(query, doseq=True) if query else "")
    body = None if form is None else urllib.parse.urlencode(form).encode()
    headers = HEADERS if form is None else {**HEADERS, "Content-Type": "application/x-www-form-urlencoded"}
    request = urllib.request.Request(address, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            data, told = answer.read(), answer.headers
            status = answer.status
    except urllib.error.HTTPError as refusal:
        with refusal:
            data, told, status = refusal.read(), refusal.headers, refusal.code
    if told.get("content-encoding") == "gzip":
        data = gzip.decompress(data)
    return status, told, json.loads(data)


def test_save_and_test_succeeds(desk: Any) -> None:
    """The health check: `1+1` as a form, then which flavour answers: buildinfo without Mimir's features."""
    running, now = desk
    status, headers, told = _ask(running, "/api/v1/query", {"query": "1+1", "time": str(now / 1000)})
    assert (status, told["status"], told["data"]["resultType"]) == (200, "success", "scalar")
    assert told["data"]["result"][1] == "2"
    assert headers["content-type"].startswith("application/json")
    status, _, told = _ask(running, "/api/v1/status/buildinfo")
    assert (status, sorted(told["data"])[:3]) == (200, ["application", "applicationVersion", "branch"])
    # Grafana knows what is understood by the release of Prometheus: our own would be one before all of it.
    assert told["data"]["version"].startswith("3.")
    assert told["data"]["applicationVersion"] == __version__
    assert "features" not in told["data"]


def test_a_panel_is_drawn(desk: Any) -> None:
    """A range with a step as float and a timeout, packed with gzip once it is wide; an instant for tables."""
    running, now = desk
    form = {
        "query": "sum by (side, venue) (rate(orders_total[30s]))",
        "start": f"{now / 1000 - 30:.3f}",
        "end": f"{now / 1000:.3f}",
        "step": "0.1",
        "timeout": "60s",
    }
    status, headers, told = _ask(running, "/api/v1/query_range", form)
    assert (status, headers["content-encoding"], told["data"]["resultType"]) == (200, "gzip", "matrix")
    assert len(told["data"]["result"]) == 40
    (at, value), *_ = told["data"]["result"][0]["values"]
    assert isinstance(at, float | int)
    assert float(value) == pytest.approx(1.0)
    status, _, told = _ask(running, "/api/v1/query", {"query": "orders_total", "time": f"{now / 1000:.3f}"})
    assert {row["metric"]["side"] for row in told["data"]["result"]} == {"buy", "sell"}


def test_the_query_builder_finds_its_way(desk: Any) -> None:
    """Labels and values that match, series as a form, types and help, parse and format."""
    running, now = desk
    span: dict[str, Any] = {"start": str(now // 1000 - 3600), "end": str(now // 1000)}
    assert _ask(running, "/api/v1/labels", **span)[2]["data"] == ["__name__", "side", "venue"]
    matched: dict[str, Any] = {**span, "match[]": '{__name__="orders_total"}', "limit": "40000"}
    assert _ask(running, "/api/v1/labels", matched)[2]["data"] == ["__name__", "side", "venue"]
    assert _ask(running, "/api/v1/label/__name__/values", **span)[2]["data"] == ["orders_total"]
    found = _ask(running, "/api/v1/label/venue/values", **{**matched, "match[]": ['orders_total{side="buy"}']})[2]
    assert len(found["data"]) == 20
    assert "warnings" not in found
    status, _, told = _ask(running, "/api/v1/series", {**span, "match[]": 'orders_total{venue="v3"}'})
    assert (status, len(told["data"]), sorted(told["data"][0])) == (200, 2, ["__name__", "side", "venue"])
    assert _ask(running, "/api/v1/metadata", limit="5000")[2]["data"]["orders_total"] == [
        {"type": "counter", "help": "Orders sent.", "unit": ""}
    ]
    assert _ask(running, "/api/v1/metadata", metric="nothing")[2] == {"status": "success", "data": {}}
    assert _ask(running, "/api/v1/parse_query", {"query": "sum(up)"})[2]["data"]["type"] == "aggregation"
    assert _ask(running, "/api/v1/format_query", query="sum( up )")[2]["data"] == "sum(up)"


def test_rules_alerts_and_exemplars_are_asked(desk: Any) -> None:
    """The alerting pages and the exemplar query get the shapes they read."""
    running, now = desk
    groups = _ask(running, "/api/v1/rules")[2]["data"]["groups"]
    assert {"name", "file", "rules", "interval", "lastEvaluation", "evaluationTime"} <= set(groups[0])
    assert isinstance(_ask(running, "/api/v1/alerts")[2]["data"]["alerts"], list)
    told = _ask(running, "/api/v1/query_exemplars", query="orders_total", start=str(now // 1000), end=str(now // 1000))
    assert told[2] == {"status": "success", "data": []}
    assert _ask(running, "/api/v1/alertmanagers")[2]["data"]["activeAlertmanagers"] == []


def test_faults_are_told_as_grafana_shows_them(desk: Any) -> None:
    """An error of syntax is 400 with its position, of evaluation 422; the sentence is under `error`."""
    running, _ = desk
    status, _, told = _ask(running, "/api/v1/query", {"query": "sum(up"})
    assert (status, told["errorType"]) == (400, "bad_data")
    assert "parse error" in told["error"]
    status, _, told = _ask(running, "/api/v1/query", {"query": "orders_total * on (side) orders_total"})
    assert (status, told["errorType"]) == (422, "execution")
    assert "many-to-many matching not allowed" in told["error"]
