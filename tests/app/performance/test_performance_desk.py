"""Figures on a running desk: the same over HTTP and from the folder, worked out once while nothing changes."""

import asyncio
import json
from pathlib import Path
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from nightdesk.app.performance.account import without_settings
from nightdesk.app.performance.desk import KEPT_MS, PerformanceDesk
from nightdesk.app.performance.performance import Performance
from nightdesk.app.performance.reading import Question
from nightdesk.app.performance.window import Window
from nightdesk.app.reach import RunningDesk
from nightdesk.app.shapes.performance import PerformanceShape
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.cli.main import app
from nightdesk.cli.report_folder import performance_in
from nightdesk.errors import QueryError
from nightdesk.model.instant import to_millis
from nightdesk.model.ledger import Selection
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.ledger_rows import T0, a_trade
from nightdesk.workers import Workers

ALL = Question(Selection(), Window.parse("all", 0))


@pytest.fixture
def clock() -> ManualClock:
    """Stand at T0."""
    return ManualClock(to_millis(T0))


def test_an_answer_is_given_again_until_rows_or_time_change_it(clock: ManualClock) -> None:
    """The same question is worked out once, even of three who ask at once; a new row or five seconds make it anew."""
    worker, scribe = Workers("ledger"), Workers("scribe")
    trading, made = TradingDesk(MemoryLedger(), worker), []

    def take(found: Performance) -> object:
        made.append(found)
        return found.figure("total_trades").value

    async def ask_as_people_do() -> None:
        desk = PerformanceDesk(trading, without_settings, scribe, clock)
        asked = [desk.performance(ALL, "all", take) for _ in range(3)]
        assert await asyncio.gather(*asked) == [0, 0, 0]
        assert len(made) == 1
        trading.take([a_trade("1")])
        assert await desk.performance(ALL, "all", take) == 1
        assert len(made) == 2
        clock.step_wall(KEPT_MS)
        assert await desk.performance(ALL, "all", take) == 1
        assert len(made) == 3

    asyncio.run(ask_as_people_do())
    worker.stop()
    scribe.stop()


def test_a_desk_and_its_folder_tell_the_same(tmp_path: Path) -> None:
    """`GET /api/desk/performance` and `report` on the folder afterwards: one JSON; what cannot be asked is refused."""
    marks = tmp_path / "equity.csv"
    marks.write_text("time,Equity\n2026-01-05,100\n2026-01-06,110\n2026-01-07,99\n")
    with DeskProcess(tmp_path) as process:
        words = ["equity", "import", "--data", str(process.data), "--currency", "USD", str(marks)]
        assert CliRunner().invoke(app, words).exit_code == 0
        desk = RunningDesk.at(process.data, process.url)
        told = desk.get("/api/desk/performance", window="all", periods_per_year=252)
        with urlopen(f"{process.url}/api/desk/report.html?window=all", timeout=10) as answer:
            page = answer.read().decode()
            assert "attachment" in answer.headers["content-disposition"]
        assert page.startswith("<!doctype html>")
        assert "Max drawdown" in page
        (standing,) = desk.get("/api/desk/trading")["portfolios"]
        refused = [("window", "soon"), ("mode", "dream"), *(("periods_per_year", each) for each in ("0", "nan", "x"))]
        for name, value in refused:
            with pytest.raises(QueryError):
                desk.get("/api/desk/performance", **{name: value})
    assert told["max_drawdown"] == pytest.approx(-0.1)
    assert (standing["equity"]["value"], standing["drawdown"]["value"]) == (99, pytest.approx(-0.1))
    asked = {"window": "all", "periods_per_year": 252.0, "account": None, "bot": None}
    assert json.loads(performance_in(process.data, None, asked, "").model_dump_json()) == told
    assert PerformanceShape.model_validate(told) == performance_in(process.data, None, asked, "")
