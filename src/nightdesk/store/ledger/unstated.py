"""Worth whose mode nobody stated: it goes to the only mode in which its account trades, whichever came first."""

from collections.abc import Iterable
from typing import Final

from nightdesk.model.ledger import UNSTATED_MODE
from nightdesk.model.trade import Portfolio
from nightdesk.store.ledger.taking import Portfolios, all_portfolios
from nightdesk.store.sqlite import Database

_WORTH: Final = ("equity_marks", "cash_flows", "return_marks")
_TRADED: Final = ("trades", "fills")
_MARKED: Final = f"%{UNSTATED_MODE}"


def settle_modes(database: Database, accounts: Iterable[str]) -> None:
    """Move the unstated rows of accounts that trade in one mode into that mode; call it within a transaction."""
    known = all_portfolios(database)
    for account in sorted(set(accounts)):
        own = [(number, portfolio) for number, portfolio in known if portfolio.account == account]
        modes = {portfolio.mode for number, portfolio in own if _has_any(database, _TRADED, number)}
        if len(modes) == 1:
            mode = modes.pop()
            for number, portfolio in own:
                if portfolio.mode != mode and _has_any(database, _WORTH, number, _MARKED):
                    target = Portfolios(database).number(Portfolio(account, portfolio.bot, mode))
                    _move(database, number, target)


def _has_any(database: Database, tables: Iterable[str], portfolio: int, source: str = "%") -> bool:
    return any(
        database.execute(
            f"SELECT 1 FROM {table} WHERE portfolio = ? AND source LIKE ? LIMIT 1",  # noqa: S608 - our own names
            (portfolio, source),
        )
        for table in tables
    )


def _move(database: Database, portfolio: int, target: int) -> None:
    """Give rows another portfolio; one that is there already stands for both."""
    for table in _WORTH:
        database.execute(
            f"DELETE FROM {table} WHERE portfolio = ? AND source LIKE ? AND EXISTS ("  # noqa: S608 - our own names
            f"SELECT 1 FROM {table} AS twin WHERE twin.portfolio = ? AND twin.source = {table}.source"
            f" AND twin.id = {table}.id)",
            (portfolio, _MARKED, target),
        )
        database.execute(
            f"UPDATE {table} SET portfolio = ? WHERE portfolio = ? AND source LIKE ?",  # noqa: S608 - our own names
            (target, portfolio, _MARKED),
        )
