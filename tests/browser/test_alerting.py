"""Alerts on the page: a real breach of a lowered threshold, and text that would like to be more than text."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess

# No route takes what is warning or critical. Any machine uses more than a thousandth of its memory and its disk.
LOUD = """
[rules]
files = ["{rules}"]
[[routes]]
severity = ["info"]
channels = ["console"]
[thresholds.memory_usage]
warning = 0.05
critical = 0.1
for = "1s"
[thresholds.disk_usage]
warning = 0.1
for = "2s"
"""
RULES = f"""
groups:
  - name: hostile
    interval: 1s
    rules:
      - alert: Hostile
        expr: vector(1)
        labels: {{severity: critical, note: '<img src=x onerror=alert(1)>'}}
        annotations: {{summary: '<script>alert(1)</script><b>bold</b>'}}
  - name: long
    interval: 1s
    rules:
      - alert: {"Long" * 16}
        expr: vector(1) and on() vector(2) and on() vector(3) and on() vector(4) and on() vector(5)
        labels: {{severity: critical, address: {"x" * 70}, pair: BTC-USDT-PERPETUAL, venue: somewhere-{"y" * 40}}}
        annotations: {{summary: {"z" * 80}}}
"""


@pytest.fixture(scope="module")
def loud_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk on which much fires, and nobody is told of it."""
    folder = tmp_path_factory.mktemp("loud")
    rules = folder / "loud.yml"
    rules.write_text(RULES)
    with DeskProcess(folder, "--interval", "1s", settings=LOUD.format(rules=rules)) as desk:
        yield desk


def test_a_breach_is_first_on_the_page(loud_desk: DeskProcess, open_page: OpenPage, pictures: Path) -> None:
    """Severity by shape and word, value against limit, since when; the higher of two levels; told in what changed."""
    watched = open_page(f"{loud_desk.url}/?r=5m")
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


def test_text_stays_text(loud_desk: DeskProcess, open_page: OpenPage) -> None:
    """Markup in names, labels and annotations is shown as it was written; nothing of it runs."""
    watched = open_page(loud_desk.url)
    page = watched.settle()
    row = page.locator("[data-testid=alert][data-name=Hostile]")
    expect(row).to_contain_text("<script>alert(1)</script><b>bold</b>")
    expect(row).to_contain_text("note=<img src=x onerror=alert(1)>")
    assert watched.errors == []


def test_warnings_of_one_kind_are_all_shown(loud_desk: DeskProcess, open_page: OpenPage) -> None:
    """Two warnings that share a code are two lines, and the page goes on working."""
    watched = open_page(loud_desk.url)
    page = watched.settle()
    for severity in ("critical", "warning"):
        told = f"No route takes every {severity} alert: some reach nobody."
        expect(page.get_by_test_id("warning").filter(has_text=told)).to_have_count(1)
    expect(page.get_by_test_id("age")).to_have_text(re.compile(r"^[0-3] s ago$"))
    assert watched.errors == []


def test_long_labels_fit_a_phone(loud_desk: DeskProcess, open_page: OpenPage, pictures: Path) -> None:
    """Words without a space wrap: at no width of a phone does the page scroll sideways, and nothing is cut off."""
    page = open_page(loud_desk.url, width=390, height=780).settle()
    row = page.locator("[data-testid=alert]", has_text="x" * 70)
    expect(row).to_have_count(1)
    for width in (360, 390, 430):
        page.set_viewport_size({"width": width, "height": 780})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert row.evaluate("row => [...row.querySelectorAll('*')].every((each) => each.scrollWidth <= innerWidth)")
    page.screenshot(path=pictures / "now-phone-alert.png")


def test_an_alert_told_to_nobody_says_why(loud_desk: DeskProcess, open_page: OpenPage) -> None:
    """Where the desk gives the reason for which nobody was told of an alert, its row shows it."""
    page = open_page(loud_desk.url).settle()
    row = page.locator("[data-testid=alert][data-name=DiskFilling]").first
    expect(row.get_by_test_id("held")).to_have_text("told to nobody: no route takes it")
