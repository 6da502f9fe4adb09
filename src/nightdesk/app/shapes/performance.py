"""Figures of a window as JSON: what `/api/desk/performance` answers and `nightdesk report --json` prints.

Instants in ms. A figure without a value is null with its reason; NaN and infinities never become tokens.
"""

from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from nightdesk.analytics.catalogue.table import CATALOGUE
from nightdesk.analytics.figure import Figure
from nightdesk.analytics.returns.drawdown import Episode
from nightdesk.analytics.returns.tables import CalendarReturn
from nightdesk.analytics.trades.splits import Share, SplitBy
from nightdesk.app.performance.performance import CurrencyResult, Path, Performance
from nightdesk.app.shapes.shape import Shape, Text
from nightdesk.model.instant import to_millis
from nightdesk.model.trade import Trade

KEYS: Final = (
    "total_trades",
    "winning_trades",
    "win_rate",
    "total_pnl",
    "average_profit",
    "profit_factor",
    "sharpe_ratio",
    "sortino_ratio",
    "max_drawdown",
    "calmar_ratio",
    "annual_volatility",
)
"""The figures that stand at the top of the JSON under their own names; they never change theirs."""
MOST_POINTS: Final = 600
"""Points of a curve: a chart is no wider."""
MOST_FALLS: Final = 20
MOST_TRADES: Final = 200
"""The newest trades, for charts and tables; the ledger has the others."""
MOST_SHARES: Final = 50


class AbsentShape(Shape):
    """A figure that has no value, and why."""

    value: None = None
    reason: Text


Told = Annotated[int | float | AbsentShape, Field(union_mode="left_to_right")]


class StatisticShape(Shape):
    """One figure of the catalogue."""

    name: str
    title: str
    family: str
    value: int | float | None
    value_text: str | None
    """The exact amount, where it is a sum of money."""
    reason: Text | None
    unit: Text
    n: int
    periods_per_year: float | None
    periods_assumed: bool
    convention: str

    @classmethod
    def of(cls, figure: Figure) -> "StatisticShape":
        """Shape a figure."""
        row = CATALOGUE.get(figure.name) or CATALOGUE["max_drawdown"]
        return cls(
            name=figure.name,
            title=figure.title,
            family=row.group.value,
            value=plain(figure.value),
            value_text=format(figure.value, "f") if isinstance(figure.value, Decimal) else None,
            reason=figure.reason,
            unit=figure.unit,
            n=figure.n,
            periods_per_year=figure.periods_per_year,
            periods_assumed=figure.periods_assumed,
            convention=figure.convention,
        )

    @property
    def told(self) -> Told:
        """The plain number, or that there is none and why."""
        return AbsentShape(reason=self.reason or "no value") if self.value is None else self.value


def plain(value: Decimal | float | None) -> int | float | None:
    """Return a number as JSON knows it; None for an infinite one."""
    if value is None or not isfinite(value):
        return None
    return float(value) if isinstance(value, Decimal) else value


class PortfolioShape(Shape):
    """Whose figures; null stands for all of them."""

    account: Text | None
    bot: Text | None
    mode: Literal["live", "paper", "backtest"] | None


class WindowShape(Shape):
    """The window: as asked, and where something is known of it."""

    name: str
    start: int
    end: int


class CurrencyShape(Shape):
    """What the trades of one currency came to; every figure of the trades in `statistics`."""

    currency: Text
    total_trades: int
    winning_trades: int
    win_rate: Told
    total_pnl: Told
    total_pnl_text: str | None
    statistics: list[StatisticShape]

    @classmethod
    def of(cls, result: CurrencyResult) -> "CurrencyShape":
        """Shape the trades of one currency."""
        shapes = {name: StatisticShape.of(figure) for name, figure in result.figures.items()}
        return cls(
            currency=result.currency,
            total_trades=int(shapes["total_trades"].value or 0),
            winning_trades=int(shapes["winning_trades"].value or 0),
            win_rate=shapes["win_rate"].told,
            total_pnl=shapes["total_pnl"].told,
            total_pnl_text=shapes["total_pnl"].value_text,
            statistics=list(shapes.values()),
        )


class CurveShape(Shape):
    """A curve of a bounded number of points that keeps its extremes."""

    times: list[int]
    values: list[float | None]
    currency: Text = ""
    """Empty where the values are wealth that began with 1, or fractions."""
    basis: str = ""

    @classmethod
    def equity_of(cls, path: Path | None, basis: str, most: int = MOST_POINTS) -> "CurveShape | None":
        """Shape the equity of a path in at most `most` points."""
        if path is None:
            return None
        few = path.thinned(most)
        values = [value if isfinite(value) else None for value in few.values.tolist()]
        return cls(times=_millis(few), values=values, currency=few.currency, basis=basis)

    @classmethod
    def drawdown_of(cls, path: Path | None, most: int = MOST_POINTS) -> "CurveShape | None":
        """Shape the drawdowns of a path, at the same instants as its equity."""
        if path is None:
            return None
        few = path.thinned(most)
        return cls(times=_millis(few), values=few.drawdowns.tolist())


class MonthShape(Shape):
    """The compounded return of a month by the account's calendar; `month` is null for a whole year."""

    year: int
    month: int | None
    value: float
    periods: int

    @classmethod
    def of(cls, each: CalendarReturn) -> "MonthShape":
        """Shape a month or a year."""
        return cls(year=each.year, month=each.month, value=each.value, periods=each.periods)


class FallShape(Shape):
    """One drawdown: a depth below zero, and its dates."""

    depth: float
    peak_at: int | None
    valley_at: int
    recovered_at: int | None
    days: float

    @classmethod
    def of(cls, fall: Episode) -> "FallShape":
        """Shape a drawdown."""
        return cls(
            depth=fall.depth,
            peak_at=None if fall.peak_at is None else to_millis(fall.peak_at),
            valley_at=to_millis(fall.valley_at),
            recovered_at=None if fall.recovered_at is None else to_millis(fall.recovered_at),
            days=fall.seconds / 86_400,
        )


class ShareShape(Shape):
    """Trades of one symbol, tag, weekday ..."""

    key: Text
    trades: int
    wins: int
    losses: int
    win_rate: float
    pnl: float | None
    pnl_text: str | None
    average_profit: float | None
    profit_factor: float | None
    """Null without a loser: then it is infinite, or there is no winner either."""

    @classmethod
    def of(cls, share: Share) -> "ShareShape":
        """Shape a share."""
        return cls(
            key=share.key,
            trades=share.trades,
            wins=share.wins,
            losses=share.losses,
            win_rate=share.win_rate,
            pnl=plain(share.pnl),
            pnl_text=None if share.pnl is None else format(share.pnl, "f"),
            average_profit=share.average_profit,
            profit_factor=plain(share.profit_factor),
        )


class ClosedTradeShape(Shape):
    """One of the newest closed trades."""

    symbol: Text
    direction: Literal["long", "short"]
    opened_at: int
    closed_at: int
    pnl: float
    pnl_text: str
    currency: Text
    return_ratio: float | None
    tag: Text
    exit_reason: Text

    @classmethod
    def of(cls, trade: Trade) -> "ClosedTradeShape":
        """Shape a closed trade."""
        pnl = trade.pnl or Decimal(0)
        return cls(
            symbol=trade.symbol,
            direction="long" if trade.direction.sign > 0 else "short",
            opened_at=to_millis(trade.opened_at),
            closed_at=to_millis(trade.closed_at or 0),
            pnl=float(pnl),
            pnl_text=format(pnl, "f"),
            currency=trade.currency,
            return_ratio=plain(trade.return_ratio),
            tag=trade.tag,
            exit_reason=trade.exit_reason,
        )


class PerformanceShape(Shape):
    """`GET /api/desk/performance`."""

    portfolio: PortfolioShape
    window: WindowShape
    basis: str | None
    total_trades: Told
    winning_trades: Told
    win_rate: Told
    total_pnl: Told
    average_profit: Told
    profit_factor: Told
    sharpe_ratio: Told
    sortino_ratio: Told
    max_drawdown: Told
    calmar_ratio: Told
    annual_volatility: Told
    total_pnl_text: str | None
    statistics: list[StatisticShape]
    by_currency: list[CurrencyShape]
    notes: list[Text]
    equity: CurveShape | None
    drawdown: CurveShape | None
    monthly: list[MonthShape]
    yearly: list[MonthShape]
    drawdowns: list[FallShape]
    splits: dict[str, list[ShareShape]]
    trades: list[ClosedTradeShape]
    last_trade_at: int | None

    @classmethod
    def of(cls, found: Performance) -> "PerformanceShape":
        """Shape a performance."""
        statistics = {name: StatisticShape.of(figure) for name, figure in found.figures.items()}
        selection, mode = found.selection, found.selection.mode
        return cls(
            portfolio=PortfolioShape(
                account=selection.account, bot=selection.bot, mode=None if mode is None else mode.value
            ),
            window=WindowShape(name=found.window.name, start=to_millis(found.start), end=to_millis(found.end)),
            basis=None if found.basis is None else found.basis.value,
            **{key: statistics[key].told for key in KEYS},
            total_pnl_text=statistics["total_pnl"].value_text,
            statistics=list(statistics.values()),
            by_currency=[CurrencyShape.of(each) for each in found.by_currency],
            notes=list(found.notes),
            equity=None if found.basis is None else CurveShape.equity_of(found.path, found.basis.value),
            drawdown=CurveShape.drawdown_of(found.path),
            monthly=[MonthShape.of(each) for each in found.months],
            yearly=[MonthShape.of(each) for each in found.years],
            drawdowns=[FallShape.of(fall) for fall in found.falls[:MOST_FALLS]],
            splits={by.name.lower(): _shares(found.splits[by]) for by in SplitBy},
            trades=[ClosedTradeShape.of(trade) for trade in found.trades[-MOST_TRADES:]],
            last_trade_at=None if found.last_trade_at is None else to_millis(found.last_trade_at),
        )

    def report(self) -> dict[str, Any]:
        """Return the JSON of `nightdesk report --json`: the same with `statistics` by name."""
        told = self.model_dump(mode="json")
        return told | {"statistics": {each["name"]: each for each in told["statistics"]}}


def _millis(path: Path) -> list[int]:
    return [to_millis(each) for each in path.times.tolist()]


def _shares(shares: Sequence[Share]) -> list[ShareShape]:
    return [ShareShape.of(share) for share in shares[:MOST_SHARES]]
