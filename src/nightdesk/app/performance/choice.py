"""Which portfolios a report is about: those that were asked for, and never two modes at once."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from nightdesk.model.ledger import Holdings, Selection
from nightdesk.model.trade import Mode

PREFERENCE: Final = (Mode.LIVE, Mode.PAPER, Mode.BACKTEST)
"""Whose figures are told where nobody names a mode: those of money at stake first."""
MOST_NAMED: Final = 10


def choose(selection: Selection, holdings: Iterable[Holdings]) -> tuple[Selection, tuple[str, ...]]:
    """Return the selection with one mode, and a note that lists what was left out for it."""
    held = [each for each in holdings if selection.takes(each.portfolio)]
    traded = {each.portfolio.mode for each in held if each.trades or each.fills}
    # Equity alone, with nothing traded in its mode, speaks for it only where nothing else was traded either.
    present = traded or {each.portfolio.mode for each in held}
    mode = selection.mode or next((each for each in PREFERENCE if each.value in present), None)
    if mode is None:
        return selection, ()
    others = [each for each in held if each.portfolio.mode != mode.value]
    if not others:
        return replace(selection, mode=mode), ()
    names = ", ".join(f"{each.portfolio.mode} ({_name(each)})" for each in others)
    return replace(selection, mode=mode), (
        f"Modes are never mixed: these figures are of {mode.value}. Left out: {names}; name one with --mode.",
    )


def stranger(selection: Selection, holdings: Iterable[Holdings]) -> str | None:
    """Say which account or bot of a selection the ledger has never heard of, most likely a slip of the pen."""
    held = list(holdings)
    accounts = {each.portfolio.account for each in held}
    if selection.account is not None and selection.account not in accounts:
        return _unheard("account", selection.account, accounts)
    bots = {each.portfolio.bot for each in held if selection.account in (None, each.portfolio.account)}
    if selection.bot is not None and selection.bot not in bots:
        return _unheard("bot", selection.bot, bots - {""})
    return None


def _unheard(noun: str, name: str, known: set[str]) -> str:
    names = sorted(known)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"the ledger has no {noun} {name!r}; it has {', '.join(names[:MOST_NAMED]) or 'none'}{more}"


def _name(held: Holdings) -> str:
    bot = f" bot {held.portfolio.bot}" if held.portfolio.bot else ""
    return f"account {held.portfolio.account}{bot}"
