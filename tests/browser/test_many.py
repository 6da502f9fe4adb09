"""More than one screen holds: a hundred portfolios, a thousand positions, ten thousand trades."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from nightdesk.model.instant import to_nanos
from nightdesk.model.ledger import EquityMark, LedgerEntry
from nightdesk.model.trade import Direction, Mode, Origin, Portfolio, Trade
from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.trading import HOUR_MS, give, still_open

PORTFOLIOS, POSITIONS, TRADES = 100, 1_000, 10_000
ROWS_A_PUSH = 1_000
LONGEST_TASK_MS = 1_000
"""How long the page may not answer a key, at most, on a machine that does other things too."""
WATCH_TASKS = """
globalThis.longest = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
}).observe({type: 'longtask', buffered: true});
"""


def rows(now: int) -> Iterator[LedgerEntry]:
    """Yield everything; the last portfolio by name is the one that has lost half."""
    for number in range(PORTFOLIOS):
        portfolio = Portfolio.of(f"account-{number:02}", "", Mode.LIVE)
        fallen = number == PORTFOLIOS - 1
        for ago, amount in ((48 * HOUR_MS, 100), (HOUR_MS // 2, 50) if fallen else (HOUR_MS, 100)):
            at = to_nanos(now - ago)
            yield EquityMark(Origin(portfolio, "test", f"equity {at}"), at, Decimal(amount), "USD")
        for held in range(POSITIONS // PORTFOLIOS):
            yield from still_open(portfolio, f"S{held}/USD", Direction.LONG, "1", "10", now - HOUR_MS, last="9.99")
    busy = Portfolio.of("account-00", "", Mode.LIVE)
    one = Trade(Origin(busy, "test", ""), "BTC/USD", Direction.LONG, Decimal(1), Decimal(100), 0, "USD")
    for number in range(TRADES):
        closed = now - (TRADES - number) * HOUR_MS // 10
        yield replace(
            one,
            origin=Origin(busy, "test", f"trade {number}"),
            symbol=f"S{number % 300}/USD",
            opened_at=to_nanos(closed - HOUR_MS),
            exit_price=Decimal(101),
            closed_at=to_nanos(closed),
            pnl=Decimal(number % 7 - 3),
        )


@pytest.fixture(scope="module")
def crowded_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk whose ledger is full."""
    with DeskProcess(tmp_path_factory.mktemp("crowded"), "--interval", "1s") as desk:
        every = list(rows(int(time.time() * 1000)))
        for begin in range(0, len(every), ROWS_A_PUSH):
            give(desk, every[begin : begin + ROWS_A_PUSH])
        yield desk


def longest_task(page: Page) -> float:
    """Return how long the page was busy at one time, at most, in ms."""
    found: float = page.evaluate("globalThis.longest")
    return found


def at_best(look: Callable[[], float]) -> float:
    """Return the longest task of a look at a page, in ms: of the better of two looks where the first was held up."""
    longest = look()
    return longest if longest < LONGEST_TASK_MS else min(longest, look())


def test_a_loss_is_not_hidden_among_many(crowded_desk: DeskProcess, open_page: OpenPage) -> None:
    """What has lost most stands first; what does not fit is counted; showing all of it does not hold the page up."""

    def look() -> float:
        watched = open_page(crowded_desk.url)
        page = watched.settle()
        page.evaluate(WATCH_TASKS)
        told = crowded_desk.json("/api/desk/trading")
        shown = page.get_by_test_id("portfolio")
        expect(shown).to_have_count(8)
        expect(shown.first).to_contain_text(f"account-{PORTFOLIOS - 1}")
        expect(page.get_by_test_id("rest").first).to_contain_text("worst of the others: account-")
        page.get_by_role("button", name=f"show all {len(told['portfolios'])}").click()
        expect(shown).to_have_count(len(told["portfolios"]))
        assert told["total"] == PORTFOLIOS
        expect(page.get_by_test_id("unsent")).to_contain_text(f"{PORTFOLIOS - len(told['portfolios'])} more portfolios")
        rest = page.get_by_test_id("positions-rest")
        rest.get_by_role("button", name="show 100 more").click()
        expect(page.get_by_test_id("positions").locator("tbody tr")).to_have_count(108)
        assert watched.errors == []
        return longest_task(page)

    assert at_best(look) < LONGEST_TASK_MS


def test_thousands_of_trades_do_not_hold_the_page_up(crowded_desk: DeskProcess, open_page: OpenPage) -> None:
    """Figures of ten thousand trades: the page draws what the desk has thinned, and answers keys all the while."""

    def look() -> float:
        watched = open_page(f"{crowded_desk.url}/#/performance?window=all&account=account-00&mode=live")
        page = watched.settle()
        page.evaluate(WATCH_TASKS)
        expect(page.get_by_test_id("figure-total_trades")).to_contain_text(f"{TRADES:,}")
        page.get_by_test_id("curves").get_by_role("button", name="table").click()
        page.keyboard.press("4")
        expect(page.get_by_test_id("performance")).to_have_attribute("aria-busy", "false")
        page.keyboard.press("5")
        expect(page.get_by_test_id("figure-total_trades")).to_contain_text(f"{TRADES:,}")
        assert watched.errors == []
        return longest_task(page)

    assert at_best(look) < LONGEST_TASK_MS
