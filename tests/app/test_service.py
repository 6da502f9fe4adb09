"""A whole desk in a process of its own: starts, answers, reloads, stops."""

import http.client
import json
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from nightdesk.model.labels import Labels
from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.remote_write import WRITE_HEADERS, write_body
from nightdesk.testing.servers.services import require_program

StartDesk = Callable[..., DeskProcess]

RULES = """
groups:
  - name: night
    interval: 1s
    rules:
      - alert: Always
        expr: vector(1)
        labels: {severity: info}
"""


def test_a_desk_measures_and_says_where_it_answers(desk: DeskProcess) -> None:
    """Host metrics and vitals within seconds; token and address are private files; the login address works once."""
    series = wait_until(lambda: desk.query('count({__name__=~"node_.*"})'), 10, "host metrics")
    assert float(series[0]["value"][1]) >= 100

    def cpu() -> float | None:
        value: float | None = desk.json("/api/desk/vitals")["vitals"][0]["value"]
        return value

    assert 0 <= wait_until(lambda: (value := cpu()) is not None and (value + 1), 10, "cpu_usage") <= 101
    assert stat.S_IMODE((desk.data / "token").stat().st_mode) == 0o600
    assert json.loads((desk.data / "desk.json").read_text())["url"] == desk.url
    code = desk.text().partition("#login=")[2].split()[0]
    body = json.dumps({"code": code}).encode()
    headers = {"content-type": "application/json"}
    assert desk.request("/api/desk/session", body, headers)[0] == 200
    assert desk.request("/api/desk/session", body, headers)[0] == 401


def test_promtool_asks_the_desk(desk: DeskProcess) -> None:
    """Prometheus' own client gets the true value, the true labels, and an error it can read."""
    promtool = require_program("promtool")
    wait_until(lambda: desk.query("node_memory_MemTotal_bytes"), 10, "memory")
    ask = [promtool, "query", "instant", desk.url]
    told = subprocess.run([*ask, "node_memory_MemTotal_bytes"], capture_output=True, text=True, timeout=20, check=True)
    total = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    assert f"=> {int(total.split()[1]) * 1024} @[" in told.stdout
    refused = subprocess.run([*ask, "rate(x[5m"], capture_output=True, text=True, timeout=20, check=False)
    assert refused.returncode != 0
    assert "parse error" in refused.stderr
    exposed = desk.request("/metrics")[1]
    checked = subprocess.run(
        [promtool, "check", "metrics"], input=exposed, capture_output=True, timeout=20, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_a_desk_that_does_not_collect_has_no_series_of_its_own(start_desk: StartDesk) -> None:
    """Only what is written to it is there, of any age, and answers at once."""
    desk = start_desk("--no-collect", "--no-auth", "--retention", "100y")
    assert desk.request("/api/v1/write", write_body([(Labels.of("m"), [(0, 1.0)])]), WRITE_HEADERS)[0] == 204
    assert desk.query("m", time="0")[0]["value"] == [0, "1"]

    def rounds() -> float:
        lines = desk.request("/metrics")[1].decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("nightdesk_rule_rounds_total"))

    wait_until(lambda: rounds() >= 3, 15, "rounds of the shipped rules")
    assert desk.json("/api/v1/label/__name__/values")["data"] == ["m"]


def test_a_reload_takes_all_or_nothing(start_desk: StartDesk) -> None:
    """A good file is judged from the next turn on; a bad one is refused with file and line, and the old rules stay."""
    desk = start_desk("--no-collect", "--no-auth", settings='[rules]\nfiles = ["*.yml"]\nshipped = false\n')

    def names() -> list[str]:
        groups = desk.json("/api/v1/rules")["data"]["groups"]
        return [rule["name"] for group in groups for rule in group["rules"]]

    assert names() == []
    rules = desk.folder / "night.yml"
    rules.write_text(RULES)
    assert desk.request("/-/reload", b"")[0] == 200
    wait_until(lambda: desk.json("/api/desk/alerts")["alerts"], 10, "the alert of the new rule")
    rules.write_text(RULES.replace("vector(1)", "vector("))
    status, body = desk.request("/-/reload", b"")
    assert status == 400
    assert "night.yml:7" in json.loads(body)["error"]
    assert names() == ["Always"]


def test_a_desk_stops_in_time_whatever_clients_do(start_desk: StartDesk) -> None:
    """With a follower and half-open connections it is gone within ten seconds, exit code 0, address withdrawn."""
    desk = start_desk()
    follower = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=10)
    follower.request("GET", "/api/desk/stream")
    assert follower.getresponse().status == 200
    half_open = [socket.create_connection(("127.0.0.1", desk.port)) for _ in range(20)]
    begun = time.monotonic()
    assert desk.stop() == 0, desk.text()
    assert time.monotonic() - begun < 10
    assert not (desk.data / "desk.json").exists()
    assert "Traceback" not in desk.text()
    for connection in half_open:
        connection.close()
    follower.close()


def test_the_live_stream_moves(desk: DeskProcess) -> None:
    """Vitals come about once a second, each newer than the one before."""
    follower = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=10)
    follower.request("GET", "/api/desk/stream")
    answer = follower.getresponse()
    seen: list[int] = []
    kind = ""
    while len(seen) < 3:
        line = answer.readline().decode().strip()
        kind = line.removeprefix("event: ") if line.startswith("event: ") else kind
        if line.startswith("id: ") and kind == "vitals":
            seen.append(int(line.removeprefix("id: ")))
    follower.close()
    assert seen == sorted(set(seen))
