"""A chart over a day with damaged samples says that it may lack some: a gap must not look like a quiet hour."""

from pathlib import Path

from playwright.sync_api import expect

from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess, wait_until

JSON = {"Content-Type": "application/json"}


def test_charts_warn_of_damaged_days(tmp_path: Path, open_page: OpenPage, pictures: Path) -> None:
    """The desk knows that a file of today is damaged; every panel says so and names the day."""
    desk = DeskProcess(tmp_path, "--no-auth", "--interval", "1s")
    with desk:
        wait_until(lambda: desk.query("count_over_time(cpu_usage[1m]) > 2"), 20, "some samples were taken")
        assert desk.request("/-/seal", b"", JSON)[0] < 300
    days = list((desk.data / "samples" / "days").glob("*.db"))
    for day in days:
        raw = bytearray(day.read_bytes())
        raw[len(raw) // 3 :] = bytes(byte ^ 0xFF for byte in raw[len(raw) // 3 :])
        day.chmod(0o600)
        day.write_bytes(raw)
    with desk:
        page = open_page(f"{desk.url}/?r=15m").settle()
        warned = page.get_by_test_id("warned-cpu")
        expect(warned).to_contain_text("may lack samples")
        warned.locator("summary").click()
        # By its file: it may be tomorrow by now.
        expect(warned).to_contain_text(f"samples of {max(day.name[:10] for day in days)}")
        page.screenshot(path=pictures / "damaged.png")
