"""How portfolios stand now as JSON: what the page Now shows of money. Instants in ms."""

from decimal import Decimal
from typing import Any, Final, Literal

from nightdesk.app.performance.today import Amount, Standing, Standings
from nightdesk.app.shapes.performance import CurveShape, plain
from nightdesk.app.shapes.shape import Shape, Text
from nightdesk.model.instant import to_millis
from nightdesk.model.trade import Mode, Position

MOST_POINTS: Final = 200
MOST_POSITIONS: Final = 100
NO_PRICE: Final = "no price is known"


class AmountShape(Shape):
    """Money, or why there is none; `value_text` is exact."""

    value: float | None
    value_text: str | None
    reason: Text | None
    currency: Text | None


class DayShape(AmountShape):
    """What was realised since the account's day began."""

    day_started_at: int
    by_currency: list[AmountShape]
    """The same of each currency by itself, where trades closed today."""


class WorthShape(AmountShape):
    """What the portfolio was worth when it was last known."""

    at: int | None


class DepthShape(Shape):
    """Distance from the peak so far, a fraction, zero or below."""

    value: float | None
    reason: Text | None
    basis: str | None


class OpenShape(Shape):
    """What is open in one symbol."""

    symbol: Text
    direction: Literal["long", "short"]
    quantity: float
    quantity_text: str
    entry_price: float
    entry_price_text: str
    unrealised_pnl: float | None
    unrealised_pnl_text: str | None
    unrealised_reason: str | None
    realised_pnl: float | None
    """What parts of it brought already, as its source says; in no total before it closes."""
    realised_pnl_text: str | None
    opened_at: int
    currency: Text

    @classmethod
    def of(cls, position: Position) -> "OpenShape":
        """Shape a position."""
        return cls(
            symbol=position.symbol,
            direction="long" if position.direction.sign > 0 else "short",
            quantity=float(position.quantity),
            quantity_text=format(position.quantity, "f"),
            entry_price=float(position.entry_price),
            entry_price_text=format(position.entry_price, "f"),
            unrealised_pnl=plain(position.unrealised_pnl),
            unrealised_pnl_text=_exact(position.unrealised_pnl),
            realised_pnl=plain(position.realised_pnl),
            realised_pnl_text=_exact(position.realised_pnl),
            unrealised_reason=NO_PRICE if position.unrealised_pnl is None else None,
            opened_at=to_millis(position.opened_at),
            currency=position.currency,
        )


class StandingShape(Shape):
    """One portfolio as it stands."""

    account: Text
    bot: Text
    mode: Mode
    currency: Text | None
    pnl_today: DayShape
    equity: WorthShape
    drawdown: DepthShape
    unrealised_pnl: AmountShape
    open_trades: int
    positions: list[OpenShape]
    """The largest first, at most 100."""
    positions_total: int
    equity_curve: CurveShape | None
    last_trade_at: int | None

    @classmethod
    def of(cls, standing: Standing) -> "StandingShape":
        """Shape a standing."""
        equity = standing.equity
        return cls(
            account=standing.portfolio.account,
            bot=standing.portfolio.bot,
            mode=Mode(standing.portfolio.mode),
            currency=standing.currency,
            pnl_today=DayShape(
                **_told(standing.pnl_today),
                day_started_at=to_millis(standing.day_started_at),
                by_currency=[AmountShape(**_told(each)) for each in standing.pnl_today_by_currency],
            ),
            equity=WorthShape(**_told(equity), at=None if equity.at is None else to_millis(equity.at)),
            drawdown=DepthShape(value=standing.drawdown, reason=standing.drawdown_reason, basis=standing.basis),
            unrealised_pnl=AmountShape(**_told(standing.unrealised)),
            open_trades=standing.open_trades,
            positions=[OpenShape.of(position) for position in standing.positions[:MOST_POSITIONS]],
            positions_total=len(standing.positions),
            equity_curve=CurveShape.equity_of(standing.path, standing.basis or "", MOST_POINTS),
            last_trade_at=None if standing.last_trade_at is None else to_millis(standing.last_trade_at),
        )


class TradingShape(Shape):
    """`GET /api/desk/trading`."""

    portfolios: list[StandingShape]
    total: int
    """Portfolios of the ledger, of which those are told in which something happened last, live ones first."""

    @classmethod
    def of(cls, standings: Standings) -> "TradingShape":
        """Shape every portfolio that is told."""
        return cls(portfolios=[StandingShape.of(each) for each in standings.portfolios], total=standings.total)


def _told(amount: Amount) -> dict[str, Any]:
    return {
        "value": plain(amount.value),
        "value_text": _exact(amount.value),
        "reason": amount.reason,
        "currency": amount.currency,
    }


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
