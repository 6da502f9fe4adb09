"""Round trips from fills: first in, first out, exact to the last digit."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from nightdesk.model.money import EXACT
from nightdesk.model.trade import Direction, Fill, Side, Trade
from nightdesk.testing.ledger_rows import T0, a_fill, in_portfolio
from nightdesk.trades.matching import match

BUY, SELL = Side.BUY, Side.SELL


def fills_of(*moves: tuple[Side, str, str]) -> list[Fill]:
    """Build fills one second apart."""
    return [
        a_fill(str(number), side, quantity, price, at=T0 + number * 10**9)
        for number, (side, quantity, price) in enumerate(moves)
    ]


def pnls(trades: Sequence[Trade]) -> list[Decimal | None]:
    """Return what each trade brought."""
    return [trade.pnl for trade in trades]


def test_the_oldest_lot_goes_first() -> None:
    """A sale closes what was bought first, and part of the next lot."""
    closed, still_open = match(fills_of((BUY, "2", "10"), (BUY, "2", "20"), (SELL, "3", "30")))
    (trade,) = closed
    assert trade.pnl == Decimal(50)
    assert (trade.quantity, trade.direction, trade.opened_at) == (Decimal(3), Direction.LONG, T0)
    assert trade.entry_price == Decimal("13.33333333333333333333333333")
    assert (still_open[0].quantity, still_open[0].entry_price) == (Decimal(1), Decimal(20))


def test_a_short_earns_when_the_price_falls() -> None:
    """What is sold first and bought back is a short."""
    closed, still_open = match(fills_of((SELL, "1.5", "20"), (BUY, "1.5", "10")))
    assert (closed[0].direction, closed[0].pnl, closed[0].return_ratio) == (Direction.SHORT, Decimal("15.0"), 0.5)
    assert still_open == []


def test_a_flip_closes_and_opens() -> None:
    """A fill that crosses zero closes what is open and opens the rest on the other side."""
    closed, still_open = match(fills_of((BUY, "1", "10"), (SELL, "3", "12")))
    assert pnls(closed) == [Decimal(2)]
    assert (still_open[0].direction, still_open[0].quantity) == (Direction.SHORT, Decimal(2))
    assert still_open[0].opened_at == T0 + 10**9


def test_fractions_are_exact() -> None:
    """One and a half coins earn one and a half times as much; a tenth thrice is three tenths."""
    closed, still_open = match(fills_of(*[(BUY, "0.1", "10")] * 3, (SELL, "0.3", "20")))
    assert pnls(closed) == [Decimal("3.0")]
    assert still_open == []


def test_fees_are_shared_by_quantity_and_sum_exactly() -> None:
    """Three thirds of a fee that does not divide are the fee."""
    fills = [a_fill("b", BUY, "3", "10", fee="0.10")] + [
        a_fill(f"s{number}", SELL, "1", "10", at=T0 + 1 + number) for number in range(3)
    ]
    closed, _ = match(fills)
    assert len({trade.fees for trade in closed}) == 2
    with localcontext(EXACT):
        assert sum(trade.fees for trade in closed) == Decimal("0.10")
        assert sum(trade.pnl or 0 for trade in closed) == Decimal("-0.10")


def test_a_fee_over_several_lots_is_divided_once() -> None:
    """Two lots and a flip: what divides evenly in the whole leaves no digits of thirds behind."""
    fills = [
        a_fill("1", BUY, "0.1", "100", at=T0, fee="0.01"),
        a_fill("2", BUY, "0.2", "110", at=T0 + 1, fee="0.02"),
        a_fill("3", SELL, "0.45", "120", at=T0 + 2, fee="0.03"),
        a_fill("4", BUY, "0.15", "100", at=T0 + 3, fee="0.01"),
    ]
    closed, _ = match(fills)
    assert [str(pnl) for pnl in pnls(closed)] == ["3.95", "2.98"]


def test_the_fills_of_one_closing_order_are_one_round_trip() -> None:
    """An order that was filled in parts closes once; fills without an order close one by one."""
    moves = [a_fill("b", BUY, "3", "10")]
    parts = [a_fill(f"s{n}", SELL, "1", str(11 + n), at=T0 + 1 + n, order_id="sale") for n in range(3)]
    closed, _ = match(moves + parts)
    assert [(trade.quantity, trade.pnl, trade.exit_price) for trade in closed] == [
        (Decimal(3), Decimal(6), Decimal(12))
    ]
    assert closed[0].closed_at == T0 + 3
    loose, _ = match(moves + [a_fill(f"s{n}", SELL, "1", str(11 + n), at=T0 + 1 + n) for n in range(3)])
    assert pnls(loose) == [Decimal(1), Decimal(2), Decimal(3)]


def test_symbols_portfolios_and_currencies_are_apart() -> None:
    """A sale of one portfolio never closes what another one bought."""
    other = in_portfolio(bot="other")
    closed, still_open = match([a_fill("1", BUY), a_fill("2", SELL, portfolio=other), a_fill("3", SELL, symbol="AMD")])
    assert closed == []
    assert len(still_open) == 3


MOVES = st.lists(
    st.tuples(
        st.sampled_from(Side),
        st.decimals("0.00000001", "1000", places=8),
        st.decimals("0.0001", "100000", places=6),
        st.decimals("-1", "5", places=5),
        st.sampled_from(["", "x", "y"]),
    ),
    max_size=40,
)
Move = tuple[Side, Decimal, Decimal, Decimal, str]


def drawn(moves: Sequence[Move]) -> list[Fill]:
    """Build fills from drawn moves, in order."""
    return [
        a_fill(str(number), side, f"{quantity:f}", f"{price:f}", at=T0 + number, fee=f"{fee:f}", order_id=order)
        for number, (side, quantity, price, fee, order) in enumerate(moves)
    ]


@given(MOVES)
def test_quantity_money_and_fees_are_conserved(moves: list[Move]) -> None:
    """Nothing is lost or made: what was filled opened, closed, or is open still; fees are all shared out."""
    fills = drawn(moves)
    closed, still_open = match(fills)
    with localcontext(EXACT):
        moved = sum(fill.quantity for fill in fills)
        assert moved == sum(2 * trade.quantity for trade in closed) + sum(trade.quantity for trade in still_open)
        assert sum(f.fee for f in fills) == sum(t.fees for t in closed) + sum(t.fees for t in still_open)
        net = sum(fill.side.sign * fill.quantity for fill in fills)
        assert net == sum(trade.direction.sign * trade.quantity for trade in still_open)


@given(MOVES, st.decimals("0.01", "1000", places=4))
def test_once_flat_the_sum_of_pnl_is_the_cash_flow(moves: list[Move], price: Decimal) -> None:
    """Where everything is closed, P&L sums to what came in less what went out, to the last digit."""
    fills = drawn(moves)
    with localcontext(EXACT):
        net = sum((fill.side.sign * fill.quantity for fill in fills), Decimal(0))
        if net:
            fills.append(a_fill("last", SELL if net > 0 else BUY, f"{abs(net):f}", f"{price:f}", at=T0 + 1_000))
        closed, still_open = match(fills)
        cash = sum((-fill.side.sign * fill.quantity * fill.price - fill.fee for fill in fills), Decimal(0))
        assert still_open == []
        assert sum((trade.pnl or Decimal(0) for trade in closed), Decimal(0)) == cash


@given(MOVES)
def test_splitting_fills_changes_no_money(moves: list[Move]) -> None:
    """An order filled in two halves brings what it brings in one."""
    whole = [
        a_fill(f"{n}", move[0], f"{2 * move[1]:f}", f"{move[2]:f}", at=T0 + n, order_id=f"o{n}")
        for n, move in enumerate(moves)
    ]
    halves = [
        a_fill(f"{n}{half}", move[0], f"{move[1]:f}", f"{move[2]:f}", at=T0 + n, order_id=f"o{n}")
        for n, move in enumerate(moves)
        for half in "ab"
    ]
    once, twice = match(whole)[0], match(halves)[0]
    assert [(trade.quantity, trade.pnl) for trade in once] == [(trade.quantity, trade.pnl) for trade in twice]
