"""Debian's promtool asks a real desk: every query command it has."""

import subprocess
from collections.abc import Iterator

import pytest

from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.servers.services import require_program

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DeskProcess, int]]:
    """Return a desk with ten minutes of two series and a histogram."""
    options = ("--no-collect", "--no-auth", "--retention", "100y")
    with DeskProcess(tmp_path_factory.mktemp("promtool"), *options) as running:
        now = int(float(running.json("/api/v1/query", query="time()")["data"]["result"][1]))
        lines = "".join(
            f'asked{{who="{who}"}} {step} {(now - 600 + 15 * step) * 1000}\n' for step in range(40) for who in "ab"
        )
        lines += "".join(
            f'took_bucket{{le="{le}"}} {step * weight} {(now - 600 + 15 * step) * 1000}\n'
            for step in range(40)
            for le, weight in (("0.1", 1), ("1", 3), ("+Inf", 4))
        )
        status, told = running.request("/api/v1/import/prometheus", lines.encode(), {"Content-Type": "text/plain"})
        assert status == 204, told
        yield running, now


def test_promtool_finds_no_fault_with_our_own_metrics(desk: tuple[DeskProcess, int]) -> None:
    """Names, units, types and helps of `/metrics` are as the field has them."""
    running, _ = desk
    told = running.request("/metrics")[1].decode()
    command = [require_program("promtool"), "check", "metrics"]
    done = subprocess.run(command, input=told, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _promtool(*words: str) -> str:
    done = subprocess.run(
        [require_program("promtool"), "query", *words], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_promtool_asks_instants_and_ranges(desk: tuple[DeskProcess, int]) -> None:
    """Both commands print what the desk holds."""
    running, now = desk
    told = _promtool("instant", running.url, 'asked{who="a"}', f"--time={now - 15}")
    assert told.startswith('asked{who="a"} => 39 @[')
    span = (f"--start={now - 120}", f"--end={now - 15}", "--step=15s")
    told = _promtool("range", running.url, "rate(asked[1m])", *span)
    assert told.count("0.0666666666") == 16


def test_promtool_lists_series_and_labels(desk: tuple[DeskProcess, int]) -> None:
    """Series by a matcher, and the values of a label."""
    running, now = desk
    span = (f"--start={now - 600}", f"--end={now}")
    told = _promtool("series", running.url, '--match=asked{who=~"a|b"}', *span)
    assert sorted(told.split("\n")) == ["", '{__name__="asked", who="a"}', '{__name__="asked", who="b"}']
    assert _promtool("labels", running.url, "who", *span).split() == ["a", "b"]


def test_promtool_speaks_json(desk: tuple[DeskProcess, int]) -> None:
    """The same as JSON."""
    running, now = desk
    told = _promtool("-o", "json", "instant", running.url, "count(asked)", f"--time={now - 15}")
    assert told.strip() == f'[{{"metric":{{}},"value":[{now - 15},"2"]}}]'
