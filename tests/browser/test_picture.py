"""The picture of the README: a real desk on a machine whose processors are really busy."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.load import busy_cores

SECONDS = 150
SETTINGS = """
[thresholds.cpu_usage]
warning = 70
critical = 90
for = "30s"
[thresholds.disk_usage]
warning = 20
critical = 90
for = "30s"
"""


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_a_busy_machine_looks_like_one(
    start_desk: Callable[..., DeskProcess], open_page: OpenPage, pictures: Path
) -> None:
    """After minutes of load the page leads with the critical alert; `NIGHTDESK_PICTURES` says where it is drawn."""
    desk = start_desk("--interval", "1s", settings=SETTINGS)
    page = open_page(f"{desk.url}/?r=5m").settle()
    page.wait_for_timeout(SECONDS * 400)  # a while of quiet, so that the breach has a before
    with busy_cores(4):
        expect(page.locator("[data-testid=alert][data-name=CpuBusy]")).to_be_visible(timeout=120_000)
        page.wait_for_timeout(SECONDS * 300)
        expect(page.locator("[data-testid=alert][data-name=CpuBusy]")).to_contain_text("critical", ignore_case=True)
        page.screenshot(path=pictures / "now.png")
        page.keyboard.press("d")
        page.screenshot(path=pictures / "now-light.png")
