"""An alert whose series never comes back, ended by a person on a real desk."""

import time
from collections.abc import Callable
from typing import Any

from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE
from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.remote_write import WRITE_HEADERS, write_body

RULES = """
interval: desk
desk_rules:
  - name: BotSilent
    expr: bot_beat_age_seconds
    critical: "> 60"
    summary: the bot is silent
"""
SETTINGS = '[rules]\nfiles = ["*.yml"]\nshipped = false\n'
SERIES = Labels.of("bot_beat_age_seconds", job="bot")


def test_a_held_alert_is_ended_by_a_person(start_desk: Callable[..., DeskProcess]) -> None:
    """It shows how it is ended, `alerts --release` ends it, and the story says that nobody saw it over."""
    desk = start_desk("--no-collect", "--no-auth", settings=SETTINGS)
    (desk.folder / "night.yml").write_text(RULES)
    assert desk.command("reload").returncode == 0

    def write(value: float) -> None:
        body = write_body([(SERIES, [(time.time_ns() // 1_000_000, value)])])
        assert desk.request("/api/v1/write", body, WRITE_HEADERS)[0] == 204

    def alert() -> Any:
        return next(iter(desk.json("/api/desk/alerts")["alerts"]), None)

    write(90.0)
    wait_until(lambda: (now := alert()) and now["state"] == "firing", 15, "the alert")
    assert desk.command("alerts", "--release", alert()["fingerprint"]).returncode == 2
    write(STALE)
    wait_until(lambda: alert()["evidence"] == "absent", 15, "the alert is held")
    fingerprint = alert()["fingerprint"]
    assert f"nightdesk alerts --release {fingerprint}" in desk.command("alerts").stdout
    done = desk.command("alerts", "--release", fingerprint)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "BotSilent ends with the next judgement of its group\n"
    wait_until(lambda: alert() is None, 15, "the end of the alert")
    (end, *_) = desk.json("/api/desk/alerts/history")["transitions"]
    assert (end["state"], end["alert"]["evidence"]) == ("resolved", "released")
    assert desk.command("alerts", "--release", fingerprint).returncode == 2
