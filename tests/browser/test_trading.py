"""Money on the page Now: portfolios side by side, positions, and what is not known."""

import re
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

from playwright.sync_api import Page, expect

from nightdesk.model.trade import Mode, Portfolio, Trade
from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.trading import Weeks, give

MINUS = "\u2212"


def portfolio(page: Page, mode: str, name: str) -> Any:
    """Return the row of one portfolio."""
    return page.locator(f"[data-testid=portfolio][data-mode={mode}]", has_text=name)


def told(amount: float, currency: str) -> str:
    """Write a gain as the page does."""
    sign = "+" if amount > 0 else MINUS if amount < 0 else ""
    return f"{sign}{abs(amount):,.2f}\u00a0{currency}"


def test_money_is_what_the_desk_says(trading_desk: DeskProcess, open_page: OpenPage) -> None:
    """P&L of the day, equity, drawdown with its basis, and each position stand on the page as in the API."""
    watched = open_page(trading_desk.url)
    page = watched.settle()
    live = next(each for each in trading_desk.json("/api/desk/trading")["portfolios"] if each["mode"] == "live")
    row = portfolio(page, "live", "main \u00b7 momo")
    expect(row.get_by_test_id("pnl-today")).to_contain_text(told(live["pnl_today"]["value"], "USDT"))
    expect(row.get_by_test_id("pnl-today")).to_contain_text(re.compile(r"since \d\d:\d\d"))
    expect(row.get_by_test_id("equity")).to_contain_text(f"{live['equity']['value']:,.2f}\u00a0USDT")
    depth = live["drawdown"]["value"]
    expect(row.get_by_test_id("drawdown")).to_contain_text(f"{MINUS if depth else ''}{abs(depth) * 100:.2f}\u202f%")
    expect(row.get_by_test_id("drawdown")).to_contain_text("marked to market")
    bitcoin = page.get_by_test_id("positions").get_by_role("row").filter(has_text="BTC/USDT")
    for word in ("long", "0.42", "96,120.5", "+373.59\u00a0USDT", "2 h"):
        expect(bitcoin).to_contain_text(word)
    expect(page.get_by_test_id("positions").get_by_role("row").filter(has_text="ETH/USDT")).to_contain_text("short")
    assert (watched.errors, watched.off_host) == ([], [])


def test_what_is_not_known_says_why(trading_desk: DeskProcess, open_page: OpenPage) -> None:
    """A position without a price, and the sum that lacks for it, are unknown with the reason, never zero."""
    page = open_page(trading_desk.url).settle()
    row = portfolio(page, "live", "main \u00b7 momo")
    expect(row.get_by_test_id("unrealised")).to_contain_text("unknown")
    expect(row.get_by_test_id("reason")).to_have_text(re.compile(r"Unrealised P&L unknown: .*SOL/USDT"))
    solana = page.get_by_test_id("positions").get_by_role("row").filter(has_text="SOL/USDT")
    expect(solana).to_contain_text(re.compile(r"unknown: .*price"))


def test_modes_stand_apart_and_are_never_summed(imported_desk: DeskProcess, open_page: OpenPage) -> None:
    """Live, paper and back-test are headed as such, and no number of the page adds two of them up."""
    watched = open_page(imported_desk.url)
    page = watched.settle()
    money = page.get_by_test_id("money")
    rows = money.get_by_test_id("portfolio")
    assert [row.get_attribute("data-mode") for row in rows.all()] == ["live", "live", "paper", "backtest"]
    expect(money.get_by_role("heading", name="Paper: no money at stake")).to_be_visible()
    expect(money.get_by_role("heading", name="Backtest: a calculation about the past")).to_be_visible()
    standings = imported_desk.json("/api/desk/trading")["portfolios"]
    equities = [each["equity"]["value"] for each in standings if each["equity"]["value"] is not None]
    shown = money.inner_text()
    for one in range(len(equities)):
        assert f"{equities[one]:,.2f}" in shown or f"{equities[one]:.7f}" in shown
        for other in range(one):
            assert f"{equities[one] + equities[other]:,.2f}" not in shown
    bare = portfolio(page, "live", "bare \u00b7 single")
    expect(bare.get_by_test_id("equity")).to_contain_text("unknown")
    expect(bare.get_by_test_id("reason")).to_contain_text("Equity and drawdown unknown:")
    assert watched.errors == []


def test_two_currencies_are_told_side_by_side(restless_desk: DeskProcess, open_page: OpenPage) -> None:
    """Without a rate nothing is added: each sum has its currency; a bot's name is text, whatever it looks like."""
    bot = "<img src=x onerror=alert(1)>"
    weeks = Weeks(Portfolio.of("ib", bot, Mode.LIVE), int(time.time() * 1000), days=20)
    trades = [row for row in weeks.rows() if isinstance(row, Trade)]
    give(restless_desk, [replace(trade, currency="EUR" if at % 2 else "USD") for at, trade in enumerate(trades)])
    watched = open_page(restless_desk.url)
    page = watched.settle()
    row = portfolio(page, "live", f"ib \u00b7 {bot}")
    expect(row.get_by_test_id("no-currency")).to_be_visible()
    row.get_by_role("link").click()
    table = page.get_by_test_id("currencies")
    for currency, part in (("USD", trades[::2]), ("EUR", trades[1::2])):
        total = float(sum((trade.pnl or Decimal(0) for trade in part), Decimal(0)))
        expect(table.get_by_role("row").filter(has_text=currency)).to_contain_text(told(total, currency))
    expect(page.get_by_test_id("figure-total_pnl")).to_contain_text("no value")
    expect(page.get_by_test_id("figure-total_pnl")).to_contain_text("several currencies")
    assert watched.errors == []


def test_without_trades_the_page_says_how_to_import(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """No ledger: one line with the command, for this desk's folder."""
    page = open_page(calm_desk.url).settle()
    command = f"nightdesk trades import --data {calm_desk.data} FILE"
    expect(page.get_by_test_id("money-empty")).to_contain_text(command)
    expect(page.get_by_test_id("portfolio")).to_have_count(0)


def test_a_new_trade_appears_by_itself(restless_desk: DeskProcess, open_page: OpenPage) -> None:
    """The page asks on: what a bot sends is seen within seconds, and a page that is not seen asks nothing."""
    watched = open_page(restless_desk.url, clock=True)
    page = watched.settle()
    before = page.get_by_test_id("portfolio").count()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/desk/trading" in request.url else None)
    weeks = Weeks(Portfolio.of("late", "", Mode.LIVE), int(time.time() * 1000), days=2)
    give(restless_desk, weeks.rows())
    expect(page.get_by_test_id("portfolio")).to_have_count(before + 1)
    assert len(asked) <= 4
    hide(page, hidden=True)
    asked.clear()
    page.clock.fast_forward("01:00")
    assert asked == []
    hide(page, hidden=False)
    wait_until(lambda: page.evaluate("1") and asked, 5, "the page asks at once when it is seen again")
    assert watched.errors == []


def hide(page: Page, *, hidden: bool) -> None:
    """Make the page believe that nobody sees it; a headless browser shows every page."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
          document.dispatchEvent(new Event('visibilitychange'));
        }""",
        hidden,
    )


def test_money_fits_every_screen(trading_desk: DeskProcess, open_page: OpenPage) -> None:
    """Nothing is cut off and nothing scrolls sideways; the first screen of a phone has P&L, equity and drawdown."""
    page = open_page(trading_desk.url).settle()
    row = portfolio(page, "live", "main \u00b7 momo")
    for width, height in ((390, 844), (1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for name in ("pnl-today", "unrealised", "equity", "drawdown"):
            figure = row.get_by_test_id(name)
            assert figure.evaluate("element => element.getBoundingClientRect().bottom") <= height
            assert figure.evaluate("each => [...each.querySelectorAll('*')].every((e) => e.scrollWidth <= innerWidth)")


def test_a_desk_that_is_gone_leaves_no_fresh_money(restless_desk: DeskProcess, open_page: OpenPage) -> None:
    """When the desk is killed its figures go grey and say how old they are."""
    give(restless_desk, Weeks(Portfolio.of("gone", "", Mode.LIVE), int(time.time() * 1000), days=1).rows())
    page = open_page(restless_desk.url).settle()
    shown = page.get_by_test_id("portfolio")
    expect(shown.filter(has_text="gone")).to_have_count(1)
    restless_desk.kill()
    try:
        expect(page.get_by_test_id("money")).to_contain_text(re.compile(r"These figures are \d+ s old"), timeout=30_000)
        expect(page.locator("[data-testid=portfolio].old")).to_have_count(shown.count())
    finally:
        restless_desk.start()
    expect(page.locator("[data-testid=portfolio].old")).to_have_count(0, timeout=30_000)
