"""Reading settings and rules again on a running desk: by signal, by command; all of it or nothing."""

import os
import signal
import time
from collections.abc import Callable

from nightdesk.model.instant import DAY
from nightdesk.testing.desk import DeskProcess, wait_until

StartDesk = Callable[..., DeskProcess]

RULES = """
groups:
  - name: night
    rules:
      - alert: {name}
        expr: vector(1)
"""
SETTINGS = '[rules]\nfiles = ["*.yml"]\nshipped = false\n'


def rule_names(desk: DeskProcess) -> list[str]:
    """Return the names of the rules that the desk judges."""
    groups = desk.json("/api/v1/rules")["data"]["groups"]
    return [rule["name"] for group in groups for rule in group["rules"]]


def figure(desk: DeskProcess, name: str) -> float:
    """Return one of the desk's own metrics."""
    lines = desk.request("/metrics")[1].decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def test_a_hangup_reloads_and_a_bad_file_changes_nothing(start_desk: StartDesk) -> None:
    """SIGHUP takes new rules; with a faulty file the desk goes on with the old ones, logs why, and a metric says so."""
    desk = start_desk("--no-collect", settings=SETTINGS)
    started = figure(desk, "nightdesk_config_last_reload_success_timestamp_seconds")
    assert figure(desk, "nightdesk_config_last_reload_successful") == 1
    rules = desk.folder / "night.yml"
    rules.write_text(RULES.format(name="First"))
    os.kill(desk.pid, signal.SIGHUP)
    wait_until(lambda: rule_names(desk) == ["First"], 10, "the new rule")
    taken = figure(desk, "nightdesk_config_last_reload_success_timestamp_seconds")
    assert taken > started
    rules.write_text(RULES.format(name="Second").replace("vector(1)", "vector("))
    os.kill(desk.pid, signal.SIGHUP)
    wait_until(lambda: figure(desk, "nightdesk_config_last_reload_successful") == 0, 10, "the refusal")
    assert rule_names(desk) == ["First"]
    assert figure(desk, "nightdesk_config_last_reload_success_timestamp_seconds") == taken
    assert "night.yml:6" in desk.text()
    assert "Traceback" not in desk.text()


def test_the_command_reloads_or_says_what_is_wrong(start_desk: StartDesk) -> None:
    """`nightdesk reload` ends with 0 once new rules are taken, with 2 and file and line when they are refused."""
    desk = start_desk("--no-collect", settings=SETTINGS)
    rules = desk.folder / "night.yml"
    rules.write_text(RULES.format(name="First"))
    done = desk.command("reload")
    assert (done.returncode, done.stdout) == (0, "settings and rules were read again\n"), done.stderr
    wait_until(lambda: rule_names(desk) == ["First"], 10, "the new rule")
    (desk.folder / "settings.toml").write_text(f"{SETTINGS}[desk]\ninterval = '2s'\n[limits]\nseries = 5000\n")
    waiting = desk.command("reload")
    assert (waiting.returncode, "from the next start on: desk.interval, limits.series" in waiting.stderr) == (0, True)
    rules.write_text("groups: 5\n")
    refused = desk.command("reload")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "night.yml:1" in refused.stderr
    assert "were not taken, the old ones stay" in desk.text()
    desk.stop()
    assert desk.command("reload").returncode == 3


def test_how_long_samples_stay_is_taken_by_a_running_desk(start_desk: StartDesk) -> None:
    """Retention by time and bytes hold at once: flags, metrics and what is too old to be taken say so."""
    desk = start_desk("--no-collect", "--no-auth", settings=SETTINGS)
    old = f"old 1 {time.time_ns() // 1_000_000 - 5 * DAY}\n".encode()

    def taken() -> bool:
        return desk.request("/api/v1/import/prometheus", old, {"Content-Type": "text/plain"})[0] < 300

    assert taken()
    kept = "[desk]\nretention = '3d'\n[retention]\nbytes = '20GiB'\n[tiers]\nafter = '2d'\n"
    (desk.folder / "settings.toml").write_text(f"{SETTINGS}{kept}")
    done = desk.command("reload")
    assert (done.returncode, done.stderr) == (0, "")
    flags = desk.json("/api/v1/status/flags")["data"]
    assert (flags["storage.tsdb.retention.time"], flags["storage.tsdb.retention.size"]) == ("3d", "21474836480B")
    assert figure(desk, "nightdesk_store_quota_bytes") == 20 * 2**30
    assert not taken()
