"""Alerts on the page: a real breach of a lowered threshold, and text that would like to be more than text."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Route, expect

from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess

StartDesk = Callable[..., DeskProcess]

# Any machine uses more than a thousandth of its memory and its disk.
BREACH = """
[thresholds.memory_usage]
warning = 0.05
critical = 0.1
for = "1s"
[thresholds.disk_usage]
warning = 0.1
for = "2s"
"""
HOSTILE = """
groups:
  - name: hostile
    interval: 1s
    rules:
      - alert: Hostile
        expr: vector(1)
        labels: {severity: critical, note: '<img src=x onerror=alert(1)>'}
        annotations: {summary: '<script>alert(1)</script><b>bold</b>'}
"""
LONG = f"""
groups:
  - name: long
    interval: 1s
    rules:
      - alert: {"Long" * 16}
        expr: vector(1) and on() vector(2) and on() vector(3) and on() vector(4) and on() vector(5)
        labels: {{severity: critical, address: {"x" * 70}, pair: BTC-USDT-PERPETUAL, venue: somewhere-{"y" * 40}}}
        annotations: {{summary: {"z" * 80}}}
"""


def test_a_breach_is_first_on_the_page(start_desk: StartDesk, open_page: OpenPage, pictures: Path) -> None:
    """Severity by shape and word, value against limit, since when; the higher of two levels; told in what changed."""
    desk = start_desk("--interval", "1s", settings=BREACH)
    watched = open_page(f"{desk.url}/?r=5m")
    page = watched.settle()
    row = page.locator("[data-testid=alert][data-name=MemoryShort]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("critical")
    expect(row).to_contain_text("above 0.10")
    expect(page.get_by_test_id("state")).to_have_text("Critical")
    expect(page.get_by_test_id("quiet")).to_have_count(0)
    expect(page.locator("[data-testid=alert][data-name=DiskFilling]").first).to_contain_text("warning")
    expect(page.get_by_test_id("changes")).to_contain_text("MemoryShort firing")
    page.screenshot(path=pictures / "breach.png")
    page.keyboard.press("d")
    page.screenshot(path=pictures / "breach-light.png")
    assert (watched.errors, watched.off_host) == ([], [])


def test_text_stays_text(start_desk: StartDesk, open_page: OpenPage, tmp_path: Path) -> None:
    """Markup in names, labels and annotations is shown as it was written; nothing of it runs."""
    rules = tmp_path / "hostile.yml"
    rules.write_text(HOSTILE)
    desk = start_desk("--interval", "1s", settings=f'[rules]\nfiles = ["{rules}"]\n')
    watched = open_page(desk.url)
    page = watched.settle()
    row = page.locator("[data-testid=alert][data-name=Hostile]")
    expect(row).to_contain_text("<script>alert(1)</script><b>bold</b>")
    expect(row).to_contain_text("note=<img src=x onerror=alert(1)>")
    assert watched.errors == []


def test_warnings_of_one_kind_are_all_shown(start_desk: StartDesk, open_page: OpenPage) -> None:
    """Two warnings that share a code are two lines, and the page goes on working."""
    desk = start_desk("--interval", "1s", settings='[[routes]]\nseverity = ["info"]\nchannels = ["console"]\n')
    watched = open_page(desk.url)
    page = watched.settle()
    for severity in ("critical", "warning"):
        told = f"No route takes every {severity} alert: some reach nobody."
        expect(page.get_by_test_id("warning").filter(has_text=told)).to_have_count(1)
    expect(page.get_by_test_id("age")).to_have_text(re.compile(r"^[0-3] s ago$"))
    assert watched.errors == []


def test_long_labels_fit_a_phone(start_desk: StartDesk, open_page: OpenPage, pictures: Path, tmp_path: Path) -> None:
    """Words without a space wrap: at no width of a phone does the page scroll sideways, and nothing is cut off."""
    rules = tmp_path / "long.yml"
    rules.write_text(LONG)
    desk = start_desk("--interval", "1s", settings=f'[rules]\nfiles = ["{rules}"]\n')
    page = open_page(desk.url, width=390, height=780).settle()
    row = page.locator("[data-testid=alert]", has_text="x" * 70)
    expect(row).to_have_count(1)
    for width in (360, 390, 430):
        page.set_viewport_size({"width": width, "height": 780})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert row.evaluate("row => [...row.querySelectorAll('*')].every((each) => each.scrollWidth <= innerWidth)")
    page.screenshot(path=pictures / "now-phone-alert.png")


def test_an_alert_told_to_nobody_says_why(start_desk: StartDesk, open_page: OpenPage) -> None:
    """Where the desk gives the reason for which nobody was told of an alert, its row shows it."""
    desk = start_desk("--interval", "1s", settings=BREACH)
    page = open_page(desk.url).settle()

    def hold(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        for alert in told["alerts"]:
            alert["held"] = {"reason": "no_route", "by": "no route takes it"}
        route.fulfill(response=answer, json=told)

    page.route("**/api/desk/alerts", hold)
    row = page.locator("[data-testid=alert][data-name=MemoryShort]")
    expect(row.get_by_test_id("held")).to_have_text("told to nobody: no route takes it")
