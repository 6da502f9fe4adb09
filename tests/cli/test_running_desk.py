"""The commands against a real desk, and against the folder it leaves behind."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess, free_port, wait_until
from nightdesk.testing.servers.services import require_program

SETTINGS = """
[thresholds.memory_usage]
warning = 0.001
for = "0s"
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """Run one desk for this file, with a threshold that any machine passes."""
    with DeskProcess(tmp_path_factory.mktemp("cli"), settings=SETTINGS) as running:
        wait_until(lambda: running.query("cpu_usage"), 20, "the first vitals")
        wait_until(lambda: running.query('ALERTS{alertname="MemoryShort", alertstate="firing"}'), 20, "a firing alert")
        yield running


def told(desk: DeskProcess, *words: str) -> str:
    """Run a command that must go well and return what it printed."""
    done = desk.command(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told_json(desk: DeskProcess, *words: str) -> Any:
    """Run a command with `--json` and return what it printed, parsed whole."""
    return json.loads(told(desk, *words, "--json"))


def test_status_shows_vitals_alerts_and_warnings(desk: DeskProcess) -> None:
    """One screen: each vital with its level or its reason, what fires, and that no message leaves this machine."""
    screen = told(desk, "status")
    assert desk.url in screen
    assert "! Critical alerts cannot reach you away from this machine." in screen
    for name in ("cpu_usage", "memory_usage", "disk_usage"):
        assert f"{name}" in screen
    assert "No API target is configured" in screen
    assert "firing" in screen
    assert "disk: samples " in screen
    assert "; no bound" in screen
    assert "(UTC days), newest sample: " in screen
    assert max(map(len, screen.splitlines()[2:8])) <= 80


def test_status_in_json_is_the_api(desk: DeskProcess) -> None:
    """Programs get the desk's own answers, and nothing else on the standard output."""
    answer = told_json(desk, "status")
    assert answer["status"]["state"] in ("ok", "warning", "critical")
    assert [vital["name"] for vital in answer["vitals"]["vitals"]][:3] == ["cpu_usage", "memory_usage", "disk_usage"]
    assert ("MemoryShort", "firing") in [(alert["name"], alert["state"]) for alert in answer["alerts"]["alerts"]]


def test_vitals_are_told_with_value_or_reason_and_what_is_left_out(desk: DeskProcess) -> None:
    """All ten on a screen and in JSON; one by its name, with its meaning and its parts; a wrong name names the ten."""
    screen = told(desk, "vitals")
    api = {vital["name"]: vital for vital in desk.json("/api/desk/vitals")["vitals"]}
    lines = {line.split()[0]: line for line in screen.splitlines() if line and line.split()[0] in api}
    assert set(lines) == set(api)
    for name, vital in api.items():
        assert vital["reason"] is None or vital["reason"] in lines[name]
    assert "left out of disk_usage: " in screen
    everything = told_json(desk, "vitals")
    assert [vital["name"] for vital in everything["vitals"]] == list(api)
    assert {"mountpoint": "/proc", "device": "proc", "fstype": "proc", "reason": "pseudo"} in everything["left_out"]
    assert "cpu=0" in told(desk, "vitals", "cpu_usage")
    assert told_json(desk, "vitals", "cache_hit_ratio")["definition"].startswith("Hits / lookups")
    refused = desk.command("vitals", "gpu")
    assert (refused.returncode, "gpu_utilization" in refused.stderr) == (2, True)


def test_query_prints_a_table_and_json(desk: DeskProcess) -> None:
    """The same numbers for people and for programs."""
    assert told(desk, "query", "vector(42) + 0.5").split() == ["{}", "42.5"]
    answer = told_json(desk, "query", "node_memory_MemTotal_bytes")
    assert answer["resultType"] == "vector"
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert float(answer["result"][0]["value"][1]) == pytest.approx(total, rel=0.01)


def test_query_over_time_draws_a_plot(desk: DeskProcess) -> None:
    """A range query is drawn, with the series' name in the legend; in JSON it is a matrix of the asked steps."""
    picture = told(desk, "query", "cpu_usage", "--start", "5m")
    assert "┤" in picture
    assert "a cpu_usage{" in picture
    matrix = told_json(desk, "query", "vector(1)", "--start", "100", "--end", "160", "--step", "20s")
    assert [time for time, _ in matrix["result"][0]["values"]] == [100, 120, 140, 160]


def test_a_wrong_query_is_a_sentence(desk: DeskProcess) -> None:
    """A syntax error ends with exit code 2, and the desk's own sentence."""
    done = desk.command("query", "rate(")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nightdesk: ")
    assert "Traceback" not in done.stderr


def test_alerts_are_listed_and_their_story_told(desk: DeskProcess) -> None:
    """What fires stands in the list; its change and the message on the console stand in the story."""
    listed = told(desk, "alerts")
    assert "1 firing, " in listed
    assert "warning  firing  MemoryShort" in listed

    def sent() -> bool:
        return any(each["state"] == "sent" for each in told_json(desk, "alerts", "--history")["deliveries"])

    wait_until(sent, 20, "the message on the console")
    story = told(desk, "alerts", "--history", "--since", "1h")
    assert "-> firing" in story
    assert "message to console" in story


def test_doctor_finds_the_running_desk(desk: DeskProcess) -> None:
    """The folder's holder is named, and its databases are sound while they are written."""
    found = {each["part"]: each for each in told_json(desk, "doctor")}
    assert str(desk.pid) in found["lock"]["text"]
    assert found["databases"]["finding"] == "ok"


def test_login_opens_one_session(desk: DeskProcess) -> None:
    """The printed code opens a session of the page once, and not a second time."""
    address = told(desk, "login").strip()
    assert address.startswith(f"{desk.url}/#login=")
    body = json.dumps({"code": address.partition("=")[2]}).encode()
    headers = {"Content-Type": "application/json"}
    assert desk.request("/api/desk/session", body, headers)[0] == 200
    assert desk.request("/api/desk/session", body, headers)[0] in (400, 401, 403)


def test_up_detached_leaves_a_running_desk_alone(desk: DeskProcess) -> None:
    """A second `up --detach` prints the address of the first."""
    assert told(desk, "up", "--detach").strip() == desk.url


def test_a_folder_without_its_desk_still_answers(start_desk: Any) -> None:
    """After kill -9 the commands read the folder itself: samples and story are there, and no desk is claimed."""
    gone: DeskProcess = start_desk(settings=SETTINGS, name="gone")
    wait_until(lambda: gone.query("count_over_time(cpu_usage[1m]) >= 2"), 20, "two samples")
    wait_until(lambda: gone.query('ALERTS{alertname="MemoryShort", alertstate="firing"}'), 20, "a firing alert")
    gone.kill()
    assert gone.command("status").returncode == 3
    assert float(told_json(gone, "query", "count_over_time(cpu_usage[5m])")["result"][0]["value"][1]) >= 2
    assert "-> firing" in told(gone, "alerts", "--history")
    assert "┤" in told(gone, "query", "cpu_usage", "--start", "2m")


def test_up_detached_and_down(tmp_path: Path) -> None:
    """`up --detach` returns once the desk is ready and prints its address; `down` returns once it has gone."""
    data, port = tmp_path / "data", free_port()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "nightdesk", *words, "--data", str(data)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    started = run("up", "--detach", "--no-collect", "--port", str(port))
    try:
        assert (started.returncode, started.stdout.strip()) == (0, f"http://127.0.0.1:{port}")
        assert started.stderr.startswith(f"log in: http://127.0.0.1:{port}/#login=")
        assert run("status").returncode == 0
    finally:
        stopped = run("down")
    assert (stopped.returncode, stopped.stdout.strip()) == (0, f"stopped the desk on {data}")
    assert run("status").returncode == 3


def test_up_detached_says_why_it_could_not_start(tmp_path: Path) -> None:
    """When the desk ends at once, its own words are shown."""
    (tmp_path / "format").write_text("999\n")
    command = [sys.executable, "-m", "nightdesk", "up", "--detach", "--port", "0", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "upgrade Nightdesk" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_log_of_a_detached_desk_is_private_and_holds_no_login(tmp_path: Path) -> None:
    """In a folder that others can enter the log is its owner's alone, keeps what was there, and lets nobody log in."""
    data = tmp_path / "open"
    data.mkdir(mode=0o755)
    data.chmod(0o755)
    log = data / "desk.log"
    log.write_text("the crash before\n")
    log.chmod(0o644)
    words = [sys.executable, "-m", "nightdesk"]
    start = [*words, "up", "--detach", "--no-collect", "--port", "0", "--data", str(data)]
    started = subprocess.run(start, capture_output=True, text=True, timeout=60, check=False)
    try:
        assert started.returncode == 0, started.stderr
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
        assert log.read_text().startswith("the crash before\n")
        assert "login=" not in log.read_text()
    finally:
        subprocess.run([*words, "down", "--data", str(data)], capture_output=True, timeout=60, check=True)


def test_a_desk_with_tls_is_asked_by_the_commands(tmp_path: Path) -> None:
    """The desk's own certificate needs no name for this machine: the private folder says who answers."""
    openssl = require_program("openssl")
    request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=desk.example.org -keyout desk.key -out desk.pem"
    subprocess.run([openssl, *request.split()], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    (tmp_path / "desk.key").chmod(0o600)
    (tmp_path / "desk.toml").write_text('[desk]\ntls_cert = "desk.pem"\ntls_key = "desk.key"\n')

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "nightdesk", *words, "--data", str(tmp_path / "data")]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    started = run("up", "--detach", "--no-collect", "--port", "0", "--config", str(tmp_path / "desk.toml"))
    try:
        assert started.returncode == 0, started.stderr
        assert started.stdout.startswith("https://127.0.0.1:")
        assert run("status").returncode == 0
    finally:
        run("down")
