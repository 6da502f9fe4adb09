"""Arithmetic of money: sums and products that never round, and the bound that makes this possible."""

from collections.abc import Iterable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact
from typing import Final

ZERO: Final = Decimal(0)
MOST_DIGITS: Final = 60
"""Digits of an amount on either side of its point; money has fewer, and a power of a million would fill the disk."""
EXACT: Final = Context(prec=400, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
"""400 digits take any sum of prices and quantities as it is (the ledger takes no amount of more than 180); a sum that
did not fit would raise, never round. Quotients need not end: they are taken under `AVERAGE`."""
AVERAGE: Final = Context(prec=28)
"""Quotients: average prices, and shares of fees."""


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Add money without rounding; an empty sum is 0."""
    total, add = ZERO, EXACT.add
    for amount in amounts:
        total = add(total, amount)
    return total
