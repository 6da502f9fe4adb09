"""Types and help texts on a real desk: of a target, of senders, of itself; and how it says it is set up."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.differential.lively_exporter import LivelyExporter
from nightdesk.testing.remote_write import WRITE_HEADERS, snappy

MESSAGE = b"\x08\x01\x12\x04sent\x22\x0aBy sender."
SETTINGS = """[limits]
query_samples = 1000
query_series = 100
query_steps = 500
query_memory_bytes = 3000000
[retention]
bytes = "1GiB"
[[scrape]]
job = "lively"
targets = ["127.0.0.1:{port}"]
metrics_path = "/a"
interval = "200ms"
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """Return a desk with small limits that scrapes an exporter."""
    with LivelyExporter() as exporter:
        settings = SETTINGS.format(port=exporter.port)
        with DeskProcess(tmp_path_factory.mktemp("metadata"), "--no-auth", settings=settings) as running:
            wait_until(lambda: running.query("requests_total"), 20, "the first scrape")
            yield running


def _data(desk: DeskProcess, path: str, **query: str) -> Any:
    return desk.json(path, **query)["data"]


def test_metadata_come_from_every_source(desk: DeskProcess) -> None:
    """Comments of a scrape, messages of remote write, comments of an import, and the desk's own catalogue."""
    assert desk.request("/api/v1/write", snappy(b"\x1a" + bytes([len(MESSAGE)]) + MESSAGE), WRITE_HEADERS)[0] == 204
    text = b"# TYPE imported gauge\n# HELP imported By import.\nimported 1\n"
    assert desk.request("/api/v1/import/prometheus", text, {"Content-Type": "text/plain"})[0] == 204
    told = _data(desk, "/api/v1/metadata")
    assert told["requests_total"] == [{"type": "counter", "help": "Requests answered.", "unit": ""}]
    assert told["sent"] == [{"type": "counter", "help": "By sender.", "unit": ""}]
    assert told["imported"] == [{"type": "gauge", "help": "By import.", "unit": ""}]
    assert told["nightdesk_uptime_seconds"][0]["type"] == "gauge"
    assert _data(desk, "/api/v1/metadata", metric="temperature") == {"temperature": told["temperature"]}
    assert len(_data(desk, "/api/v1/metadata", limit="2")) == 2
    assert _data(desk, "/api/v1/metadata", limit="0") == {}
    refused = desk.request("/api/v1/metadata?limit=many")
    assert (refused[0], json.loads(refused[1])["errorType"]) == (400, "bad_data")


def test_several_words_on_one_metric_are_told(desk: DeskProcess) -> None:
    """Each once, `limit_per_metric` of them."""
    text = b"# TYPE temperature gauge\n# HELP temperature Otherwise.\ntemperature 1\n"
    assert desk.request("/api/v1/import/prometheus", text, {"Content-Type": "text/plain"})[0] == 204
    helps = [each["help"] for each in _data(desk, "/api/v1/metadata", metric="temperature")["temperature"]]
    assert helps == ["Degrees.", "Otherwise."]
    one = _data(desk, "/api/v1/metadata", metric="temperature", limit_per_metric="1")
    assert [each["help"] for each in one["temperature"]] == ["Degrees."]


def test_targets_tell_their_metadata(desk: DeskProcess) -> None:
    """By selector and name; without a name each row says which metric it is about."""
    rows = _data(desk, "/api/v1/targets/metadata", match_target='{job="lively"}', metric="requests_total")
    (row,) = rows
    assert row["target"]["job"] == "lively"
    assert {key: row[key] for key in row if key != "target"} == {
        "type": "counter", "help": "Requests answered.", "unit": "",
    }  # fmt: skip
    rows = _data(desk, "/api/v1/targets/metadata", match_target='{job=~"live.*"}')
    assert {each["metric"] for each in rows} == {"requests_total", "temperature", "latency_seconds"}
    assert _data(desk, "/api/v1/targets/metadata", match_target='{job="nobody"}') == []
    assert len(_data(desk, "/api/v1/targets/metadata", limit="1")) == 1


def test_the_desk_tells_how_it_is_set_up(desk: DeskProcess) -> None:
    """Flags, scraped jobs in Prometheus' form, pools, notifications, replay; no secret among them."""
    flags = _data(desk, "/api/v1/status/flags")
    assert (flags["query.max-samples"], flags["query.lookback-delta"]) == ("1000", "5m")
    assert (flags["storage.tsdb.retention.size"], flags["web.listen-address"]) == (
        str(2**30) + "B",
        f"127.0.0.1:{desk.port}",
    )
    config = json.loads(_data(desk, "/api/v1/status/config")["yaml"])
    (job,) = config["scrape_configs"]
    assert (job["job_name"], job["scrape_interval"], job["metrics_path"]) == ("lively", "200ms", "/a")
    assert "lively" in _data(desk, "/api/v1/scrape_pools")["scrapePools"]
    assert _data(desk, "/api/v1/status/walreplay")["state"] == "done"
    assert all(each["active"] and each["text"] for each in _data(desk, "/api/v1/notifications"))


@pytest.mark.parametrize(
    ("path", "query", "setting"),
    [
        ("query", {"query": "count_over_time({__name__=~'.+'}[1d])"}, "limits.query_s"),
        ("query", {"query": "vector(1) and on () (label_replace({__name__=~'.+'}, 'n', '$1', '__name__', '(.*)'))"},
         "limits.query_series"),
        ("query", {"query": "max_over_time(vector(1)[1h:100ms])"}, "limits.query_memory_bytes"),
        ("query_range", {"query": "1", "start": "0", "end": "501", "step": "1"}, "limits.query_steps"),
        ("query_range", {"query": "double_exponential_smoothing(vector(time() % 7)[9000:1s], 0.5, 0.5)",
                         "start": "10000", "end": "10400", "step": "1", "timeout": "1ms"}, "limits.query_timeout"),
    ],
)  # fmt: skip
def test_each_limit_names_its_setting(desk: DeskProcess, path: str, query: dict[str, str], setting: str) -> None:
    """A query that costs too much is refused with a sentence that says which setting would allow it."""
    told = desk.json(f"/api/v1/{path}", **query)
    assert told["status"] == "error"
    assert setting in told["error"]
