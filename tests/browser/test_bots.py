"""Bots on the page Now: alive, silent, stopped; and the vitals that probes measure."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nightdesk.client import connect
from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess


@pytest.fixture(scope="module")
def watched_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that is probed."""
    file = tmp_path_factory.mktemp("orders") / "orders.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE orders (id)")
    return file


@pytest.fixture(scope="module")
def bot_desk(watched_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk that probes a database, and to which bots talk."""
    settings = f'[[probes]]\nkind = "sqlite"\nname = "orders"\nfile = "{watched_file}"\ninterval = "1s"\n'
    with DeskProcess(tmp_path_factory.mktemp("bots"), "--interval", "1s", settings=settings) as desk:
        yield desk


def last_heard(desk: DeskProcess, bot: str, seconds: float, every: float) -> None:
    """Tell the desk of a bot whose last beat was `seconds` ago, as a push that was long on its way does."""
    beat = ["candles", 1, seconds, every, "decided", ""]
    push = {"version": 1, "bot": bot, "run": "old", "age": seconds + 60, "sequence": 1, "beats": [beat]}
    headers = {"authorization": f"Bearer {desk.token()}", "content-type": "application/json"}
    status, answer = desk.request("/api/desk/bots/push", json.dumps(push).encode(), headers)
    assert status == 200, answer


def test_a_bot_is_alive_silent_or_stopped(bot_desk: DeskProcess, open_page: OpenPage) -> None:
    """Its beat with the interval it promised, its operations; a missed beat says so in a shape and a word."""
    last_heard(bot_desk, "silent", seconds=40, every=3)
    bot = connect(bot_desk.data, bot="momo")
    try:
        with bot.track("place_order"):
            pass
        bot.beat("candles", every="30s", stage="decided")
        assert bot.flush(10)
        watched = open_page(bot_desk.url, clock=True)
        page = watched.settle()
        silent = page.get_by_test_id("bot").filter(has_text="silent")
        expect(silent).to_contain_text("beat missed: candles")
        row = page.get_by_test_id("bot").filter(has_text="momo")
        expect(row).to_contain_text(re.compile(r"candles, decided\s*\d+ s ago, due every 30 s"))
        expect(row).to_contain_text(re.compile(r"place_order\s*p95 "))
        expect(row).not_to_contain_text("missed")
        bot.stopping("deploy 1.4")
        assert bot.flush(10)
        page.clock.fast_forward("00:30")
        expect(row).to_contain_text("stopped: deploy 1.4")
        assert watched.errors == []
    finally:
        bot.close()


def test_a_probed_vital_has_a_tile_and_a_panel(bot_desk: DeskProcess, open_page: OpenPage) -> None:
    """A database that is probed: its p95 as a tile that names it, a panel of its own, and no line without value."""
    watched = open_page(f"{bot_desk.url}/?r=5m")
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
