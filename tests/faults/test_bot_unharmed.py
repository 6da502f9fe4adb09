"""A real bot beside a desk that is absent, stopped, killed and back: the bot does not notice, nothing is lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until

BOT = Path(__file__).with_name("watched_bot.py")
WORST_SECONDS = 1.0
"""Most that a call may take on a shared machine whose scheduler may look away; measured are some microseconds.

Waiting for the desk would be two seconds.
"""


class WatchedBot:
    """The bot's process and what it writes down."""

    def __init__(self, data: Path, folder: Path) -> None:
        """Start it."""
        self.state = folder / "state.json"
        self.process = subprocess.Popen([sys.executable, str(BOT), str(data), str(self.state)])
        wait_until(self.state.exists, 20, "the bot's first words")

    def told(self) -> dict[str, Any]:
        """Return what it wrote down last."""
        told: dict[str, Any] = json.loads(self.state.read_text())
        return told

    def worst_over(self, seconds: float) -> float:
        """Return the longest time its calls took in the next seconds."""
        self.state.with_name("measure anew").touch()
        wait_until(lambda: not self.state.with_name("measure anew").exists(), 10, "a new measurement")
        rounds = self.told()["rounds"]
        until = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() > until, seconds + 5, "the time to pass")
        assert self.process.poll() is None
        assert self.told()["rounds"] > rounds + 10, "the bot was held up"
        return float(self.told()["worst"])

    def finish(self) -> dict[str, Any]:
        """Let it end in its own way and return its last words."""
        self.state.with_name("stop").touch()
        assert self.process.wait(30) == 0
        return self.told()


@pytest.fixture
def bots() -> Iterator[list[WatchedBot]]:
    """Bots that a test starts; none outlives it."""
    started: list[WatchedBot] = []
    yield started
    for bot in started:
        if bot.process.poll() is None:
            bot.process.kill()
            bot.process.wait(10)


def fills(desk: DeskProcess) -> int:
    """Return how many fills the ledger holds."""
    return sum(each["fills"] for each in desk.json("/api/desk/ledger/holdings")["holdings"])


def test_a_bot_does_not_notice_what_becomes_of_its_desk(tmp_path: Path, bots: list[WatchedBot]) -> None:
    """Absent, up, stopped (SIGSTOP), killed, back: no call takes long, each fill is taken once, each round counted."""
    desk = DeskProcess(tmp_path, "--no-collect")
    bot = WatchedBot(desk.data, tmp_path)
    bots.append(bot)
    worst = {"absent": bot.worst_over(1)}
    desk.start()
    try:
        wait_until(lambda: desk.query("rounds_total"), 15, "the bot's first push")
        worst["up"] = bot.worst_over(1)
        os.kill(desk.pid, signal.SIGSTOP)
        # Longer than a push of this bot may take: it is given up, and comes again.
        worst["stopped"] = bot.worst_over(3.5)
        os.kill(desk.pid, signal.SIGCONT)
        stood = float(desk.query("rounds_total")[0]["value"][1])
        wait_until(lambda: float(desk.query("rounds_total")[0]["value"][1]) > stood, 15, "pushes after the stop")
        desk.kill()
        worst["killed"] = bot.worst_over(1.5)
        desk.start()
        wait_until(lambda: desk.query("rounds_total offset 1s"), 20, "pushes after the restart")
        worst["back"] = bot.worst_over(1)
        last = bot.finish()
        print({name: f"{seconds * 1e6:.0f} us" for name, seconds in worst.items()}, last)  # noqa: T201 - the figures are the point
        assert max(worst.values()) < WORST_SECONDS, worst
        assert last["flushed"]
        assert last["lost"] == {}
        assert fills(desk) == (last["rounds"] + 19) // 20
        assert float(desk.query("rounds_total")[0]["value"][1]) == last["rounds"]
        # A counter never stepped back, although old pushes waited in the sockets of the stopped desk.
        assert [float(each["value"][1]) for each in desk.query("resets(rounds_total[1h])")] == [0.0]
    finally:
        desk.stop()
