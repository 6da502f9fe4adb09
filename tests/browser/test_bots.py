"""Bots on the page Now: alive, silent, stopped; and the vitals that probes measure."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect

from nightdesk.client import connect
from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess

StartDesk = Callable[..., DeskProcess]


def test_a_bot_is_alive_until_it_is_silent(start_desk: StartDesk, open_page: OpenPage) -> None:
    """Its beat with the interval it promised, its operations; a missed beat says so in a shape and a word."""
    desk = start_desk("--interval", "1s")
    bot = connect(desk.data, bot="momo")
    try:
        with bot.track("place_order"):
            pass
        bot.beat("candles", every="3s", stage="decided")
        assert bot.flush(10)
        watched = open_page(desk.url)
        page = watched.settle()
        row = page.get_by_test_id("bot").filter(has_text="momo")
        expect(row).to_contain_text(re.compile(r"candles, decided\s*\d+ s ago, due every 3 s"))
        expect(row).to_contain_text(re.compile(r"place_order\s*p95 "))
        expect(row).to_contain_text("beat missed: candles", timeout=30_000)
        bot.stopping("deploy 1.4")
        assert bot.flush(10)
        expect(row).to_contain_text("stopped: deploy 1.4", timeout=30_000)
        assert watched.errors == []
    finally:
        bot.close()


def test_a_probed_vital_has_a_tile_and_a_panel(start_desk: StartDesk, open_page: OpenPage, tmp_path: Path) -> None:
    """A database that is probed: its p95 as a tile that names it, a panel of its own, and no line without value."""
    file = tmp_path / "orders.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE orders (id)")
    settings = f'[[probes]]\nkind = "sqlite"\nname = "orders"\nfile = "{file}"\ninterval = "1s"\n'
    desk = start_desk("--interval", "1s", settings=settings)
    watched = open_page(f"{desk.url}/?r=5m")
    page = watched.settle()
    tile = page.get_by_test_id("tile-database_performance")
    expect(tile).to_contain_text(re.compile(r"\d[\d.]*\s*(\u00b5s|ms|s)"), timeout=60_000)
    expect(tile).to_contain_text("orders")
    expect(page.get_by_test_id("absent-database_performance")).to_have_count(0)
    panel = page.locator("#panel-database-performance")
    expect(panel.get_by_role("heading")).to_have_text("Database, p95")
    expect(panel.locator("dl")).to_contain_text("orders")
    expect(panel.locator("dd").first).to_have_text(re.compile(r"\d"))
    assert watched.errors == []
