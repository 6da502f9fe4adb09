"""What every ledger guarantees: each row once, corrections kept apart, intervals, orders."""

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

import pytest

from nightdesk.errors import Refused
from nightdesk.model.ledger import (
    CashFlow,
    EquityMark,
    FileReading,
    LedgerEntry,
    PriceMark,
    ReturnMark,
    Selection,
    SetAside,
    StartingBalance,
    Taken,
)
from nightdesk.model.trade import Mode
from nightdesk.seams.ledger import (
    BalanceReader,
    EquityReader,
    LedgerIndex,
    LedgerVersions,
    LedgerWriter,
    TradeLister,
    TradeReader,
)
from nightdesk.testing.ledger_rows import DAY, T0, a_fill, a_trade, an_order, in_portfolio, origin


class AnyLedger(
    LedgerWriter, LedgerVersions, LedgerIndex, TradeReader, TradeLister, EquityReader, BalanceReader, Protocol
):
    """All sockets of a ledger in one object."""


class LedgerContract(ABC):
    """Inherit, name the class `Test...`, and say how to make an empty ledger."""

    @abstractmethod
    def ledger(self) -> AnyLedger:
        """Return an empty ledger."""

    def test_each_identity_is_kept_once(self) -> None:
        """Rows that come again word for word are known, in the same call and in a later one."""
        ledger, fill = self.ledger(), a_fill("1")
        assert ledger.take([fill, a_fill("2"), fill]) == Taken(added=2, known=1)
        assert ledger.take([fill]) == Taken(known=1)
        assert ledger.fills(Selection()) == [fill, a_fill("2")]

    def test_other_content_corrects(self) -> None:
        """The same identity with other content replaces the older form; the identity stays one row."""
        ledger, fill = self.ledger(), a_fill("1")
        late = replace(fill, price=Decimal("11.5"))
        ledger.take([fill])
        assert ledger.take([late]) == Taken(corrected=1)
        assert ledger.take([late]) == Taken(known=1)
        assert ledger.fills(Selection()) == [late]

    def test_an_amount_is_the_same_however_it_is_written(self) -> None:
        """10, 10.0 and 1E+1 are one amount: the row is known."""
        ledger, fill = self.ledger(), a_fill("1", quantity="10")
        ledger.take([fill])
        assert ledger.take([replace(fill, quantity=Decimal("10.0"))]) == Taken(known=1)
        assert ledger.take([replace(fill, quantity=Decimal("1E+1"))]) == Taken(known=1)

    def test_the_identity_has_four_parts(self) -> None:
        """Another portfolio, kind of row, source or id is another row."""
        ledger = self.ledger()
        one = a_fill("1")
        entries: list[LedgerEntry] = [
            one,
            replace(one, origin=origin("2")),
            replace(one, origin=origin("1", source="csv")),
            replace(one, origin=origin("1", portfolio=in_portfolio(mode=Mode.PAPER))),
            a_trade("1"),
            an_order("1"),
        ]
        assert ledger.take(entries) == Taken(added=6)

    def test_money_is_exact(self) -> None:
        """An amount comes back digit for digit, far beyond what a float holds."""
        ledger = self.ledger()
        fill = a_fill("1", quantity="0.000000000000000001", price="12345678901234567890.123456789")
        ledger.take([fill])
        assert ledger.fills(Selection()) == [fill]

    @pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity"])
    def test_no_amount_that_is_none(self, bad: str) -> None:
        """NaN and infinities are refused, and nothing of the call is kept."""
        ledger = self.ledger()
        with pytest.raises(Refused):
            ledger.take([a_fill("1"), replace(a_fill("2"), price=Decimal(bad))])
        assert ledger.fills(Selection()) == []

    def test_fills_come_by_instant_sequence_and_id(self) -> None:
        """Fills of one instant keep the order of their source."""
        ledger = self.ledger()
        first = a_fill("z", at=T0)
        second = replace(a_fill("b", at=T0 + 1), sequence=1)
        third = replace(a_fill("a", at=T0 + 1), sequence=2)
        ledger.take([third, second, first])
        assert ledger.fills(Selection()) == [first, second, third]

    def test_a_new_place_among_fills_of_one_instant_corrects_nothing(self) -> None:
        """A file that grew moves its fills: they are known, and the newer order counts."""
        ledger = self.ledger()
        one, other = replace(a_fill("a"), sequence=1), replace(a_fill("b"), sequence=2)
        ledger.take([one, other])
        moved = replace(one, sequence=3)
        assert ledger.take([moved]) == Taken(known=1)
        assert ledger.fills(Selection()) == [other, moved]

    def test_the_interval_is_half_open(self) -> None:
        """What lies at the start is in, what lies at the end is not."""
        ledger = self.ledger()
        ledger.take([a_fill("1", at=T0), a_fill("2", at=T0 + DAY)])
        assert [fill.at for fill in ledger.fills(Selection(start=T0, end=T0 + DAY))] == [T0]

    def test_fills_of_some_sources_are_left_out(self) -> None:
        """Who needs no details of reported trades does not pay for reading them."""
        ledger = self.ledger()
        ledger.take([a_fill("1"), replace(a_fill("2"), origin=origin("2", source="freqtrade"))])
        assert [fill.origin.id for fill in ledger.fills(Selection(), {"freqtrade"})] == ["1"]

    def test_the_version_tells_whether_anything_changed(self) -> None:
        """Rows that are known change nothing; new ones, corrections and rows set aside do."""
        ledger, fill = self.ledger(), a_fill("1")
        seen = [ledger.version]
        for change in (
            lambda: ledger.take([fill]),
            lambda: ledger.take([replace(fill, price=Decimal(11))]),
            lambda: ledger.set_aside([SetAside("a.csv", 1, "no number", "x")]),
        ):
            change()
            assert ledger.version not in seen
            seen.append(ledger.version)
            ledger.take([replace(fill, price=Decimal(11))] if len(seen) > 2 else [fill])
            assert ledger.version == seen[-1]

    def test_reads_that_belong_together_see_one_instant(self) -> None:
        """What is taken between two reads is in none of them, and in the next."""
        ledger = self.ledger()
        ledger.take([a_fill("1")])
        others = ThreadPoolExecutor(1)
        with ledger.at_one_time():
            before = ledger.fills(Selection())
            taken = others.submit(ledger.take, [a_fill("2")])
            wait([taken], timeout=0.2)
            assert ledger.fills(Selection()) == before
        taken.result(timeout=10)
        others.shutdown()
        assert len(ledger.fills(Selection())) == 2

    def test_trades_are_selected_by_their_close(self) -> None:
        """Trades that closed in the interval come by close, then open ones, whenever they opened."""
        ledger = self.ledger()
        early, late, open_one = (
            a_trade("e", closed_at=T0 + 1),
            a_trade("l", closed_at=T0 + DAY),
            a_trade("o", closed_at=None),
        )
        ledger.take([open_one, late, early])
        assert ledger.trades(Selection()) == [early, late, open_one]
        assert ledger.trades(Selection(start=T0 + 2)) == [late, open_one]

    def test_the_newest_trades_are_listed_and_all_are_counted(self) -> None:
        """A list takes as many as it shows, the newest first; open ones are none of them."""
        ledger = self.ledger()
        ledger.take([*(a_trade(str(n), closed_at=T0 + n) for n in range(4)), a_trade("o", closed_at=None)])
        selection = Selection(start=T0 + 1)
        assert [trade.origin.id for trade in ledger.newest_trades(selection, 2)] == ["3", "2"]
        assert ledger.count_closed(selection) == 3
        assert (ledger.newest_trades(Selection(bot="x"), 2), ledger.count_closed(Selection(bot="x"))) == ([], 0)

    def test_the_sources_of_fills_are_told(self) -> None:
        """Each once, of the selection's portfolios."""
        ledger = self.ledger()
        ledger.take([a_fill("1"), a_fill("2"), replace(a_fill("2"), origin=origin("2", source="csv"))])
        assert ledger.fill_sources(Selection(start=T0 + DAY)) == {"csv", "test"}
        assert ledger.fill_sources(Selection(mode=Mode.PAPER)) == set()

    def test_a_selection_names_portfolios(self) -> None:
        """Account, bot and mode narrow; None takes all, and the empty bot is a bot of its own."""
        ledger = self.ledger()
        live, paper, whole = in_portfolio(), in_portfolio(mode=Mode.PAPER), in_portfolio(bot="")
        ledger.take([a_fill("1", portfolio=each) for each in (live, paper, whole)])

        def found(selection: Selection) -> set[tuple[str, str]]:
            return {(fill.origin.portfolio.bot, fill.origin.portfolio.mode) for fill in ledger.fills(selection)}

        assert found(Selection(mode=Mode.PAPER)) == {("maker", "paper")}
        assert found(Selection(bot="")) == {("", "live")}
        assert found(Selection(account="other")) == set()
        assert len(found(Selection(account="main"))) == 3

    def test_one_mark_an_instant(self) -> None:
        """Of two sources that say what an account was worth at one instant, the one taken last is believed."""
        ledger = self.ledger()
        first = EquityMark(origin("1", source="csv"), T0, Decimal(100), "USD")
        ledger.take([first])
        other = EquityMark(origin("1", source="zeta"), T0, Decimal(101), "USD")
        ledger.take([other])
        assert ledger.equity(Selection()) == [other]

    def test_flows_returns_balances_and_prices_come_back(self) -> None:
        """Every kind of row is read back as it was given."""
        ledger = self.ledger()
        flow = CashFlow(origin("f"), T0, Decimal(-50), "USD", "withdrawn")
        mark = ReturnMark(origin("r"), T0, 0.01)
        balance = StartingBalance(origin("b"), Decimal(10_000), "USD")
        price = PriceMark(origin("p"), "GOOG", Decimal("10.5"), "USD", T0)
        newer = replace(price, origin=origin("q"), price=Decimal(11), at=T0 + 1)
        assert ledger.take([flow, mark, balance, newer, price]) == Taken(added=5)
        selection = Selection()
        assert ledger.flows(selection) == [flow]
        assert ledger.returns(selection) == [mark]
        assert ledger.starting_balances(Selection(start=T0 + DAY)) == [balance]
        assert ledger.prices(selection) == [newer]
        assert ledger.orders(selection) == []

    def test_worth_of_no_stated_mode_follows_the_trades(self) -> None:
        """Equity whose mode nobody stated moves to the only mode in which its account trades, whichever came first."""
        ledger = self.ledger()
        account = in_portfolio(bot="")
        unstated = EquityMark(origin("1", portfolio=account), T0, Decimal(100), "USD", mode_is_stated=False)
        stated = EquityMark(origin("2", portfolio=account), T0 + 1, Decimal(101), "USD")
        tested = in_portfolio(mode=Mode.BACKTEST)
        ledger.take([unstated, stated])
        ledger.take([a_trade("t", portfolio=tested)])
        assert [mark.at for mark in ledger.equity(Selection(mode=Mode.BACKTEST))] == [T0]
        assert [mark.at for mark in ledger.equity(Selection(mode=Mode.LIVE))] == [T0 + 1]
        ledger.take([unstated, a_trade("t", portfolio=tested)])
        assert len(ledger.equity(Selection())) == 2
        ledger.take([a_trade("l")])
        ledger.take([unstated, a_trade("t", portfolio=tested)])
        assert len(ledger.equity(Selection(mode=Mode.LIVE))) == 2, "of two modes none is the trades' own"

    @pytest.mark.parametrize("mode", [Mode.LIVE, Mode.PAPER])
    def test_a_deposit_is_one_whether_its_mode_is_stated_before_or_after(self, mode: Mode) -> None:
        """The same row without a stated mode and with one is one row, in the mode that was stated."""
        stated = CashFlow(origin("1", portfolio=in_portfolio(bot="", mode=mode)), T0, Decimal(500), "USD")
        guessed = replace(stated, origin=origin("1", portfolio=in_portfolio(bot="")), mode_is_stated=False)
        ledger = self.ledger()
        before, after = (guessed, stated, guessed), (replace(stated, origin=replace(stated.origin, id="2")),)
        later = replace(guessed, origin=replace(guessed.origin, id="2"))
        for each in (*before, *after, later):
            assert ledger.take([each]).corrected == 0, "whether a mode was stated is no other content"
        assert ledger.flows(Selection()) == [stated, *after]

    def test_what_a_later_reading_of_the_file_could_read_is_set_aside_no_more(self) -> None:
        """At the end of a reading only what it set aside itself is left of its file; other files keep theirs."""
        ledger = self.ledger()
        first, again = FileReading("main", "/a.csv", "1"), FileReading("main", "/a.csv", "2")
        rows = [SetAside("a.csv", row, "no number", f"x{row}", in_portfolio(), first) for row in (2, 3)]
        other = SetAside("a.csv", 2, "no number", "x2", in_portfolio(), FileReading("main", "/b/a.csv", "3"))
        pushed = SetAside("client maker", 0, "no number", "{}")
        ledger.set_aside([*rows, other, pushed])
        ledger.end_reading(first)
        assert len(ledger.rows_set_aside(10)) == 4
        kept = replace(rows[0], reading=again)
        ledger.set_aside([kept])
        ledger.end_reading(again)
        assert sorted(ledger.rows_set_aside(10), key=repr) == sorted([kept, other, pushed], key=repr)

    def test_rows_set_aside_are_counted_for_whose_they_may_be(self) -> None:
        """A row of another account, bot or mode is none of a selection's; what is not known may be anything."""
        ledger = self.ledger()
        whole = replace(in_portfolio(bot=""), mode="")
        ledger.set_aside([SetAside("a.csv", 1, "no number", "x", whole), SetAside("client maker", 0, "no time", "{}")])
        ledger.set_aside([SetAside("a.csv", 2, "no number", "y", in_portfolio(account="other"))])
        assert ledger.count_set_aside(Selection()) == 3
        assert ledger.count_set_aside(Selection("main", "maker", Mode.PAPER)) == 2
        assert ledger.count_set_aside(Selection("other", "maker", Mode.PAPER)) == 1
        assert ledger.count_set_aside(Selection("other")) == 2

    def test_a_portfolio_without_rows_is_not_held(self) -> None:
        """What moved away leaves no empty portfolio behind."""
        ledger = self.ledger()
        mark = ReturnMark(origin("1", portfolio=in_portfolio(bot="")), T0, 0.01, mode_is_stated=False)
        ledger.take([mark])
        ledger.take([a_fill("1", portfolio=in_portfolio(mode=Mode.PAPER))])
        assert {held.portfolio.mode for held in ledger.holdings()} == {"paper"}

    def test_rows_set_aside_are_kept_once_newest_first(self) -> None:
        """A row that cannot be read is kept whole, and again and again only once."""
        ledger = self.ledger()
        one, two = SetAside("a.csv", 3, "price is empty", "x,,1"), SetAside("a.csv", 4, "price is empty", "x,,1")
        ledger.set_aside([one])
        ledger.set_aside([one, two])
        assert ledger.rows_set_aside(10) == [two, one]
        assert ledger.rows_set_aside(1) == [two]

    def test_holdings_count_what_is_there(self) -> None:
        """Each portfolio has its counts, currencies, first and last instant and latest close, sorted."""
        ledger = self.ledger()
        assert ledger.holdings() == []
        paper = in_portfolio(mode=Mode.PAPER)
        ledger.take(
            [
                a_fill("1", at=T0),
                a_trade("t", closed_at=T0 + DAY),
                a_trade("o", closed_at=None),
                a_fill("1", portfolio=paper),
            ]
        )
        live, other = ledger.holdings()
        assert (live.portfolio.mode, live.fills, live.trades, live.orders) == ("live", 1, 2, 0)
        assert live.currencies == ("USD",)
        assert (live.first_at, live.last_at, live.last_trade_closed_at) == (T0 - DAY, T0 + DAY, T0 + DAY)
        assert (other.portfolio, other.fills, other.last_trade_closed_at) == (paper, 1, None)
