"""`nightdesk system`: the same figures with a desk running and without."""

import json
from pathlib import Path

from nightdesk.client import connect
from nightdesk.testing.desk import DeskProcess


def test_figures_with_a_desk_and_without(tmp_path: Path) -> None:
    """A timed call stands in both; a folder that no desk holds is read itself, and the desk's stop is told."""
    with DeskProcess(tmp_path) as desk:
        with connect(desk.data, bot="maker") as bot:
            for _ in range(3):
                with bot.track("decide"):
                    pass
            bot.beat("loop", every="30s")
            assert bot.flush(10)
        running = json.loads(desk.command("system", "--json").stdout)
    stopped = json.loads(desk.command("system", "--hours", "1", "--json").stdout)
    for told in (running, stopped):
        (operation,) = told["operations"]
        assert (operation["bot"], operation["latency"]["requests"]) == ("maker", 3)
        assert [(each["bot"], each["beat"]) for each in told["beats"]] == [("maker", "loop")]
        assert told["avg_npu_utilization"] is None
        assert told["reasons"]["avg_npu_utilization"]
        (target,) = told["targets"]
        seconds = [target[f"{name}_seconds"] for name in ("up", "down", "unmonitored")]
        assert abs(sum(seconds) - told["window_seconds"]) < 0.01
    assert stopped["desk_stopped_seconds"] > 3000
    text = desk.command("system").stdout
    assert "p95 response time" in text
    assert "of 3 requests" in text
    assert "the desk itself did not run" in text


def test_hours_are_checked(tmp_path: Path) -> None:
    """A window that is none is refused by the command line."""
    desk = DeskProcess(tmp_path)
    assert desk.command("system", "--hours", "0").returncode == 2
