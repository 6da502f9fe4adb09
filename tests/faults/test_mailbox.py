"""The whole river on real input: a breach of the host reaches a real mailbox, also through kill -9."""

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.load import busy_cores
from nightdesk.testing.servers.exporter import Exporter
from nightdesk.testing.servers.mail_server import MailServer

CPU_SETTINGS = """
[thresholds.cpu_usage]
warning = {level}
critical = 100.5
for = "2s"

{channel}
[[routes]]
match = {{ alertname = "CpuBusy" }}
channels = ["console", "inbox"]
"""

FLIP_SETTINGS = """
[[scrape]]
job = "flip"
targets = ["127.0.0.1:{exporter}"]
interval = "1s"
timeout = "1s"

[rules]
files = ["flip.yml"]
shipped = false

{channel}
[[routes]]
severity = ["critical"]
channels = ["inbox"]
"""
FLIP_RULES = """
groups:
- name: flips
  interval: 1s
  rules:
  - alert: Flip
    expr: flip > 0.5
    labels: {severity: critical}
    annotations: {summary: "flip {{ $labels.n }} is up"}
"""


def state_of(desk: DeskProcess, name: str) -> str:
    """Return the state of a live alert, or nothing."""
    states = [alert["state"] for alert in desk.json("/api/desk/alerts")["alerts"] if alert["name"] == name]
    return states[0] if states else ""


def transitions(desk: DeskProcess) -> list[Any]:
    """Return all changes of state, oldest first."""
    history: list[Any] = desk.json("/api/desk/alerts/history", limit="1000")["transitions"]
    return history[::-1]


def test_a_real_breach_reaches_a_mailbox_and_its_end_too(tmp_path: Path) -> None:
    """CPU loaded, threshold lowered: pending, firing, printed, mailed; load gone: resolved, mailed again."""
    with MailServer() as server:
        settings = CPU_SETTINGS.format(level=90, channel=server.channel())
        with DeskProcess(tmp_path, "--interval", "1s", settings=settings) as desk, busy_cores():
            wait_until(lambda: state_of(desk, "CpuBusy") == "pending", 60, "CpuBusy pending")
            wait_until(lambda: state_of(desk, "CpuBusy") == "firing", 60, "CpuBusy firing")
            wait_until(lambda: server.mails, 20, "the first mail")
            fired = server.mails[0]
            assert "CpuBusy" in fired.subject
            assert "WARNING" in fired.subject
            assert fired.recipients == ("trader@example.org",)
            wait_until(lambda: "CpuBusy" in desk.text(), 10, "the alert printed by the desk")
        # The same folder, load gone: the alert that fired before the restart resolves after it.
        with DeskProcess(
            tmp_path, "--interval", "1s", settings=CPU_SETTINGS.format(level=100.2, channel=server.channel())
        ) as desk:
            wait_until(lambda: len(server.mails) >= 2, 90, "the second mail")
            assert "RESOLVED" in server.mails[1].subject
            assert server.mails[1].id != fired.id
            told = desk.command("alerts", "--history", "--json")
            assert told.returncode == 0, told.stderr
            states = [change["state"] for change in transitions(desk) if change["alert"]["name"] == "CpuBusy"]
            assert states == ["pending", "firing", "resolved"]
            assert all(state in told.stdout for state in states)


def kill_cycles(tmp_path: Path, cycles: int, dice: random.Random) -> dict[str, Any]:
    """Kill the desk at random between a change of state and its send, `cycles` times; return the ledger's figures."""
    with MailServer() as server, Exporter() as exporter:
        exporter.set('flip{n="none"}', 0)
        (tmp_path / "flip.yml").write_text(FLIP_RULES)
        settings = FLIP_SETTINGS.format(exporter=exporter.port, channel=server.channel())
        desk = DeskProcess(tmp_path, "--no-collect", settings=settings)
        ready, longest = [], 0.0
        try:
            for cycle in range(cycles):
                begun = time.monotonic()
                desk.start()
                ready.append(desk.ready_seconds)
                exporter.set(f'flip{{n="{cycle}"}}', 1)
                time.sleep(dice.uniform(0.2, 2.2))  # the random moment is what is tried, nothing waits for it
                desk.kill()
                longest = max(longest, time.monotonic() - begun)
            desk.start()
            # On a busy machine a desk may be killed before it has seen the latest flips: they all stand yet.
            wait_until(lambda: len(fired(desk)) >= cycles, 60, "each flip fires")
            wait_until(lambda: not outstanding(desk), 60, "an outbox without anything outstanding")
            return {**ledger(desk, server), "ready": ready, "longest": longest}
        finally:
            desk.stop()


def fired(desk: DeskProcess) -> set[str]:
    """Return the numbers of the flips that have fired."""
    return {change["alert"]["labels"]["n"] for change in transitions(desk) if change["state"] == "firing"}


def outstanding(desk: DeskProcess) -> list[Any]:
    """Return deliveries that are neither sent nor given up, and fired alerts that are not yet in the outbox."""
    deliveries = desk.json("/api/desk/alerts/history", limit="1000")["deliveries"]
    return [entry for entry in deliveries if entry["state"] in ("queued", "leased")]


def ledger(desk: DeskProcess, server: MailServer) -> dict[str, Any]:
    """Compare what fired with what arrived: alerts lost, and how often each message arrived."""
    flips = fired(desk)
    told = {n for n in flips if any(f"flip {n} is up" in mail.body for mail in server.mails)}
    deliveries = desk.json("/api/desk/alerts/history", limit="1000")["deliveries"]
    given_up = {name for entry in deliveries if entry["state"] == "undeliverable" for name in entry["alerts"]}
    times = Counter(mail.id for mail in server.mails)
    return {"fired": flips, "lost": set() if given_up else flips - told, "given_up": given_up, "times": times}


def assert_nothing_lost(figures: dict[str, Any], cycles: int) -> None:
    """Each fired alert arrived, and a message doubled at most once per kill, under one Message-ID."""
    assert figures["lost"] == set()
    assert figures["given_up"] == set()
    assert len(figures["fired"]) == cycles
    assert max(figures["times"].values()) <= 2


def test_kills_between_change_and_send_lose_no_mail(tmp_path: Path) -> None:
    """Six kills at random moments: every alert that fired is in the mailbox, none more than twice."""
    assert_nothing_lost(kill_cycles(tmp_path, 6, random.Random(1)), 6)


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_fifty_kills_lose_no_mail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The long form: fifty kills, the figures printed."""
    figures = kill_cycles(tmp_path, 50, random.Random(2))
    doubled = sum(count - 1 for count in figures["times"].values())
    with capsys.disabled():
        print(  # noqa: T201 - a campaign tells its figures
            f"\n50 kills: {len(figures['fired'])} fired, {len(figures['lost'])} lost, {doubled} doubled, "
            f"slowest cycle {figures['longest']:.2f} s, slowest ready {max(figures['ready']):.2f} s"
        )
    assert_nothing_lost(figures, 50)
    assert figures["longest"] <= 5.0, figures["ready"]
