"""A whole desk that probes: its vitals beside the truth, and why one has no value."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nightdesk.app.measuring.probes import FIRST_ANSWERS, Probes
from nightdesk.app.settings.file import load
from nightdesk.clock import SystemClock
from nightdesk.errors import SettingsError
from nightdesk.testing.desk import DeskProcess, free_port, wait_until
from nightdesk.testing.servers.raw_server import RawServer, silent
from nightdesk.testing.servers.redis_server import RedisServer
from nightdesk.testing.servers.web_server import Page, WebServer


def vital(desk: DeskProcess, name: str) -> dict[str, Any]:
    """Return one vital as the API tells it."""
    found: dict[str, Any] = next(each for each in desk.json("/api/desk/vitals")["vitals"] if each["name"] == name)
    return found


def test_vitals_without_probes_name_the_table_to_write(tmp_path: Path) -> None:
    """Nothing configured: no value, and the sentence that says what would measure it; connections are the machine's."""
    with DeskProcess(tmp_path) as desk:
        for name, words in {
            "api_response_times": 'add [[probes]] with kind = "http"',
            "database_performance": 'kind = "postgresql" or kind = "sqlite"',
            "cache_hit_ratio": 'kind = "redis"',
            "error_rate": "[[probes]] or [[http_logs]]",
        }.items():
            found = vital(desk, name)
            assert found["value"] is None
            assert words in found["reason"]
        connections = wait_until(
            lambda: (found := vital(desk, "active_connections"))["value"] is not None and found, 30, "connections"
        )
        assert connections["reason"] is None
        assert desk.query("active_connections")[0]["metric"]["source"] == "machine"


SETTINGS = """
[[probes]]
kind = "http"
name = "broker"
url = "{url}/time"
interval = "1s"
keyword = "now"

[[probes]]
kind = "http"
name = "hung"
url = "http://127.0.0.1:{hung}/"
interval = "1s"
timeout = "700ms"

[[probes]]
kind = "sqlite"
name = "book"
file = "{book}"
interval = "1s"
query = "SELECT count(*) FROM trades"

[[probes]]
kind = "redis"
name = "quotes"
port = {redis}
interval = "1s"

[[http_logs]]
name = "shop"
file = "{log}"
interval = "1s"

[connections]
targets = ["127.0.0.1:{redis}"]
"""
GOOD = b'1.2.3.4 - - [t] "GET / HTTP/1.1" 200 1 "-" "-"\n'
BAD = b'1.2.3.4 - - [t] "GET / HTTP/1.1" 502 1 "-" "-"\n'


def test_vitals_of_probes_beside_the_truth(tmp_path: Path) -> None:
    """A known load: the hit ratio, the deadline of what hangs, the errors of a log and the connections are right."""
    book, log = tmp_path / "book.sqlite", tmp_path / "access.log"
    with closing(sqlite3.connect(book)) as connection:
        connection.execute("CREATE TABLE trades (id)")
    log.write_bytes(BAD * 50)
    with RedisServer() as redis, RawServer(silent) as hung, WebServer({"/time": Page(b"now")}) as web:
        settings = SETTINGS.format(url=web.url, hung=hung.port, book=book, redis=redis.port, log=log)
        # What was there before the desk looked says nothing of the last five minutes.
        redis.tell("SET here 1", *["GET here"] * 500)
        with DeskProcess(tmp_path, settings=settings) as desk:
            wait_until(lambda: desk.query("redis_keyspace_hits_total > 0"), 30, "the first answer of Redis")
            redis.tell(*["GET here"] * 30, *["GET gone"] * 10)
            few = wait_until(
                lambda: "40 lookups" in ((found := vital(desk, "cache_hit_ratio"))["reason"] or "") and found,
                30, "too few lookups to be told",
            )  # fmt: skip
            assert few["value"] is None
            redis.tell(*["GET here"] * 120, *["GET gone"] * 40)
            with log.open("ab") as file:
                file.write(GOOD * 90 + BAD * 10)
            wait_until(lambda: (vital(desk, "cache_hit_ratio")["value"] or 0) == 0.75, 30, "150 hits of 200 lookups")
            wait_until(lambda: vital(desk, "api_response_times")["value"] == 0.7, 30, "the deadline of what hangs")
            database = wait_until(lambda: vital(desk, "database_performance")["value"], 30, "the database's p95")
            assert 0 < database < 0.1
            wait_until(lambda: vital(desk, "active_connections")["value"] == 1, 30, "the probe's own connection")
            (errors,) = wait_until(
                lambda: desk.query('error_rate:source{source="http_logs"} > 0'), 30, "errors of a log"
            )
            assert abs(float(errors["value"][1]) - 0.1) < 0.001
            assert {each["metric"]["source"] for each in desk.query("error_rate:source")} == {"http_logs", "probes"}
            assert desk.query('probe_failures_total{probe="hung",reason="deadline"} > 1')


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A password file of mode 0644 keeps the desk from starting, with what to do."""
    secret = tmp_path / "password"
    secret.write_text("sesame")
    secret.chmod(0o644)
    settings = f'[[probes]]\nkind = "redis"\nname = "c"\nport = {free_port()}\npassword_file = "{secret}"\n'
    with pytest.raises(AssertionError, match="chmod 600"):
        DeskProcess(tmp_path, settings=settings).start()


def test_probes_of_a_desk_that_does_not_collect(tmp_path: Path) -> None:
    """With --no-collect targets are asked all the same, and their vitals recorded; connections must be named."""
    with WebServer({"/time": Page(b"now")}) as web:
        settings = f'[[probes]]\nkind = "http"\nname = "broker"\nurl = "{web.url}/time"\ninterval = "1s"\n'
        with DeskProcess(tmp_path, "--no-collect", settings=settings) as desk:
            wait_until(lambda: vital(desk, "api_response_times")["value"], 30, "the probe's p95")
            assert "[connections]" in vital(desk, "active_connections")["reason"]


def test_a_desk_that_has_nothing_to_measure_writes_nothing(tmp_path: Path) -> None:
    """With --no-collect and nothing configured or sent the store holds no series, though every rule was judged."""
    with DeskProcess(tmp_path, "--no-collect") as desk:

        def rounds() -> float:
            lines = desk.request("/metrics")[1].decode().splitlines()
            return next((float(line.split()[-1]) for line in lines if line.startswith("nightdesk_rule_rounds")), 0.0)

        wait_until(lambda: rounds() >= 10, 30, "rounds of every group of rules")
        assert desk.query('{__name__!=""}') == []


def test_unchanged_probes_stay_over_a_reload(tmp_path: Path) -> None:
    """Equal settings and secrets give the same object; a new password in the same file makes a new probe."""
    secret = tmp_path / "password"
    secret.write_text("sesame")
    secret.chmod(0o600)
    text = (
        '[[probes]]\nkind = "http"\nname = "broker"\nurl = "http://127.0.0.1:1/"\n'
        f'[[probes]]\nkind = "redis"\nname = "quotes"\npassword_file = "{secret}"\n'
    )
    path = tmp_path / "desk.toml"
    path.write_text(text)
    probes = Probes(SystemClock())
    before = list(probes.of(load(path)).values())
    assert [id(each) for each in probes.of(load(path)).values()] == [id(each) for each in before]
    secret.write_text("open")
    changed = list(probes.of(load(path)).values())
    assert [now is then for now, then in zip(changed, before, strict=True)] == [True, False, True]
    secret.write_text("")
    with pytest.raises(SettingsError, match="one line"):
        probes.of(load(path))
    for each in (*before, *changed):
        each.close()


def test_a_failing_probe_is_the_reason(tmp_path: Path) -> None:
    """A vital whose only target fails says which, and what was seen."""
    path = tmp_path / "desk.toml"
    path.write_text(f'[[probes]]\nkind = "http"\nname = "broker"\nurl = "http://127.0.0.1:{free_port()}/"\n')
    probes = Probes(SystemClock())
    (broker, connections) = probes.of(load(path)).values()
    assert probes.reason("api_response_times") == FIRST_ANSWERS
    asyncio.run(broker.collect(1_700_000_000_000))
    reason = probes.reason("api_response_times")
    assert reason is not None
    assert reason.startswith("broker fails: 127.0.0.1:")
    # Beside a target that does answer the vital has a value, which says nothing of this one.
    assert probes.note("api_response_times") == "1 target cannot be measured: broker."
    assert probes.note("database_performance") is None
    assert probes.reason("cpu_usage") is None
    broker.close()
    connections.close()
