"""The page Performance on real ledgers: its figures are those of `nightdesk report`."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from nightdesk.testing.browser import STATIC, OpenPage, axe_faults
from nightdesk.testing.desk import DeskProcess

MINUS = "\u2212"


def report(desk: DeskProcess, *words: str) -> dict[str, Any]:
    """Return what `nightdesk report --json` says."""
    done = desk.command("report", "--json", *words, seconds=60)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def signed(value: float, digits: int) -> str:
    """Write a number as the page does: grouped, with a true minus."""
    return f"{MINUS if value < 0 else ''}{abs(value):,.{digits}f}"


HEADLINE: dict[str, Callable[[float], str]] = {
    "total_trades": lambda value: f"{value:,}",
    "win_rate": lambda value: f"{signed(value * 100, 2)}\u202f%",
    "total_pnl": lambda value: f"{'+' if value > 0 else ''}{signed(value, 2)}\u00a0USD",
    "average_profit": lambda value: f"{'+' if value > 0 else ''}{signed(value, 2)}\u00a0USD",
    "profit_factor": lambda value: signed(value, 2),
    "sharpe_ratio": lambda value: signed(value, 2),
    "sortino_ratio": lambda value: signed(value, 2),
    "max_drawdown": lambda value: f"{signed(value * 100, 2)}\u202f%",
    "calmar_ratio": lambda value: signed(value, 2),
    "annual_volatility": lambda value: f"{signed(value * 100, 2)}\u202f%",
}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("account=goog&mode=live", ("--account", "goog", "--mode", "live")),
        ("account=goog&mode=paper", ("--account", "goog", "--mode", "paper")),
        ("account=bare&mode=live", ("--account", "bare", "--mode", "live")),
    ],
)
def test_figures_are_those_of_the_report(
    imported_desk: DeskProcess, open_page: OpenPage, address: str, words: tuple[str, ...]
) -> None:
    """Each headline figure is the report's, with its n; one without a value gives the report's reason."""
    watched = open_page(f"{imported_desk.url}/#/performance?window=all&{address}")
    page = watched.settle()
    figures = report(imported_desk, "--window", "all", *words)
    for name, write in HEADLINE.items():
        value, card = figures[name], page.get_by_test_id(f"figure-{name}")
        if isinstance(value, dict):
            expect(card).to_contain_text("no value")
            expect(card).to_contain_text(value["reason"])
        else:
            expect(card.locator(".value")).to_have_text(write(value))
        expect(card).to_contain_text(f"n = {figures['statistics'][name]['n']:,}")
        if figures["statistics"][name]["periods_assumed"]:
            expect(card).to_contain_text("(assumed)")
    for note in figures["notes"]:
        expect(page.get_by_test_id("notes")).to_contain_text(note)
    for name in figures["statistics"]:
        expect(page.get_by_test_id(f"statistic-{name}")).to_have_count(1)
    assert (watched.errors, watched.off_host) == ([], [])


def test_a_card_opens_its_convention(imported_desk: DeskProcess, open_page: OpenPage) -> None:
    """By mouse or by keyboard; all of them by one button."""
    page = open_page(f"{imported_desk.url}/#/performance?window=all&account=goog&mode=live").settle()
    told = imported_desk.json("/api/desk/performance", window="all", account="goog", mode="live")["statistics"]
    convention = {each["name"]: each for each in told}
    card = page.get_by_test_id("figure-sharpe_ratio")
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(card.locator("p")).to_contain_text(convention["sharpe_ratio"]["convention"])
    expect(card.locator("p")).to_be_visible()
    page.get_by_role("button", name="show conventions").click()
    expect(page.get_by_test_id("statistic-ulcer_index")).to_contain_text(convention["ulcer_index"]["convention"])


def test_the_deepest_drawdown_is_told(imported_desk: DeskProcess, open_page: OpenPage) -> None:
    """In words below the charts and first in the table, with the dates of the report."""
    page = open_page(f"{imported_desk.url}/#/performance?window=all&account=goog&mode=live").settle()
    expect(page.get_by_test_id("deepest")).to_contain_text(
        f"{MINUS}33.93\u202f%: from 2006-02-15, lowest on 2006-05-09, recovered on 2007-10-05 (597 d)"
    )
    first = page.get_by_test_id("drawdowns").locator("tbody tr").first
    for word in (f"{MINUS}33.93\u202f%", "2006-02-15", "2006-05-09", "2007-10-05"):
        expect(first).to_contain_text(word)
    months = page.get_by_test_id("monthly").get_by_role("row").filter(has_text="2006")
    expect(months).to_contain_text(f"{MINUS}29.52")


def test_charts_speak_and_share_a_crosshair(imported_desk: DeskProcess, open_page: OpenPage) -> None:
    """Arrow keys read values aloud, both charts show one instant, a drag zooms both, a table tells the numbers."""
    page = open_page(f"{imported_desk.url}/#/performance?window=all&account=goog&mode=live").settle()
    equity = page.get_by_test_id("curve-equity")
    equity.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    spoken = page.get_by_test_id("curves").locator("[aria-live]").first
    expect(spoken).to_have_text(re.compile(r"\d{4}-\d\d-\d\d .*: equity [\d,.]+\u00a0USD"))
    equity.hover()
    expect(page.get_by_test_id("reading")).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d"))
    lines = [page.locator(f"[data-testid=curve-{kind}] .u-cursor-x") for kind in ("equity", "drawdown")]
    places = {line.evaluate("element => Math.round(element.getBoundingClientRect().x)") for line in lines}
    assert max(places) - min(places) <= 1
    box = equity.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="whole window").click()
    expect(page.get_by_role("button", name="whole window")).to_have_count(0)
    page.get_by_test_id("curves").get_by_role("button", name="table").click()
    newest = page.get_by_test_id("curves").locator("tbody tr").first
    expect(newest).to_contain_text("55,574.51\u00a0USD")


def test_the_report_is_one_command_away(imported_desk: DeskProcess, open_page: OpenPage) -> None:
    """The same figures as JSON by a link, and the command that writes the HTML report of what is shown."""
    page = open_page(f"{imported_desk.url}/#/performance?window=all&account=goog&mode=live").settle()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download JSON").click()
    told = json.loads(download.value.path().read_text())
    assert (told["total_trades"], told["portfolio"]["account"]) == (94, "goog")
    address = page.get_by_role("link", name="HTML report").get_attribute("href")
    assert address == "/api/desk/report.html?window=all&account=goog&mode=live"
    answer = page.request.get(imported_desk.url + address)
    assert answer.ok
    assert answer.headers["content-type"].startswith("text/html")
    page.get_by_role("button", name="by command").click()
    line = page.get_by_test_id("report-command").locator("code").inner_text()
    assert line.startswith("nightdesk report --account goog --mode live --window all --html report.html --data ")


def test_windows_and_portfolios_are_addresses(imported_desk: DeskProcess, open_page: OpenPage) -> None:
    """Keys, buttons and the picker change the address; Back undoes; a window without trades names the last one."""
    watched = open_page(f"{imported_desk.url}/#/performance?account=goog&mode=live")
    page = watched.settle()
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile(r"window=30d"))
    expect(page.get_by_test_id("no-trades")).to_contain_text("The last one closed on 2013-03-01")
    page.get_by_role("button", name="Show everything on record").click()
    expect(page).to_have_url(re.compile(r"window=all"))
    expect(page.get_by_test_id("no-trades")).to_have_count(0)
    page.go_back()
    expect(page.get_by_test_id("no-trades")).to_be_visible()
    page.get_by_test_id("portfolio-picker").select_option(label="crypto \u00b7 five")
    expect(page).to_have_url(re.compile(r"account=crypto&mode=backtest"))
    page.keyboard.press("5")
    expect(page.get_by_test_id("figure-total_pnl")).to_contain_text("+0.0010419\u00a0BTC")
    expect(page.get_by_test_id("figure-win_rate")).to_contain_text("94.97\u202f%")
    assert watched.errors == []


def test_pages_are_reached_by_keys_and_links(trading_desk: DeskProcess, open_page: OpenPage) -> None:
    """`g p` and `g n`, the links of the top bar, and a portfolio's name; the window of Now stays as it was."""
    watched = open_page(f"{trading_desk.url}/?r=1h")
    page = watched.settle()
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_test_id("performance")).to_be_visible()
    expect(page.get_by_role("link", name="Performance", exact=True)).to_have_attribute("aria-current", "page")
    expect(page).to_have_title(re.compile("Performance"))
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page.get_by_test_id("money")).to_be_visible()
    expect(page).to_have_url(f"{trading_desk.url}/?r=1h")
    expect(page.get_by_role("button", name="1 h", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="main \u00b7 grid").click()
    expect(page.get_by_test_id("portfolio-picker").locator("option:checked")).to_have_text("main \u00b7 grid")
    page.go_back()
    expect(page.get_by_test_id("money")).to_be_visible()
    assert watched.errors == []


def test_the_page_asks_once_and_is_quiet_then(trading_desk: DeskProcess, open_page: OpenPage) -> None:
    """Figures are asked for when something is chosen, not again and again."""
    page = open_page(f"{trading_desk.url}/#/performance", clock=True).settle()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.fast_forward("01:00")
    page.evaluate("1")
    assert [url for url in asked if "/performance" in url or "/trading" in url] == []


def test_an_empty_ledger_says_what_to_do(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """Without trades the page is the way to some."""
    page = open_page(f"{calm_desk.url}/#/performance").settle()
    expect(page.get_by_role("heading", name="No trades on record")).to_be_visible()
    expect(page.get_by_test_id("performance")).to_contain_text(f"nightdesk trades import --data {calm_desk.data} FILE")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("address", ["", "#/performance?window=all"], ids=["now", "performance"])
def test_every_screen_is_accessible(
    trading_desk: DeskProcess, open_page: OpenPage, axe: str, address: str, theme: str
) -> None:
    """Axe finds nothing serious and nothing scrolls sideways, on a phone, a laptop and a wide screen."""
    page = open_page(f"{trading_desk.url}/{address}", theme=theme).settle()
    for opener in page.get_by_role("button", name="table").all()[:2]:
        opener.click()
    for width in (1920, 1366, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # A wide screen shows what a laptop does.
        faults = axe_faults(page, axe) if width < 1920 else []
        assert [fault for fault in faults if fault["impact"] in ("serious", "critical")] == [], width


def test_scripts_of_performance_come_when_it_is_opened(trading_desk: DeskProcess, open_page: OpenPage) -> None:
    """The page Now does not fetch what only Performance needs."""
    page: Page = open_page(trading_desk.url).settle()
    own = next((STATIC / "assets").glob("Performance-*.js")).name
    fetched = "performance.getEntriesByType('resource').map((each) => each.name).join(' ')"
    assert own not in page.evaluate(fetched)
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_test_id("figure-total_pnl")).to_be_visible()
    assert own in page.evaluate(fetched)
