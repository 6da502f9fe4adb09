"""Whose figures are told where nobody names a mode."""

from nightdesk.app.performance.choice import choose
from nightdesk.model.ledger import Holdings, Selection
from nightdesk.model.trade import Mode, Portfolio


def _held(mode: Mode, *, trades: int = 0, marks: int = 0) -> Holdings:
    return Holdings(Portfolio.of("main", "", mode), 0, 0, trades, marks, 0, (), None, None, None)


def test_money_at_stake_goes_first() -> None:
    """Live goes before paper, paper before back-tests; what is left out is named."""
    chosen, notes = choose(Selection(), [_held(Mode.BACKTEST, trades=3), _held(Mode.PAPER, trades=1)])
    assert (chosen.mode, "backtest (account main)" in notes[0]) == (Mode.PAPER, True)


def test_equity_alone_does_not_outrank_trades() -> None:
    """Equity marks of a live account beside the trades of a back-test: the figures are of what was traded."""
    chosen, notes = choose(Selection(), [_held(Mode.LIVE, marks=9), _held(Mode.BACKTEST, trades=3)])
    assert (chosen.mode, len(notes)) == (Mode.BACKTEST, 1)
    assert choose(Selection(), [_held(Mode.LIVE, marks=9)])[0].mode is Mode.LIVE
