"""Why a figure has no value: each reason is the true one, whatever else is unknown."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from nightdesk.app.performance.account import without_settings
from nightdesk.app.performance.performance import Performance
from nightdesk.app.performance.reading import Question, read_performance
from nightdesk.app.performance.window import Window
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.model.ledger import EquityMark, LedgerEntry, ReturnMark, Selection
from nightdesk.model.trade import Mode, Portfolio
from nightdesk.testing.ledger import MemoryLedger
from nightdesk.testing.ledger_rows import DAY, T0, a_trade, in_portfolio, origin
from nightdesk.workers import Workers


def told(rows: Iterable[LedgerEntry], selection: Selection = Selection()) -> Performance:  # noqa: B008 - frozen
    """Return the figures of rows, of all time."""
    ledger = MemoryLedger()
    ledger.take(list(rows))
    question = Question(selection, Window.parse("all", 0))
    return read_performance(TradingDesk(ledger, Workers("ledger", 0)), question, without_settings)


def mark(day: int, equity: str, currency: str = "USD", portfolio: Portfolio | None = None) -> EquityMark:
    """Build an equity mark some days after T0."""
    return EquityMark(origin(f"mark {day}", portfolio=portfolio), T0 + day * DAY, Decimal(equity), currency)


def test_a_name_that_the_ledger_never_heard_of_is_told() -> None:
    """A slip of the pen gives no figure at all, and the names that there are; no count is 0."""
    rows = [a_trade("1", "5", portfolio=in_portfolio(account="main", bot="maker"))]
    for selection, sentence in (
        (Selection(bot="Xyz"), "the ledger has no bot 'Xyz'; it has maker"),
        (Selection(account="other", bot="maker"), "the ledger has no account 'other'; it has main"),
    ):
        found = told(rows, selection)
        assert {(figure.value, figure.reason) for figure in found.figures.values()} == {(None, sentence)}
    assert told(rows, Selection("main", "maker", Mode.PAPER)).figure("total_trades").value == 0


@pytest.mark.parametrize(
    ("marks", "word"),
    [
        ([mark(0, "100"), mark(1, "110", "EUR")], "several currencies (EUR, USD)"),
        ([mark(0, "1"), mark(1, "2", portfolio=in_portfolio(account="b"))], "several accounts"),
    ],
)
def test_the_reason_is_the_true_one(marks: list[LedgerEntry], word: str) -> None:
    """Where there is equity, but of several currencies or accounts, each figure says that: not that none is known."""
    found = told(marks)
    for name in ("sharpe_ratio", "max_drawdown", "total_return"):
        assert word in str(found.figure(name).reason)


def test_nothing_grows_after_more_than_everything_was_lost() -> None:
    """Two returns below -100 % do not make a gain: growth has no value, and the drawdown is that of the loss."""
    lost: list[LedgerEntry] = [
        ReturnMark(origin(str(day)), T0 + day * DAY, value) for day, value in enumerate((0.1, -1.5, -3.0, 0.5))
    ]
    found = told(lost)
    assert "total loss" in str(found.figure("total_return").reason)
    assert "total loss" in str(found.figure("annual_return").reason)
    assert found.figure("max_drawdown").value == pytest.approx(-1.5)
    assert told(lost[:2]).figure("total_return").value == pytest.approx(1.1 * -0.5 - 1)


def test_a_window_is_named_as_it_was_asked_for() -> None:
    """7d is not called 1w."""
    assert Window.parse("7d", 0).name == "7d"
