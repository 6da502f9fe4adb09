"""Importing a file: in batches, each row once, the mode of equity, the balance a person gave."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from nightdesk.app.trading.importing import BATCH, Asked, import_file
from nightdesk.app.trading.offline import open_ledger
from nightdesk.errors import BadPayload
from nightdesk.model.ledger import Selection
from nightdesk.model.trade import Mode
from nightdesk.testing.trade_files import written
from nightdesk.trades.sources.layouts import BY_NAME
from nightdesk.trades.sources.mapping import RowKind
from nightdesk.trades.sources.reading import Stated

HEADER = "time,symbol,side,quantity,price,currency\n"
EQUITY = "time,Equity\n2024-01-01,100\n2024-01-02,101\n"


def rows(count: int, first: int = 0) -> str:
    """Write fills."""
    return "".join(f"2024-01-01T00:00:00.{n:06}Z,AMD,buy,1,10,USD\n" for n in range(first, first + count))


def test_a_file_that_grew_adds_only_the_new_rows(tmp_path: Path) -> None:
    """More than one batch, imported, imported again, and grown: each row is there once, and progress is told."""
    told: list[int] = []
    with open_ledger(tmp_path / "data") as trading:
        asked = Asked(written(tmp_path, HEADER + rows(BATCH + 5)), RowKind.FILLS, Stated())
        assert import_file(trading, asked, told.append).taken.added == BATCH + 5
        written(tmp_path, HEADER + rows(BATCH + 8))
        taken = import_file(trading, asked).taken
        assert (taken.added, taken.known, taken.corrected) == (3, BATCH + 5, 0)
    assert told == [BATCH]


def test_set_aside_rows_are_kept_and_named(tmp_path: Path) -> None:
    """The summary names them, the ledger keeps them once, the rest is in."""
    file = written(tmp_path, HEADER + rows(2) + "2024-01-01,AMD,hold,1,10,USD\n")
    with open_ledger(tmp_path / "data") as trading:
        for _ in range(2):
            imported = import_file(trading, Asked(file, RowKind.FILLS, Stated()))
        assert (imported.set_aside, imported.shown[0].row) == (1, 4)
        assert len(trading.ledger.rows_set_aside(10)) == 1
        assert trading.book(Selection()).set_aside_count == 1


def test_a_file_without_one_good_row_is_refused(tmp_path: Path) -> None:
    """Where no row can be read, the first reason is the answer; the rows are kept."""
    file = written(tmp_path, HEADER + "x,AMD,buy,1,10,USD\n")
    with open_ledger(tmp_path / "data") as trading:
        with pytest.raises(BadPayload, match="row 2: time"):
            import_file(trading, Asked(file, RowKind.FILLS, Stated()))
        assert len(trading.ledger.rows_set_aside(10)) == 1


@pytest.mark.parametrize(("stated", "mode"), [(None, "paper"), (Mode.BACKTEST, "backtest")])
def test_equity_takes_the_mode_of_its_account(tmp_path: Path, stated: Mode | None, mode: str) -> None:
    """Equity names no mode: it is that of all else in the account, and said; what a person states goes before."""
    fills, equity = written(tmp_path, HEADER + rows(1)), written(tmp_path, EQUITY, "equity.csv")
    with open_ledger(tmp_path / "data") as trading:
        import_file(trading, Asked(fills, RowKind.FILLS, Stated(mode=Mode.PAPER)))
        imported = import_file(trading, Asked(equity, RowKind.EQUITY, Stated(mode=stated)))
    assert imported.portfolios == (f"main / {mode}",)
    assert any("--mode" in note for note in imported.notes) == (stated is None)


def test_equity_before_its_trades_follows_them(tmp_path: Path) -> None:
    """Equity that came first is of its trades' mode once they are there, and importing it again adds none."""
    equity = Asked(written(tmp_path, EQUITY, "equity.csv"), RowKind.EQUITY, Stated())
    with open_ledger(tmp_path / "data") as trading:
        import_file(trading, equity)
        fills = Asked(written(tmp_path, HEADER + rows(1)), RowKind.FILLS, Stated(mode=Mode.BACKTEST))
        import_file(trading, fills)
        assert {held.portfolio.mode for held in trading.holdings()} == {"backtest"}
        again = import_file(trading, equity)
        assert (again.taken.known, again.taken.added, again.portfolios) == (2, 0, ("main / backtest",))
        book = trading.book(Selection(mode=Mode.BACKTEST))
    assert book.equity is not None
    assert len(book.equity) == 2


def test_a_balance_is_kept_with_its_currency(tmp_path: Path) -> None:
    """What a person states is kept once; another amount corrects it."""
    file = written(tmp_path, HEADER + rows(1))
    with open_ledger(tmp_path / "data") as trading:
        for amount in (Decimal(10_000), Decimal(12_000)):
            import_file(trading, Asked(file, RowKind.FILLS, Stated(), starting_balance=amount))
        (balance,) = trading.ledger.starting_balances(Selection())
    assert (balance.amount, balance.currency, balance.origin.portfolio.mode) == (Decimal(12_000), "USD", "live")


def test_equity_among_trades_is_taken_for_what_it_is(tmp_path: Path) -> None:
    """The wrong command on the right file takes the rows as what they are and says so."""
    file = written(tmp_path, EQUITY)
    with open_ledger(tmp_path / "data") as trading:
        imported = import_file(trading, Asked(file, RowKind.TRADES, Stated()))
    assert imported.rows == {"equity marks": 2}
    assert any("equity" in note for note in imported.notes)


FLOWS = "time,amount\n2024-01-01,500\n"


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.PAPER])
def test_a_deposit_counts_once_by_whatever_verb_and_with_its_mode_said_or_not(tmp_path: Path, mode: Mode) -> None:
    """The same file without a mode, with one, and given to another command leaves one deposit."""
    file, mapping = written(tmp_path, FLOWS, "flows.csv"), BY_NAME["flows"]
    with open_ledger(tmp_path / "data") as trading:
        for kind, stated in ((RowKind.EQUITY, None), (RowKind.EQUITY, mode), (RowKind.FILLS, None)):
            assert import_file(trading, Asked(file, kind, Stated(mode=stated), mapping)).taken.corrected == 0
        (flow,) = trading.ledger.flows(Selection())
    assert (flow.amount, flow.origin.portfolio.mode) == (Decimal(500), mode.value)


def test_a_row_that_was_put_right_is_set_aside_no_more(tmp_path: Path) -> None:
    """A mended file leaves no note; what another account lacks is told there alone."""
    text = HEADER + rows(2) + "2024-01-01,AMD,hold,1,10,USD\n"
    file = written(tmp_path, text)
    with open_ledger(tmp_path / "data") as trading:
        import_file(trading, Asked(file, RowKind.FILLS, Stated()))
        import_file(trading, Asked(file, RowKind.FILLS, Stated(account="other")))
        assert trading.book(Selection("main")).set_aside_count == 1
        written(tmp_path, text.replace("hold", "buy"))
        import_file(trading, Asked(file, RowKind.FILLS, Stated()))
        assert trading.book(Selection("main")).set_aside_count == 0
        assert trading.book(Selection("other")).set_aside_count == 1


RETURNS = "date,ret\n2024-01-01,0.1\n2024-01-02,0.2\n"


def test_returns_beside_others_of_the_same_portfolio_are_told(tmp_path: Path) -> None:
    """A second source of returns is named at once; the same file again, or one that grew, is not."""
    file = written(tmp_path, RETURNS, "returns.csv")
    again = Asked(file, RowKind.RETURNS, Stated())
    with open_ledger(tmp_path / "data") as trading:
        for asked, is_told in (
            (again, False),
            (again, False),
            (Asked(file, RowKind.RETURNS, Stated(), replace(BY_NAME["returns"], source="other")), True),
        ):
            notes = import_file(trading, asked).notes
            assert any("held 2 returns before" in note for note in notes) == is_told


def test_trades_of_no_bot_beside_those_of_one_are_told(tmp_path: Path) -> None:
    """A table names no strategy, the database of its bot does: that the same trades count twice is said."""
    file = written(tmp_path, HEADER + rows(1))
    with open_ledger(tmp_path / "data") as trading:
        first = import_file(trading, Asked(file, RowKind.FILLS, Stated(mode=Mode.BACKTEST)))
        second = import_file(trading, Asked(file, RowKind.FILLS, Stated(mode=Mode.BACKTEST, bot="Maker")))
        third = import_file(trading, Asked(file, RowKind.FILLS, Stated(mode=Mode.BACKTEST, bot="Maker")))
    assert [any("count twice" in note for note in each.notes) for each in (first, second, third)] == [
        False,
        True,
        False,
    ]
    assert "main / Maker / backtest" in second.notes[0]


@pytest.mark.parametrize("kind", [RowKind.EQUITY, RowKind.FILLS])
def test_the_mode_of_a_row_is_settled_by_its_kind(tmp_path: Path, kind: RowKind) -> None:
    """Beside paper equity, equity is paper and fills are live, whichever command takes them."""
    equity, fills = written(tmp_path, EQUITY, "equity.csv"), written(tmp_path, HEADER + rows(1))
    with open_ledger(tmp_path / "data") as trading:
        import_file(trading, Asked(equity, RowKind.EQUITY, Stated(mode=Mode.PAPER, bot="one")))
        assert import_file(trading, Asked(equity, kind, Stated())).portfolios == ("main / paper",)
        assert import_file(trading, Asked(fills, kind, Stated())).portfolios == ("main / live",)
