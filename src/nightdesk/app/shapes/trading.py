"""How portfolios stand now as JSON: what the page Now shows of money. Instants in ms."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, Literal

from nightdesk.analytics.returns.curves import thinned
from nightdesk.app.performance.performance import Path
from nightdesk.app.performance.today import Amount, Standing
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
    equity_curve: CurveShape | None
    last_trade_at: int | None

    @classmethod
    def of(cls, standing: Standing) -> "StandingShape":
        """Shape a standing."""
        equity, currency = standing.equity, standing.currency
        return cls(
            account=standing.portfolio.account,
            bot=standing.portfolio.bot,
            mode=Mode(standing.portfolio.mode),
            currency=currency,
            pnl_today=DayShape(
                **_told(standing.pnl_today, currency), day_started_at=to_millis(standing.day_started_at)
            ),
            equity=WorthShape(**_told(equity, currency), at=None if equity.at is None else to_millis(equity.at)),
            drawdown=DepthShape(value=standing.drawdown, reason=standing.drawdown_reason, basis=standing.basis),
            unrealised_pnl=AmountShape(**_told(standing.unrealised, currency)),
            open_trades=standing.open_trades,
            positions=[OpenShape.of(position) for position in standing.positions[:MOST_POSITIONS]],
            equity_curve=_curve(standing.path, standing.basis or ""),
            last_trade_at=None if standing.last_trade_at is None else to_millis(standing.last_trade_at),
        )


class TradingShape(Shape):
    """`GET /api/desk/trading`."""

    portfolios: list[StandingShape]

    @classmethod
    def of(cls, standings: Sequence[Standing]) -> "TradingShape":
        """Shape every portfolio."""
        return cls(portfolios=[StandingShape.of(standing) for standing in standings])


def _told(amount: Amount, currency: str | None) -> dict[str, Any]:
    return {
        "value": plain(amount.value),
        "value_text": _exact(amount.value),
        "reason": amount.reason,
        "currency": currency,
    }


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


def _curve(path: Path | None, basis: str) -> CurveShape | None:
    if path is None:
        return None
    at = thinned(path.values, MOST_POINTS)
    times = [to_millis(each) for each in path.times[at].tolist()]
    return CurveShape(times=times, values=path.values[at].tolist(), currency=path.currency, basis=basis)
