"""Text in with timestamps, text out for another Prometheus, and what the server says of itself; on a real desk."""

import gzip
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess


@pytest.fixture
def desk(start_desk: Any) -> DeskProcess:
    """Return a desk without series of its own that takes samples of any age."""
    started: DeskProcess = start_desk("--no-collect", "--no-auth", "--retention", "100y")
    return started


def _ask(desk: DeskProcess, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(f"{desk.url}{path}", body, headers, method="GET" if body is None else "POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _data(desk: DeskProcess, path: str) -> Any:
    status, body = _ask(desk, path)
    assert status == 200, body
    return json.loads(body)["data"]


def test_backfill_is_there_when_it_is_acknowledged(desk: DeskProcess) -> None:
    """Lines with instants of the past, plain and packed, are answered by the next query."""
    lines = (f'past{{n="{n}"}} {step} {1_600_000_000_000 + 60_000 * step}\n' for step in range(10) for n in "123")
    assert _ask(desk, "/api/v1/import/prometheus", "".join(lines).encode(), **{"Content-Type": "text/plain"})[0] == 204
    packed = gzip.compress(b"# HELP packed x\npacked 7 1600000000000\n")
    headers = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    assert _ask(desk, "/api/v1/import/prometheus", packed, **headers)[0] == 204
    query = urllib.parse.urlencode({"query": "count_over_time(past[10m])", "time": 1_600_000_540})
    rows = _data(desk, f"/api/v1/query?{query}")["result"]
    assert {row["metric"]["n"]: row["value"][1] for row in rows} == {"1": "10", "2": "10", "3": "10"}
    query = urllib.parse.urlencode({"query": "packed", "time": 1_600_000_000})
    assert _data(desk, f"/api/v1/query?{query}")["result"][0]["value"][1] == "7"


def test_what_curl_sends_is_text(desk: DeskProcess) -> None:
    """`curl -d` calls every body a form: its lines are taken; a form from a page of another site is refused."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    line = b"curled 1 1600000000000"
    assert _ask(desk, "/api/v1/import/prometheus", line, **form) == (204, b"")
    for foreign in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert _ask(desk, "/api/v1/import/prometheus", line, **form, **foreign)[0] == 403


def test_an_instant_in_another_unit_is_told(start_desk: Any) -> None:
    """Seconds where milliseconds are due: the refusal names the instant, the bound and the unit."""
    desk = start_desk("--no-collect", "--no-auth", "--retention", "1y", name="short")
    status, body = _ask(desk, "/api/v1/import/prometheus", b"x 1 1700000000\n", **{"Content-Type": "text/plain"})
    said = json.loads(body)["error"]
    assert (status, "1 too_old; the first: 1970-01-20T16:13:20.000Z is older than" in said) == (400, True), said
    assert "text/plain and remote write have milliseconds" in said


def test_open_metrics_is_taken(desk: DeskProcess) -> None:
    """Its timestamps are seconds, its exemplars are left out, and it ends with its end."""
    body = (
        b"# TYPE done counter\n# UNIT done seconds\n# HELP done All.\n"
        b'done_total{a="b"} 3 1600000000.25 # {trace="x"} 1 1600000000\ndone_created{a="b"} 1 1600000000.25\n# EOF\n'
    )
    headers = {"Content-Type": "application/openmetrics-text; version=1.0.0; charset=utf-8"}
    assert _ask(desk, "/api/v1/import/prometheus", body, **headers) == (204, b"")
    query = urllib.parse.urlencode({"query": '{__name__=~"done.*"}[1m]', "time": 1_600_000_030})
    rows = _data(desk, f"/api/v1/query?{query}")["result"]
    assert rows == [{"metric": {"__name__": "done_total", "a": "b"}, "values": [[1_600_000_000.25, "3"]]}]
    assert _data(desk, "/api/v1/metadata?metric=done")["done"] == [
        {"type": "counter", "help": "All.", "unit": "seconds"}
    ]


@pytest.mark.parametrize(
    ("body", "headers", "status", "word"),
    [
        (b"up 1 2 3\n", {}, 400, "line 1"),
        (b"a 1\nb one\n", {}, 400, "line 2"),
        (b"a 1\n", {"Content-Type": "application/json"}, 415, "text/plain"),
        (b"a 1\n", {"Content-Type": "application/openmetrics-text; version=1.0.0"}, 400, "# EOF"),
        (b"a 1 1x\n# EOF\n", {"Content-Type": "application/openmetrics-text"}, 400, "line 1"),
        (b"no gzip", {"Content-Encoding": "gzip"}, 400, ""),
        (
            gzip.compress(b"\n" * (80 * 2**20)),
            {"Content-Encoding": "gzip"},
            413,
            "limits.decompressed_bytes; send it in",
        ),
        (b"\n" * (17 * 2**20), {}, 413, "limits.body_bytes; send it in parts"),
        (b"a 1\nb{" + b",".join(b'l%d="x"' % n for n in range(40)) + b"} 1\n", {}, 400, "1 samples are stored"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    desk: DeskProcess, body: bytes, headers: dict[str, str], status: int, word: str
) -> None:
    """A bad line is named; a bomb is refused; what the store refuses is told beside what it took."""
    answered, told = _ask(desk, "/api/v1/import/prometheus", body, **{"Content-Type": "text/plain", **headers})
    assert (answered, word in told.decode()) == (status, True), told


def test_federation_gives_what_was_taken(desk: DeskProcess) -> None:
    """What another Prometheus would scrape reads back as the same samples, in its form; what has ended is left out."""
    now = int(_now(desk) * 1000)
    text = f'fed{{job="a",q="x\\"y\\\\z"}} 1e-5 {now}\nfed{{job="b",instance="i"}} 2e6 {now - 1000}\nother 3 {now}\n'
    assert _ask(desk, "/api/v1/import/prometheus", text.encode(), **{"Content-Type": "text/plain"})[0] == 204
    chosen = urllib.parse.urlencode([("match[]", 'fed{job="a"}'), ("match[]", '{__name__=~"fed",instance="i"}')])
    status, body = _ask(desk, f"/federate?{chosen}")
    assert (status, body.decode().splitlines()) == (
        200,
        [
            "# TYPE fed untyped",
            f'fed{{instance="i",job="b"}} 2e+06 {now - 1000}',
            f'fed{{job="a",q="x\\"y\\\\z",instance=""}} 1e-05 {now}',
        ],
    )
    assert _ask(desk, "/federate") == (200, b"")
    assert _ask(desk, "/federate?" + urllib.parse.urlencode({"match[]": "rate(a[5m])"}))[0] == 400


def test_no_name_forges_a_line_of_federation(desk: DeskProcess) -> None:
    """Names are underscored, of two that become the same one stays; who reads quoted names gets them quoted."""
    now = int(_now(desk) * 1000)
    text = f"""{{"odd.name",job="odd"}} 1 {now}
{{"odd_name",job="odd"}} 2 {now}
{{"odd 1\\nup{{job=\\"forged\\"}} 0\\nx",job="odd"}} 3 {now}
{{"9odd",job="odd","la.b:el"="x","la_b_el"="y"}} 4 {now}
"""
    assert _ask(desk, "/api/v1/import/prometheus", text.encode(), **{"Content-Type": "text/plain"})[0] == 204
    path = "/federate?" + urllib.parse.urlencode({"match[]": '{job="odd"}'})
    forged = "odd_1_up_job__forged___0_x"
    assert _ask(desk, path)[1].decode().splitlines() == [
        "# TYPE _odd untyped",
        f'_odd{{job="odd",la_b_el="x",instance=""}} 4 {now}',
        f"# TYPE {forged} untyped",
        f'{forged}{{job="odd",instance=""}} 3 {now}',
        "# TYPE odd_name untyped",
        f'odd_name{{job="odd",instance=""}} 1 {now}',
    ]
    quoted = _ask(desk, path, Accept="text/plain;version=1.0.0;escaping=allow-utf-8")[1].decode()
    assert f'{{"odd.name",job="odd",instance=""}} 1 {now}\n' in quoted
    assert f'{{"9odd",job="odd","la.b:el"="x",la_b_el="y",instance=""}} 4 {now}\n' in quoted
    assert f'{{"odd 1\\nup{{job=\\"forged\\"}} 0\\nx",job="odd",instance=""}} 3 {now}\n' in quoted
    assert len(quoted.splitlines()) == 8


def test_the_server_tells_of_itself(desk: DeskProcess) -> None:
    """What Grafana and other clients read beside answers: runtime, series by name, no exemplars."""
    now = int(_now(desk) * 1000)
    text = "".join(f'wide{{n="{n}"}} 1 {now}\n' for n in range(20)) + f"single 1 {now}\n"
    assert _ask(desk, "/api/v1/import/prometheus", text.encode(), **{"Content-Type": "text/plain"})[0] == 204
    head = _data(desk, "/api/v1/status/tsdb?limit=1")
    assert head["headStats"]["numSeries"] >= 21
    assert head["seriesCountByMetricName"] == [{"name": "wide", "value": 20}]
    assert head["labelValueCountByLabelName"] == [{"name": "n", "value": 20}]
    assert _data(desk, "/api/v1/status/runtimeinfo")["timeSeriesCount"] >= 21
    assert _data(desk, "/api/v1/query_exemplars?query=wide") == []
    assert desk.request("/api/v1/query_exemplars?query=wide&start=5&end=4")[0] == 400
    assert _ask(desk, "/api/v1/status/tsdb?limit=100000")[0] == 400


def _now(desk: DeskProcess) -> float:
    return float(_data(desk, "/api/v1/query?query=time()")["result"][1])
