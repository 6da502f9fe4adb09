"""Which portfolios are shown side by side, and what of the ledger is read for each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nightdesk.app.performance.choice import PREFERENCE
from nightdesk.model.ledger import Holdings, Selection
from nightdesk.model.trade import Portfolio

MOST_PORTFOLIOS: Final = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A portfolio as people are shown it, and the selection that is read for it."""

    portfolio: Portfolio
    selection: Selection


def portfolios(holdings: Sequence[Holdings]) -> tuple[tuple[Shown, ...], int]:
    """Return the portfolios to show, live ones first, and how many there are.

    Of more than `MOST_PORTFOLIOS` those are shown in which something happened last, of each mode in turn.
    """
    found = list(_shown(holdings))
    places = [mode.value for mode in PREFERENCE]
    ranked = sorted(found, key=lambda each: (places.index(each.portfolio.mode), -_last_at(each, holdings)))
    kept = ranked[:MOST_PORTFOLIOS]
    return tuple(each for each in found if each in kept), len(found)


def _shown(holdings: Sequence[Holdings]) -> Iterator[Shown]:
    """Yield every portfolio.

    Where at most one bot trades in an account, its trades and the account's equity are one portfolio. Where several
    do, each is shown by itself, and the account as a whole beside them if it has equity of its own.
    """
    order = {mode.value: place for place, mode in enumerate(PREFERENCE)}
    for mode, account in sorted({(order[each.portfolio.mode], each.portfolio.account) for each in holdings}):
        word = PREFERENCE[mode]
        held = [each for each in holdings if (each.portfolio.account, each.portfolio.mode) == (account, word.value)]
        bots = [each.portfolio.bot for each in held if each.trades or each.fills]
        if len(bots) <= 1:
            yield Shown(
                Portfolio.of(account, bots[0] if bots else _only_bot(held), word), Selection(account, mode=word)
            )
            continue
        if any(each.equity_marks or each.return_marks for each in held if not each.portfolio.bot):
            yield Shown(Portfolio.of(account, "", word), Selection(account, mode=word))
        for bot in bots:
            yield Shown(Portfolio.of(account, bot, word), Selection(account, bot, word))


def _only_bot(held: Sequence[Holdings]) -> str:
    return held[0].portfolio.bot if len(held) == 1 else ""


def _last_at(shown: Shown, holdings: Sequence[Holdings]) -> int:
    return max((each.last_at or 0 for each in holdings if shown.selection.takes(each.portfolio)), default=0)
