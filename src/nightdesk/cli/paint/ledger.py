"""Trades and rows set aside as lines for people."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from nightdesk.cli.paint.paint import printable

Answer = Mapping[str, Any]


def trade_lines(answer: Answer) -> Iterator[str]:
    """Write closed trades, newest first, then open ones; times in UTC."""
    shown = answer["trades"]
    for trade in shown:
        yield printable(
            f"{_time(trade['closed_at'])}  {_whose(trade)}  {trade['symbol']}  {trade['direction']}"
            f"  {_short(trade['quantity_text'])}  {_short(trade['pnl_text'])} {trade['currency']}"
        )
    for trade in answer["open_trades"]:
        yield printable(
            f"{_time(trade['opened_at'])}  {_whose(trade)}  {trade['symbol']}  {trade['direction']}"
            f"  {_short(trade['quantity_text'])}  open"
        )
    yield f"{answer['total']:,} closed trades, {len(shown):,} shown; {len(answer['open_trades']):,} open"


def set_aside_lines(answer: Answer) -> Iterator[str]:
    """Write rows that could not be read, newest first."""
    for row in answer["rows"]:
        yield printable(f"{row['source']}, row {row['row']}: {row['reason']}  |  {row['content']}")
    if not answer["rows"]:
        yield "no row is set aside"


def _short(amount: str) -> str:
    """Leave out the zeros that an exact amount was written with."""
    return amount.rstrip("0").rstrip(".") if "." in amount and "E" not in amount else amount


def _whose(trade: Answer) -> str:
    return "/".join(filter(None, (trade["account"], trade["bot"], trade["mode"])))


def _time(millis: int) -> str:
    return datetime.fromtimestamp(millis / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
