"""The routes of the ledger: rows in, and trades, positions, holdings and rows set aside out."""

from typing import Final

from pydantic import BaseModel

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.app.desk import Desk
from nightdesk.app.shapes.ledger import (
    HoldingsShape,
    PositionShape,
    PositionsShape,
    SetAsideShape,
    TakenShape,
    read_rows,
    trades_shape,
)
from nightdesk.app.trading.desk import TradingDesk
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT, to_nanos
from nightdesk.model.ledger import Selection
from nightdesk.model.trade import Mode

MOST_TRADES: Final = 10_000
USUAL_TRADES: Final = 100
MOST_SET_ASIDE: Final = 1_000
LATEST: Final = 9 * 10**12
"""Milliseconds; the year 2255, within what nanoseconds can count."""


async def take(request: Request, desk: Desk) -> Response:
    """Take rows, each once, durable before the answer."""

    def work(trading: TradingDesk) -> TakenShape:
        rows = read_rows(request.body)
        return TakenShape.of(trading.take(rows.entries, rows.set_aside, rows.ended), len(rows.set_aside))

    return _shaped(await desk.trading.keep(work))


async def holdings(_request: Request, desk: Desk) -> Response:
    """What the ledger holds of each portfolio."""
    return _shaped(HoldingsShape(holdings=await desk.trading.ask(lambda trading: trading.holdings())))


async def set_aside(request: Request, desk: Desk) -> Response:
    """Rows that could not be read, newest first, `limit` of them."""
    limit = min(Parameters.of(request).count("limit") or USUAL_TRADES, MOST_SET_ASIDE)
    rows = await desk.trading.ask(lambda trading: trading.ledger.rows_set_aside(limit))
    return _shaped(SetAsideShape(rows=rows))


async def trades(request: Request, desk: Desk) -> Response:
    """Closed trades, newest first, `limit` of them, and open ones; by `account`, `bot`, `mode`, `start`, `end` (ms)."""
    asked = Parameters.of(request)
    selection, limit = selection_of(asked), min(asked.count("limit") or USUAL_TRADES, MOST_TRADES)
    shape = await desk.trading.ask(lambda trading: trades_shape(trading.newest(selection, limit)))
    return await desk.aside(lambda: _shaped(shape).packed(request))


async def positions(request: Request, desk: Desk) -> Response:
    """What is open, by `account`, `bot` and `mode`."""
    selection = selection_of(Parameters.of(request))
    found = await desk.trading.ask(lambda trading: trading.book(selection).open_positions)
    return _shaped(PositionsShape(positions=[PositionShape.of(position) for position in found]))


def selection_of(asked: Parameters) -> Selection:
    """Read `account`, `bot`, `mode`, `start` and `end` (ms, end exclusive). Raises Refused."""
    mode = asked.text("mode")
    if mode not in ("", *(each.value for each in Mode)):
        raise bad_parameter("mode", "one of live, paper, backtest")
    return Selection(
        account=asked.text("account") or None,
        # An empty `bot=` means what belongs to the account as a whole; without it all bots are meant.
        bot=asked.text("bot") if "bot" in asked.fields else None,
        mode=Mode(mode) if mode else None,
        start=_instant(asked, "start", MIN_INSTANT),
        end=_instant(asked, "end", MAX_INSTANT),
    )


def _instant(asked: Parameters, name: str, default: int) -> int:
    if not asked.text(name):
        return default
    millis = asked.count(name)
    if millis > LATEST:
        raise bad_parameter(name, "an instant in milliseconds since 1970")
    return to_nanos(millis)


def _shaped(shape: BaseModel) -> Response:
    return Response(200, shape.model_dump_json().encode(), headers=((b"cache-control", b"no-store"),))
