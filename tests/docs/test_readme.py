"""The commands of the README's first hour work as they stand."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.trade_files import BotDatabase

README = Path(__file__).parents[2] / "README.md"


def test_commands_of_the_first_hour_work(start_desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command that the README shows after `make up` does its work on a fresh desk."""
    monkeypatch.chdir(tmp_path)
    BotDatabase(tmp_path / "tradesv3.sqlite").trade(1)
    text = README.read_text().split("## The first hour", 1)[1]
    commands = re.findall(r"(?m)^ *nightdesk (.+)$", text)
    assert len(commands) >= 3
    desk: DeskProcess = start_desk("--interval", "1s")
    wait_until(lambda: desk.query("cpu_usage"), 20, "the first vitals")
    for command in [*commands, "login", "reload", "check"]:
        done = desk.command(*shlex.split(command))
        assert (done.returncode, done.stderr) == (0, ""), command
        assert done.stdout.strip(), command
