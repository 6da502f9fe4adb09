"""The bots among the examples run as they stand, and the desk hears of them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from nightdesk.testing.desk import DeskProcess, wait_until

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

FREQTRADE = """
class IStrategy:
    '''What freqtrade gives a strategy, as far as the example uses it.'''
"""
RUN = """
import sys, types, datetime, importlib.util
spec = importlib.util.spec_from_file_location("strategy", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
watched = module.Watched()
watched.bot_loop_start(datetime.datetime.now(datetime.UTC))
watched.order_filled("BTC/USD", None, types.SimpleNamespace(ft_order_side="buy"), datetime.datetime.now(datetime.UTC))
assert module.desk.flush(10)
"""


def test_the_asyncio_bot_reports_to_its_desk(start_desk: Any) -> None:
    """Operations, fills, a farewell: all of it is at the desk when the program has ended."""
    desk: DeskProcess = start_desk("--no-collect")
    program = [sys.executable, str(EXAMPLES / "asyncio_bot.py"), str(desk.data)]
    assert subprocess.run(program, timeout=60, check=False).returncode == 0
    [bot] = desk.json("/api/desk/bots")["bots"]
    assert (bot["name"], bot["stopping"], bot["dropped"]) == ("example", "the example is over", {})
    assert {operation["name"] for operation in bot["operations"]} == {"fetch_price", "decide"}
    assert [each["fills"] for each in desk.json("/api/desk/ledger/holdings")["holdings"]] == [20]
    assert [event["text"] for event in desk.json("/api/desk/bots")["events"]] == ["done for today"]
    assert desk.query("orders_sent_total")[0]["value"][1] == "20"
    assert desk.query("send_order_seconds_count")[0]["value"][1] == "20"


def test_the_freqtrade_strategy_reports_to_its_desk(start_desk: Any, tmp_path: Path) -> None:
    """Its hooks, called as freqtrade calls them, give a beat and count fills; the environment names the desk."""
    desk: DeskProcess = start_desk("--no-collect")
    package = tmp_path / "site" / "freqtrade"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "strategy.py").write_text(FREQTRADE)
    environment = {**os.environ, "NIGHTDESK_DATA": str(desk.data), "PYTHONPATH": str(package.parent)}
    program = [sys.executable, "-c", RUN, str(EXAMPLES / "freqtrade_strategy.py")]
    done = subprocess.run(program, timeout=60, check=False, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    wait_until(lambda: desk.query('fills_total{bot="goog-smacross",side="buy"}'), 10, "the fill's counter")
    [bot] = desk.json("/api/desk/bots")["bots"]
    assert [(beat["name"], beat["expected"], beat["stage"]) for beat in bot["beats"]] == [("loop", 60_000, "loop")]
