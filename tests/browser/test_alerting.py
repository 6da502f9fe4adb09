"""Alerts on the page: a real breach of a lowered threshold, and text that would like to be more than text."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

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
    page.screenshot(path=pictures / "now.png")
    page.keyboard.press("d")
    page.screenshot(path=pictures / "now-light.png")
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


def test_login_address_signs_in_and_leaves_no_trace(desk: DeskProcess, open_page: OpenPage) -> None:
    """The one-time code becomes a cookie that no script reads, and is gone from the address."""
    code = desk.text().split("#login=", 1)[1].split()[0]
    page = open_page(f"{desk.url}/#login={code}").settle()
    expect(page).to_have_url(f"{desk.url}/")
    session = page.context.request.get(f"{desk.url}/api/desk/session").json()
    assert session["authenticated"] is True
    assert page.evaluate("document.cookie") == ""
