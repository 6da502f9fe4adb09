"""The trading cases that other programs have judged, read where they lie: counts and sums by each case's own files."""

import csv
import gzip
import json
import os
from decimal import Context, Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest

from nightdesk.app.trading.book import read_book
from nightdesk.app.trading.importing import Asked, import_file
from nightdesk.app.trading.offline import open_ledger
from nightdesk.model.ledger import PriceMark, Selection, Taken
from nightdesk.model.money import EXACT
from nightdesk.model.trade import Fill, Origin, Trade
from nightdesk.testing.servers.services import missing
from nightdesk.testing.trade_files import read
from nightdesk.trades.matching import match
from nightdesk.trades.positions import positions
from nightdesk.trades.sources.mapping import RowKind
from nightdesk.trades.sources.reading import Stated

ROOT = Path(__file__).parents[2]
CHECKS = Path(os.environ.get("NIGHTDESK_CHECKS", "../shared/checks"))
CASES = (CHECKS if CHECKS.is_absolute() else ROOT / CHECKS) / "trading"


def case(name: str) -> Path:
    """Return the folder of a case; where the cases are not there the test is skipped at home and fails in CI."""
    if not CASES.is_dir():
        missing(f"the trading cases are not at {CASES}; set NIGHTDESK_CHECKS")
    return CASES / name


@pytest.mark.parametrize(
    ("name", "file", "count", "pnl", "wins"),
    [
        ("goog_smacross", "freqtrade_tradesv3.sqlite", 94, "45574.51294", 50),
        ("goog_smacross", "trades.csv", 94, "45574.51294", 50),
        ("goog_no_loss", "trades.csv", 14, "7114.5615904", 14),
        ("goog_single_trade", "trades.csv", 1, "61752.7305", 1),
        ("no_trades_flat", "trades.csv", 0, "0", 0),
        ("freqtrade_5m_247", "trades.csv", 179, "0.00104190298569784", 170),
        ("freqtrade_5m_247", "backtest-result.json", 179, "0.001041902985696884505", 170),
    ],
)
def test_trades_by_their_own_file(tmp_path: Path, name: str, file: str, count: int, pnl: str, wins: int) -> None:
    """Imported twice, each case's trades are there once, and their P&L is the sum of its file."""
    with open_ledger(tmp_path) as trading:
        asked = Asked(case(name) / file, RowKind.TRADES, Stated())
        first, again = import_file(trading, asked), import_file(trading, asked)
        assert (again.taken.added, again.taken.corrected) == (0, 0)
        assert first.taken == Taken(added=again.taken.known)
        book = trading.book(Selection())
    with localcontext(EXACT):
        assert sum((trade.pnl or Decimal(0) for trade in book.trades), Decimal(0)) == Decimal(pnl)
    assert len(book.trades) == count
    assert sum((trade.pnl or 0) > 0 for trade in book.trades) == wins
    assert (book.open_trades, book.set_aside_count) == ((), 0)


@pytest.mark.parametrize("name", ["goog_smacross", "goog_no_loss", "goog_single_trade", "no_trades_flat"])
def test_equity_compounds_to_the_agreed_return(tmp_path: Path, name: str) -> None:
    """The curve's total return is the one that several programs agree on, and each return is the file's."""
    agreed = json.loads((case(name) / "agreement.json").read_text())["total_return"]["agreed"]
    with open_ledger(tmp_path) as trading:
        import_file(trading, Asked(case(name) / "equity.csv", RowKind.EQUITY, Stated()))
        import_file(trading, Asked(case(name) / "returns.csv", RowKind.RETURNS, Stated()))
        book = read_book(trading.ledger, Selection())
    assert book.equity is not None
    assert book.returns is not None
    assert book.equity.values[-1] / book.equity.values[0] - 1 == pytest.approx(agreed or 0.0, rel=1e-6, abs=1e-12)
    assert book.equity.returns().values == pytest.approx(book.returns.values, abs=1e-8)
    assert list(book.equity.times[1:]) == list(book.returns.times)


def test_round_trips_sum_to_the_change_of_the_positions() -> None:
    """What 9,367 fills realised and what is open at the last prices make the money that the positions gained."""
    folder = case("pyfolio_fills")
    fills = [entry for entry in read(folder / "fills.csv.gz")[0] if isinstance(entry, Fill)]
    closed, still_open = match(fills)
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text())["peers"]["pyfolio-reloaded"][
        "metrics"
    ]
    with localcontext(EXACT):
        realised = sum((trade.pnl or Decimal(0) for trade in closed), Decimal(0))
        last = last_prices(folder, {trade.symbol: trade.quantity * trade.direction.sign for trade in still_open})
        marks = [
            PriceMark(Origin(fills[0].origin.portfolio, "test", symbol), symbol, price, "", fills[-1].at)
            for symbol, price in last.items()
        ]
        unrealised = sum((each.unrealised_pnl or Decimal(0) for each in positions(still_open, marks)), Decimal(0))
    assert float(realised + unrealised) == pytest.approx(
        expected["stats"]["pnl"]["All trades"]["Total profit"], rel=1e-9
    )
    # The peer closes what is open by one more fill a symbol, and makes one with a sale of the same day.
    merged = sum(last_fill(fills, trade).side.sign != trade.direction.sign for trade in still_open)
    assert len(closed) + len(still_open) - merged == expected["round trips"]


def last_fill(fills: list[Fill], trade: Trade) -> Fill:
    """Return the last fill of a trade's symbol."""
    return [fill for fill in fills if fill.symbol == trade.symbol][-1]


def last_prices(folder: Path, held: dict[str, Decimal]) -> dict[str, Decimal]:
    """Return the last price of each symbol: the dollar value of the position over its quantity."""
    with gzip.open(folder / "positions.csv.gz", "rt") as lines:
        *_, last = csv.DictReader(lines)
    return {symbol: Context(prec=100).divide(Decimal(last[symbol]), quantity) for symbol, quantity in held.items()}
