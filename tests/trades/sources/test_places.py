"""Fills of one instant keep the order of their file, and are matched in it."""

from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest

from nightdesk.app.trading.importing import Asked, import_file
from nightdesk.app.trading.offline import open_ledger
from nightdesk.model.ledger import Selection, Taken
from nightdesk.model.trade import Fill
from nightdesk.testing.trade_files import read, written
from nightdesk.trades.round_trips import round_trips
from nightdesk.trades.sources.mapping import RowKind
from nightdesk.trades.sources.reading import Stated

HEADER = "time,symbol,side,quantity,price\n"
INSTANT = "2026-01-01T10:00:00Z"
SCALP = (("sell", 1, 100), ("buy", 2, 90), ("buy", 1, 200))
LAST = "2026-01-01T10:00:01Z,X,sell,1,50\n"


def rows(*fills: tuple[str, int, int]) -> str:
    """Write fills of one instant."""
    return "".join(f"{INSTANT},X,{side},{quantity},{price}\n" for side, quantity, price in fills)


def first_in_first_out(fills: list[tuple[str, int, int]]) -> Fraction:
    """Return the realised P&L of fills in this order, by the plainest means there is."""
    lots: list[tuple[int, int]] = []
    realised = Fraction(0)
    for side, quantity, price in fills:
        sign = 1 if side == "buy" else -1
        for _ in range(quantity):
            if lots and lots[0][0] != sign:
                held, entry = lots.pop(0)
                realised += held * (price - entry)
            else:
                lots.append((sign, price))
    return realised


def realised(folder: Path, text: str) -> Decimal:
    """Return the P&L of the round trips in a file."""
    entries, _, _ = read(written(folder, text))
    fills = sorted(
        (entry for entry in entries if isinstance(entry, Fill)),
        key=lambda fill: (fill.at, fill.sequence, fill.origin.id),
    )
    return sum((trade.pnl for trade in round_trips([], fills)[0] if trade.pnl is not None), Decimal(0))


@pytest.mark.parametrize("order", list(permutations(SCALP)))
def test_fills_of_one_instant_are_matched_in_the_order_of_the_file(
    tmp_path: Path, order: tuple[tuple[str, int, int], ...]
) -> None:
    """Each order of rows has its own P&L, whatever their ids; a file with the newest row first is read backwards."""
    expected = first_in_first_out([*order, ("sell", 1, 50)])
    assert realised(tmp_path, HEADER + rows(*order) + LAST) == expected
    assert realised(tmp_path, HEADER + LAST + rows(*reversed(order))) == expected


def test_rows_of_one_instant_that_grow_at_the_top_are_known(tmp_path: Path) -> None:
    """An export with the newest row first moves what it held: nothing is corrected, and the new row comes last."""
    older = "2026-01-01T09:00:00Z,X,buy,1,100\n"
    with open_ledger(tmp_path / "data") as trading:
        asked = Asked(written(tmp_path, HEADER + rows(("sell", 1, 90)) + older), RowKind.FILLS, Stated())
        import_file(trading, asked)
        written(tmp_path, HEADER + rows(("buy", 1, 80), ("sell", 1, 90)) + older)
        assert import_file(trading, asked).taken == Taken(added=1, known=2)
        assert [fill.price for fill in trading.ledger.fills(Selection())] == [100, 90, 80]
