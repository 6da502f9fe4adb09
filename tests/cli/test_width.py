"""What a terminal of 80 columns shows: no line of a list is broken by the terminal itself."""

import io
import time
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from nightdesk.cli.main import COMMANDS, app
from nightdesk.cli.paint.alerts import print_alerts
from nightdesk.cli.paint.channels import print_channels
from nightdesk.cli.paint.folded import print_folded
from nightdesk.cli.paint.paint import PIPE_WIDTH, console
from nightdesk.cli.paint.status import print_status
from nightdesk.cli.paint.vitals import print_vitals

REASON = "Nothing was attempted within the last 5 minutes: no probes, no calls of bots, no requests in logs. Add some."
SUMMARY = "The API answers too slowly for orders to reach the market in time, look at its status."
VITAL = {"name": "error_rate", "value": None, "unit": "percent", "level": "none", "reason": REASON, "note": None}
ALERT = {
    "name": "ApiSlow",
    "labels": {"alertname": "ApiSlow", "severity": "critical", "api": "https://exchange.example/v1", "mode": "live"},
    "severity": "critical",
    "state": "firing",
    "active_at": 0,
    "fired_at": 0,
    "value": "1.5",
    "evidence": "absent",
    "fingerprint": "0123456789abcdef",
    "held": None,
    "kept_from": [],
    "annotations": {
        "summary": "The API answers too slowly for orders to reach the market in time, look at its status."
    },
}


def folded(line: str, width: int, indent: int) -> list[str]:
    """Return what is printed of a line on a console so wide."""
    out = io.StringIO()
    print_folded(Console(file=out, width=width), Text(line), indent)
    return out.getvalue().splitlines()


def test_what_does_not_fit_goes_on_below_indented() -> None:
    """The left edge stays a list of names, and no word is lost."""
    lines = folded(f"{'error_rate':<20}  {REASON}", 80, 22)
    assert lines[0].startswith("error_rate            Nothing was")
    assert all(len(line) <= 80 and line == line.rstrip() for line in lines)
    assert all(line.startswith(" " * 22) and line[22] != " " for line in lines[1:])
    assert " ".join(" ".join(lines).split()) == f"error_rate {REASON}"


def test_a_word_wider_than_the_terminal_is_broken_and_kept() -> None:
    """An address without a blank is all there."""
    assert "".join(line.strip() for line in folded("at  " + "x" * 100, 40, 4)) == "at  " + "x" * 100


@pytest.mark.parametrize("line", ["short", "", "exactly as it is  "])
def test_what_fits_is_left_alone(line: str) -> None:
    """One line in, one line out."""
    assert [each.rstrip() for each in folded(line, 80, 2)] == [line.rstrip()]


def test_a_pipe_gets_the_line_whole() -> None:
    """Who reads lines is given whole ones."""
    assert folded("x " * 200, PIPE_WIDTH, 2) == ["x " * 200]


def test_vitals_and_alerts_fit_eighty_columns_without_colour(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """COLUMNS is heeded, NO_COLOR leaves no escape; name, reason, summary and what to do are all there."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    print_vitals(console(), {"vitals": [VITAL], "left_out": []})
    print_alerts(console(), [ALERT], 60_000)
    screen = capsys.readouterr().out
    assert "\x1b" not in screen
    assert max(map(len, screen.splitlines())) <= 80
    words = " ".join(screen.split())
    for told in (REASON, "critical firing ApiSlow", SUMMARY, "--release 0123456789abcdef"):
        assert told in words


CPU = {
    "name": "cpu_usage",
    "value": 97.3,
    "unit": "percent",
    "level": "critical",
    "note": None,
    "instance": "web9.trading.example:9100",
    "labels": {"instance": "web9.trading.example:9100"},
    "thresholds": {"warning": 85, "critical": 95, "direction": "above"},
}
HELD = {
    "samples_bytes": 1_500_000,
    "tiers_bytes": 0,
    "journal_bytes": 0,
    "quota_bytes": None,
    "oldest_day": "2026-11-22",
    "newest_day": "2026-11-23",
    "newest_at": 1_795_412_789_000,
    "reason": "",
}
DESK = {
    "version": "0.1",
    "state": "critical",
    "uptime_seconds": 60,
    "series": 0,
    "samples_total": 115_201,
    "data": "data",
    "lag": {"loop_p99_ms": 1.0, "rules_p99_ms": 1.0, "ingest_ms": 1.0},
    "held": HELD,
    "now": 1_795_412_790_000,
    "warnings": [],
}


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_status_tells_all_at_any_width(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: int
) -> None:
    """A narrow terminal folds what a wide one aligns: value, level, limits and whose value it is are all there."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        answer = {"status": DESK, "vitals": {"vitals": [CPU, VITAL]}, "alerts": {"alerts": []}}
        print_status(console(), "http://localhost", answer, {"cpu_usage": [1.0, None, 97.3]})
    finally:
        monkeypatch.undo()
        time.tzset()
    screen = capsys.readouterr().out
    assert max(map(len, screen.splitlines())) <= columns
    assert "…" not in screen
    words = " ".join(screen.split())
    for told in ("cpu_usage", "97.3 %", "critical", "> 85 / 95", "0 live series", "(UTC days)", "JST"):
        assert told in words
    assert "web9.trading.example:9100" in "".join(screen.split())


CHANNEL = {
    "name": "telephone",
    "kind": "sms",
    "severities": ["critical", "warning"],
    "state": "changed",
    "confirmed_at": 0,
    "last_test": {"at": 0, "state": "failed", "failure": "auth", "detail": "401 from https://sms.example/v1/messages"},
}


def test_channels_and_findings_fit_eighty_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A reason or a path of any length goes on below, and findings stand in one column."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    print_channels(console(), [CHANNEL], 60_000)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80
    told = CliRunner().invoke(app, ["doctor", "--data", str(tmp_path / "nobody" / ("long" * 20))]).output
    assert max(map(len, told.splitlines())) <= 80
    findings = [line[13:23].strip() for line in told.splitlines() if not line.startswith(" ")]
    assert set(findings) <= {"ok", "warning", "critical"}


@pytest.mark.parametrize("name", [command.__name__ for command in COMMANDS])
def test_the_help_of_every_command_fits_eighty_columns(name: str) -> None:
    """Examples are printed as they stand, so they have to be short enough."""
    told = CliRunner().invoke(app, [name, "--help"], terminal_width=80)
    assert told.exit_code == 0
    assert [line for line in told.output.splitlines() if len(line) > 80] == []
