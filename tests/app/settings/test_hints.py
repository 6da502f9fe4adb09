"""Hints of `nightdesk check`: good settings that would do something else than their writer may think."""

from pathlib import Path

import pytest

from nightdesk.app.settings.file import lint

CHANNEL = """[channels.phone]
kind = "webhook"
url = "https://example.org/hook"
"""
BY_SEVERITY = '[[routes]]\nchannels = ["console"]\n[[routes]]\nseverity = ["critical"]\nchannels = ["phone"]\n'


def hints_of(folder: Path, text: str) -> list[tuple[int, str]]:
    """Return line and message of what is remarked about good settings."""
    path = folder / "nightdesk.toml"
    path.write_text(text)
    settings, remarks = lint(path)
    assert settings is not None
    assert not any(remark.is_error for remark in remarks)
    return [(remark.line, remark.message) for remark in remarks]


def test_a_level_of_what_is_not_measured_is_pointed_out(tmp_path: Path) -> None:
    """A threshold of a vital that nothing configured measures says which table to write."""
    text = "[thresholds.cpu_usage]\nwarning = 80\n[thresholds.api_response_times]\nwarning = 0.1\n"
    ((line, message),) = hints_of(tmp_path, text)
    assert line == 3
    assert "nothing measures api_response_times" in message
    assert 'add [[probes]] with kind = "http"' in message
    assert "record: api_response_times" in message


def test_a_level_of_what_is_measured_needs_no_hint(tmp_path: Path) -> None:
    """With a probe of the right kind there is nothing to say."""
    probe = '[[probes]]\nkind = "http"\nname = "broker"\nurl = "https://example.org"\n'
    assert hints_of(tmp_path, probe + "[thresholds.api_response_times]\nwarning = 0.1\n") == []


def test_a_route_by_severity_says_that_load_stays(tmp_path: Path) -> None:
    """Who routes critical alerts to a phone hears that CpuBusy will not arrive there, and how it would."""
    ((line, message),) = hints_of(tmp_path, CHANNEL + BY_SEVERITY)
    assert line == 6
    assert "CpuBusy" in message
    assert 'match = { kind = "load" }' in message


@pytest.mark.parametrize(
    "routes",
    [
        BY_SEVERITY + '[[routes]]\nmatch = { kind = "load" }\nchannels = ["console"]\n',
        BY_SEVERITY + '[[routes]]\nmatch = { alertname = "CpuBusy" }\nchannels = ["phone"]\n',
        BY_SEVERITY.replace("phone", "console"),
        '[[routes]]\nchannels = ["console"]\n',
    ],
)
def test_a_route_that_speaks_of_load_needs_no_hint(tmp_path: Path, routes: str) -> None:
    """Once any route names load, or nothing leaves the machine by severity, there is nothing to say."""
    assert hints_of(tmp_path, CHANNEL + routes) == []
