"""Which portfolios a report is about: those that were asked for, and never two modes at once."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from nightdesk.model.ledger import Holdings, Selection
from nightdesk.model.trade import Mode

PREFERENCE: Final = (Mode.LIVE, Mode.PAPER, Mode.BACKTEST)
"""Whose figures are told where nobody names a mode: those of money at stake first."""


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


def _name(held: Holdings) -> str:
    bot = f" bot {held.portfolio.bot}" if held.portfolio.bot else ""
    return f"account {held.portfolio.account}{bot}"
