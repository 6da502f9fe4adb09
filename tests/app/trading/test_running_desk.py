"""A real desk and its ledger: imports over HTTP, a bot's database followed, and nobody is told of the past."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.trade_files import BotDatabase, written

HEADER = "time,symbol,side,quantity,price,currency\n"
SETTINGS = """
[accounts.main]
currency = "USDT"
timezone = "America/New_York"
day_start = "17:00"

[[trades]]
kind = "freqtrade"
file = "{file}"
interval = "1s"
"""


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[BotDatabase]:
    """Return the database of a bot that runs."""
    database = BotDatabase(tmp_path / "tradesv3.sqlite")
    yield database
    database.close()


@pytest.fixture
def desk(tmp_path: Path, bot: BotDatabase) -> Iterator[DeskProcess]:
    """Return a desk that follows the bot."""
    with DeskProcess(tmp_path, "--no-collect", settings=SETTINGS.format(file=bot.file)) as running:
        yield running


def closed(desk: DeskProcess) -> int:
    """Return how many trades the series says are closed."""
    return sum(int(row["value"][1]) for row in desk.query('trades_closed_total{account="main",mode="live"}'))


def test_a_bot_is_followed_and_its_end_is_told(desk: DeskProcess, bot: BotDatabase) -> None:
    """A trade that the bot closes is in the ledger and in PromQL within seconds; a file that is gone shows as down."""
    bot.trade(1)
    wait_until(lambda: closed(desk) == 1, 15, "the first trade is counted")
    bot.trade(2, close_profit_abs=-3.5)
    wait_until(lambda: closed(desk) == 2, 15, "the second trade is counted")
    trades = desk.json("/api/desk/trades", account="main")
    assert sorted(trade["pnl_text"] for trade in trades["trades"]) == ["-3.5", "19.58"]
    bot.close()
    bot.file.unlink()

    def down() -> list[Any]:
        return [row for row in desk.query('up{job="trades"}') if row["value"][1] == "0"]

    wait_until(down, 15, "the source is down")
    assert desk.status_of("/-/ready") == 200


def test_imports_go_through_the_running_desk_and_raise_nothing(desk: DeskProcess, tmp_path: Path) -> None:
    """Imported twice over HTTP each row is there once; rows set aside are kept; no alert is pending, fires, is told."""
    rows = "".join(
        f"2024-01-01T00:00:00.{n:06}Z,AMD,{'buy' if n % 2 else 'sell'},1,{10 + n % 7},USD\n" for n in range(4_500)
    )
    file = written(tmp_path, HEADER + rows + "2024-01-01,AMD,hold,1,1,USD\n", "fills.csv")
    command = ("trades", "import", str(file), "--account", "fund", "--starting-balance", "10000")
    first, again = desk.command(*command), desk.command(*command)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert "4,501 added, 0 known, 0 corrected, 1 set aside" in first.stdout
    assert "0 added, 4,501 known, 0 corrected, 1 set aside" in again.stdout
    assert "row 4502: side is 'hold'" in first.stdout
    assert len(desk.json("/api/desk/ledger/set-aside")["rows"]) == 1
    (held,) = [
        each for each in desk.json("/api/desk/ledger/holdings")["holdings"] if each["portfolio"]["account"] == "fund"
    ]
    assert held["fills"] == 4_500
    assert desk.json("/api/desk/alerts")["alerts"] == []
    history = desk.json("/api/desk/alerts/history")
    assert [row for rows in history.values() if isinstance(rows, list) for row in rows] == []


def test_a_file_of_which_nothing_can_be_read(desk: DeskProcess, tmp_path: Path) -> None:
    """The exit code is 1, the sentence says why, and nothing was taken."""
    answer = desk.command("trades", "import", str(written(tmp_path, "a,b\n1,2\n", "odd.csv")))
    assert answer.returncode == 1
    assert "--mapping" in answer.stderr
    assert desk.json("/api/desk/ledger/holdings")["holdings"] == []
