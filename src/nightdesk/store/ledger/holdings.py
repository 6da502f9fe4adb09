"""What the ledger holds of each portfolio: one pass of counting a table, nothing decoded."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from nightdesk.model.ledger import Holdings
from nightdesk.model.trade import Portfolio
from nightdesk.store.ledger.taking import all_portfolios
from nightdesk.store.sqlite import Database, Row

_COUNTED: Final = {
    "fills": ("MIN(at)", "MAX(at)", "NULL"),
    "orders": ("MIN(at)", "MAX(at)", "NULL"),
    "trades": ("MIN(opened_at)", "MAX(COALESCE(closed_at, opened_at))", "MAX(closed_at)"),
    "equity_marks": ("MIN(at)", "MAX(at)", "NULL"),
    "cash_flows": ("MIN(at)", "MAX(at)", "NULL"),
    "return_marks": ("MIN(at)", "MAX(at)", "NULL"),
}
"""Table -> first instant, last instant, last close."""
_WITH_CURRENCY: Final = ("fills", "trades", "equity_marks", "cash_flows", "starting_balances")


def holdings(database: Database) -> list[Holdings]:
    """Return what is held of each portfolio, sorted by portfolio."""
    with database.transaction(reading=True):
        counted = {table: _counts(database, table) for table in _COUNTED}
        currencies: dict[int, set[str]] = defaultdict(set)
        for table in _WITH_CURRENCY:
            for portfolio, currency in database.execute(f"SELECT DISTINCT portfolio, currency FROM {table}"):  # noqa: S608
                currencies[portfolio].add(currency)
        portfolios = all_portfolios(database)
    return [
        _of(portfolio, {table: rows[number] for table, rows in counted.items() if number in rows}, currencies[number])
        for number, portfolio in portfolios
        if currencies.get(number) or any(number in rows for rows in counted.values())
    ]


def _counts(database: Database, table: str) -> dict[int, Row]:
    first, last, closed = _COUNTED[table]
    rows = database.execute(
        f"SELECT portfolio, COUNT(*), {first}, {last}, {closed} FROM {table} GROUP BY portfolio"  # noqa: S608
    )
    return {row[0]: row[1:] for row in rows}


def _of(portfolio: Portfolio, counts: dict[str, Row], currencies: Iterable[str]) -> Holdings:
    def rows(table: str) -> int:
        return int(counts[table][0]) if table in counts else 0

    return Holdings(
        portfolio,
        fills=rows("fills"),
        orders=rows("orders"),
        trades=rows("trades"),
        equity_marks=rows("equity_marks"),
        return_marks=rows("return_marks"),
        currencies=tuple(sorted(set(currencies) - {""})),
        first_at=min((row[1] for row in counts.values()), default=None),
        last_at=max((row[2] for row in counts.values()), default=None),
        last_trade_closed_at=counts["trades"][3] if "trades" in counts else None,
    )
