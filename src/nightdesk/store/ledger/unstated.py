"""Worth whose mode nobody stated: the mode is no part of its identity, and follows what becomes known.

It goes to the only mode in which its account trades, whichever came first; and where the same row comes with its mode
stated, before or after, that is the one row.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from nightdesk.model.ledger import CashFlow, EquityMark, LedgerEntry, ReturnMark, Worth
from nightdesk.model.trade import Fill, Portfolio, Trade
from nightdesk.store.ledger.forms import EQUITY, FLOWS, FORM_OF, RETURNS
from nightdesk.store.ledger.taking import Portfolios, all_portfolios, in_slices
from nightdesk.store.sqlite import Database

_WORTH: Final = (EQUITY.table, FLOWS.table, RETURNS.table)
_TRADED: Final = ("trades", "fills")

Group = tuple[str, str, str, str]
"""Table, account, bot, source: within it rows of one id that differ in their mode only are twins."""


def recognised(database: Database, entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Put the row that is held with its mode stated in the place of one that comes again without."""
    known: dict[tuple[Group, str], Portfolio] = {}
    for group, ids in _groups(entries, stated=False).items():
        table, account, bot, source = group
        for number, portfolio in _siblings(database, account, bot):
            for some in in_slices(ids):
                marks = ", ".join("?" * len(some))
                rows = database.execute(
                    f"SELECT id FROM {table} WHERE portfolio = ? AND source = ? AND id IN ({marks})"  # noqa: S608
                    " AND mode_is_stated = 1",
                    (number, source, *some),
                )
                known.update(((group, row[0]), portfolio) for row in rows)
    return (
        [_as_stated(entry, known.get((_group(entry), entry.origin.id))) for entry in entries] if known else [*entries]
    )


def _as_stated(entry: LedgerEntry, portfolio: Portfolio | None) -> LedgerEntry:
    if portfolio is None or not isinstance(entry, Worth) or entry.mode_is_stated:
        return entry
    return replace(entry, origin=replace(entry.origin, portfolio=portfolio), mode_is_stated=True)


def forget_guesses(database: Database, entries: Iterable[LedgerEntry]) -> None:
    """Drop the forms without a stated mode of rows that came with it; call it within the transaction that took them."""
    for (table, account, bot, source), ids in _groups(entries, stated=True).items():
        siblings = _siblings(database, account, bot)
        if len(siblings) > 1:
            database.execute_many(
                f"DELETE FROM {table} WHERE portfolio = ? AND source = ? AND id = ? AND mode_is_stated = 0",  # noqa: S608
                [(number, source, each) for number, _ in siblings for each in ids],
            )


def settle_modes(database: Database, entries: Iterable[LedgerEntry]) -> None:
    """Move the unstated rows of accounts that trade in one mode into that mode; call it within a transaction."""
    known = all_portfolios(database)
    for account in sorted({entry.origin.portfolio.account for entry in entries if _may_settle(entry)}):
        own = [(number, portfolio) for number, portfolio in known if portfolio.account == account]
        modes = {portfolio.mode for number, portfolio in own if _has_any(database, _TRADED, number)}
        if len(modes) == 1:
            mode = modes.pop()
            for number, portfolio in own:
                if portfolio.mode != mode and _has_any(database, _WORTH, number, "mode_is_stated = 0"):
                    target = Portfolios(database).number(Portfolio(account, portfolio.bot, mode))
                    _move(database, number, target)


def _may_settle(entry: LedgerEntry) -> bool:
    return isinstance(entry, Trade | Fill) or (isinstance(entry, Worth) and not entry.mode_is_stated)


def _has_any(database: Database, tables: Iterable[str], portfolio: int, condition: str = "TRUE") -> bool:
    return any(
        database.execute(
            f"SELECT 1 FROM {table} WHERE portfolio = ? AND {condition} LIMIT 1",  # noqa: S608 - our own words
            (portfolio,),
        )
        for table in tables
    )


def _move(database: Database, portfolio: int, target: int) -> None:
    """Give rows another portfolio; one that is there already stands for both."""
    for table in _WORTH:
        database.execute(
            f"DELETE FROM {table} WHERE portfolio = ? AND mode_is_stated = 0 AND EXISTS ("  # noqa: S608 - our own names
            f"SELECT 1 FROM {table} AS twin WHERE twin.portfolio = ? AND twin.source = {table}.source"
            f" AND twin.id = {table}.id)",
            (portfolio, target),
        )
        database.execute(
            f"UPDATE {table} SET portfolio = ? WHERE portfolio = ? AND mode_is_stated = 0",  # noqa: S608 - our own names
            (target, portfolio),
        )


def _groups(entries: Iterable[LedgerEntry], *, stated: bool) -> dict[Group, list[str]]:
    found: dict[Group, list[str]] = defaultdict(list)
    for entry in _worth(entries):
        if entry.mode_is_stated is stated:
            found[_group(entry)].append(entry.origin.id)
    return found


def _worth(entries: Iterable[LedgerEntry]) -> Iterator[Worth]:
    return (entry for entry in entries if isinstance(entry, EquityMark | CashFlow | ReturnMark))


def _group(entry: LedgerEntry) -> Group:
    origin = entry.origin
    return FORM_OF[type(entry)].table, origin.portfolio.account, origin.portfolio.bot, origin.source


def _siblings(database: Database, account: str, bot: str) -> list[tuple[int, Portfolio]]:
    """Return the portfolios of an account and bot, one for each mode."""
    return [each for each in all_portfolios(database) if (each[1].account, each[1].bot) == (account, bot)]
