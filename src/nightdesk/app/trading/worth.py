"""Which equity and which returns speak for a selection: those of one account, one mode and one currency, or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from nightdesk.model.curve import EquityCurve, Returns
from nightdesk.model.ledger import CashFlow, EquityMark, Holdings, ReturnMark, Selection
from nightdesk.model.trade import Portfolio

Mark = TypeVar("Mark", EquityMark, ReturnMark)
Reasons = tuple[str, ...]


def scope(selection: Selection, holdings: Iterable[Holdings]) -> Selection:
    """Return the selection whose equity and balances are meant.

    Equity often belongs to the account as a whole. For one bot it counts where that bot alone trades in the account.
    """
    if not selection.bot:
        return selection
    everybody = replace(selection, bot=None)
    others = any(
        held.portfolio.bot != selection.bot and (held.trades or held.fills)
        for held in holdings
        if everybody.takes(held.portfolio)
    )
    return selection if others else everybody


@dataclass(frozen=True, slots=True)
class Known:
    """What an account was worth over time."""

    curve: EquityCurve
    last: EquityMark
    """The last mark, exact: a curve is made of floats."""


def worth(marks: Sequence[EquityMark], flows: Sequence[CashFlow]) -> tuple[Known | None, Reasons]:
    """Return the equity of one account, mode and currency, and its flows; or None and why."""
    chosen, reason = _of_one_account(marks)
    if not chosen:
        return None, reason
    currencies = _named(chosen)
    if len(currencies) > 1:
        return None, (f"Equity is in several currencies ({', '.join(currencies)}) and no rate is known.",)
    own = [flow for flow in flows if _belongs(flow, chosen[0].origin.portfolio)]
    # What names no currency is taken to be in the other's: left out, a deposit would count as profit.
    moved = _named(own)
    if len({*currencies, *moved}) > 1:
        told = f"Money was moved in {', '.join(moved)}, equity is in {', '.join(currencies) or 'no named currency'},"
        return None, (f"{told} and no rate is known: a deposit would count as profit.",)
    return Known(EquityCurve.from_marks(chosen, own), chosen[-1]), ()


def _named(rows: Iterable[EquityMark | CashFlow]) -> list[str]:
    """Return the currencies that rows name."""
    return sorted({row.currency for row in rows if row.currency})


def reported_returns(marks: Sequence[ReturnMark]) -> tuple[Returns | None, Reasons]:
    """Return the reported returns of one account and mode; or None and why."""
    chosen, reason = _of_one_account(marks)
    return (Returns.from_marks(chosen), ()) if chosen else (None, reason)


def _of_one_account(marks: Sequence[Mark]) -> tuple[list[Mark], Reasons]:
    """Return the marks of the account as a whole, else of its only bot; none where choosing would be guessing."""
    portfolios = {mark.origin.portfolio for mark in marks}
    for noun, found in (
        ("accounts", _distinct(each.account for each in portfolios)),
        ("modes", _distinct(each.mode for each in portfolios)),
    ):
        if len(found) > 1:
            return [], (f"Equity or returns of several {noun} ({', '.join(found)}) are never added up: name one.",)
    bots = _distinct(each.bot for each in portfolios)
    if len(bots) > 1 and "" not in bots:
        return [], (f"Equity or returns of several bots ({', '.join(bots)}) are never added up: name one.",)
    bot = bots[0] if bots else ""
    return [mark for mark in marks if mark.origin.portfolio.bot == bot], ()


def _distinct(words: Iterable[str]) -> list[str]:
    return sorted(set(words))


def _belongs(flow: CashFlow, owner: Portfolio) -> bool:
    """A flow without a bot is the account's, and so in the equity of its only bot too."""
    portfolio = flow.origin.portfolio
    return (portfolio.account, portfolio.mode) == (owner.account, owner.mode) and portfolio.bot in ("", owner.bot)
