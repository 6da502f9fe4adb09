"""The pictures of the documents: a real desk that trades, on a machine whose processors are really busy."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nightdesk.client import connect
from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.load import busy_cores
from nightdesk.testing.servers.web_server import Page, WebServer
from nightdesk.testing.trading import trade_for_weeks

SECONDS = 150
SETTINGS = """
[thresholds.cpu_usage]
warning = 70
critical = 90
for = "30s"
[[probes]]
kind = "http"
name = "broker"
url = "{broker}"
interval = "2s"
[[probes]]
kind = "sqlite"
name = "orders"
file = "{orders}"
interval = "2s"
"""


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_a_busy_night_looks_like_one(
    start_desk: Callable[..., DeskProcess], open_page: OpenPage, pictures: Path, tmp_path: Path
) -> None:
    """After minutes of load Now leads with the critical alert and shows what is at stake beside it.

    `NIGHTDESK_PICTURES` says where the pictures are drawn.
    """
    orders = tmp_path / "orders.sqlite"
    with closing(sqlite3.connect(orders)) as connection:
        connection.execute("CREATE TABLE orders (id)")
    with WebServer({"/time": Page(b"{}")}) as broker:
        desk = start_desk("--interval", "1s", settings=SETTINGS.format(broker=f"{broker.url}/time", orders=orders))
        trade_for_weeks(desk)
        bot = connect(desk.data, bot="momo")
        bot.beat("candles", every="10m", stage="decided")
        for _ in range(200):
            with bot.track("place_order"):
                pass
        assert bot.flush(10)
        page = open_page(f"{desk.url}/?r=5m", height=1000).settle()
        page.wait_for_timeout(SECONDS * 400)  # a while of quiet, so that the breach has a before
        with busy_cores():
            expect(page.locator("[data-testid=alert][data-name=CpuBusy]").first).to_be_visible(timeout=120_000)
            page.wait_for_timeout(SECONDS * 300)
            expect(page.locator("[data-testid=alert][data-name=CpuBusy]").first).to_contain_text(
                "critical", ignore_case=True
            )
            page.screenshot(path=pictures / "now.png")
            page.keyboard.press("d")
            page.screenshot(path=pictures / "now-light.png")
        bot.close()


@pytest.mark.campaign
def test_performance_of_weeks(trading_desk: DeskProcess, open_page: OpenPage, pictures: Path) -> None:
    """The page Performance as the documents show it, and both pages on a phone."""
    page = open_page(f"{trading_desk.url}/#/performance?window=all", height=900).settle()
    expect(page.get_by_test_id("figure-total_pnl")).to_contain_text("USDT")
    expect(page.get_by_test_id("state")).to_have_text("All well")
    page.screenshot(path=pictures / "performance.png")
    for name, address in (("now-phone", ""), ("performance-phone", "#/performance?window=all")):
        phone = open_page(f"{trading_desk.url}/{address}", width=390, height=844).settle()
        expect(phone.get_by_text("main \u00b7 momo").first).to_be_attached()
        phone.screenshot(path=pictures / f"{name}.png")
