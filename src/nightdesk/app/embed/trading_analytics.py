"""`TradingAnalytics`: how trading did over a window, as Python values."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Self

from nightdesk.analytics.catalogue.table import CATALOGUE
from nightdesk.app.shapes.performance import CurrencyShape, PerformanceShape, StatisticShape

Figures = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class TradingAnalytics:
    """Figures of one mode over a window: numbers, or None with a sentence in `reasons`.

    Ratios and fractions are plain numbers (0.5 is 50 %), drawdowns are zero or below. An infinite ratio, as the profit
    factor without a losing trade, is +inf here and null in JSON.
    """

    total_trades: int
    winning_trades: int
    win_rate: float | None
    """Of closed trades, after fees."""
    total_pnl: Decimal | None
    """Exact, net of fees, in `currency`; None where several currencies have no rate: see `by_currency`."""
    average_profit: float | None
    """P&L per closed trade."""
    sharpe_ratio: float | None
    max_drawdown: float | None
    profit_factor: float | None
    sortino_ratio: float | None
    calmar_ratio: float | None
    annual_volatility: float | None
    currency: str
    """Of the money; empty where there are several, or none."""
    mode: str | None
    """`live`, `paper` or `backtest`: modes are never mixed. None where nothing was traded."""
    basis: str | None
    """What returns were made of: `marked to market`, `realised only`, `returns as reported`; None where none are."""
    start: int
    end: int
    """The window [start, end) in ms, where something is known of it."""
    last_trade_at: int | None
    """When the last trade closed, in ms, in the window or before it."""
    figures: Figures
    """Every figure of the catalogue, by its name."""
    reasons: Mapping[str, str]
    """Why a figure is None, or what an infinite one means."""
    statistics: Mapping[str, StatisticShape]
    """The same with unit, n, periods a year, whether those were assumed, and the convention."""
    by_currency: tuple[CurrencyShape, ...]
    notes: tuple[str, ...]
    """What a reader has to know, as sentences."""

    @classmethod
    def of(cls, shape: PerformanceShape) -> Self:
        """Take the figures as the desk tells them."""
        statistics = {each.name: each for each in shape.statistics}
        figures = {name: _value(each) for name, each in statistics.items()}
        currencies = [each.currency for each in shape.by_currency]
        return cls(
            total_trades=int(figures["total_trades"] or 0),
            winning_trades=int(figures["winning_trades"] or 0),
            win_rate=figures["win_rate"],
            total_pnl=None if shape.total_pnl_text is None else Decimal(shape.total_pnl_text),
            average_profit=figures["average_profit"],
            sharpe_ratio=figures["sharpe_ratio"],
            max_drawdown=figures["max_drawdown"],
            profit_factor=figures["profit_factor"],
            sortino_ratio=figures["sortino_ratio"],
            calmar_ratio=figures["calmar_ratio"],
            annual_volatility=figures["annual_volatility"],
            currency=currencies[0] if len(currencies) == 1 else "",
            mode=shape.portfolio.mode,
            basis=shape.basis,
            start=shape.window.start,
            end=shape.window.end,
            last_trade_at=shape.last_trade_at,
            figures=figures,
            reasons={name: each.reason for name, each in statistics.items() if each.reason},
            statistics=statistics,
            by_currency=tuple(shape.by_currency),
            notes=tuple(shape.notes),
        )


def _value(shape: StatisticShape) -> float | None:
    """Return the number; one that JSON cannot carry is infinite where its reason says so."""
    row = CATALOGUE.get(shape.name)
    if shape.value is None and row is not None and row.infinite and shape.reason == row.infinite:
        return inf
    return shape.value
