"""The page Now on a desk that measures this machine."""

import gzip
import os
import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from nightdesk.testing.browser import STATIC, OpenPage
from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.servers.exporter import Exporter

HOST_VITALS = ("cpu_usage", "memory_usage", "disk_usage")
UNMEASURED_VITALS = (
    "npu_utilization",
    "gpu_utilization",
    "api_response_times",
    "database_performance",
    "cache_hit_ratio",
    "error_rate",
)
MOST_SCRIPT_BYTES = 70 * 1024
MOST_SCRIPT_BYTES_OF_ALL_PAGES = 160 * 1024
MOST_READY_MS = 2_500
"""Three times the budget of 800 ms, for a machine that does other things too; the figure itself is in the docs."""
MOST_SHIFT = 0.05
MOST_PAGES = 4
"""A machine that is busy for a moment spoils a page; the best of these is what the page itself is good for."""
MOST_BUSY_RATIO = 0.10


def test_numbers_move(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """The vitals of this machine are shown, and they change while one looks."""
    watched = open_page(f"{calm_desk.url}/?r=5m")
    page = watched.settle()
    for name in HOST_VITALS:
        expect(page.get_by_test_id(f"tile-{name}")).to_contain_text(re.compile(r"\d[\d.]*%"))
    # All of them together: a saturated CPU stands at 100 % and a quiet memory where it was.
    shown = [page.locator(".tiles"), page.get_by_test_id("panels").locator("dl").last, page.get_by_test_id("facts")]
    seen: set[str] = set()

    def changed_twice() -> bool:
        seen.add(" ".join(part.inner_text() for part in shown))
        return len(seen) >= 3

    wait_until(changed_twice, 20, "the numbers changed twice", every=0.5)
    expect(page.get_by_test_id("live")).to_have_text("live")
    assert (watched.errors, watched.off_host) == ([], [])


def test_what_is_not_measured_says_why(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """A vital without a value is one line with its reason, never a chart and never 0 %."""
    page = open_page(calm_desk.url).settle()
    for name in UNMEASURED_VITALS:
        expect(page.get_by_test_id(f"absent-{name}")).to_contain_text(re.compile(r"\w+ .+\."))
        expect(page.get_by_test_id(f"tile-{name}")).to_have_count(0)
    expect(page.get_by_test_id("absent-error_rate")).to_contain_text("[[probes]]")


def test_quiet_is_told_truthfully(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """Nothing fires: the page says so, says since when, and warns that nobody away from here would be told."""
    page = open_page(calm_desk.url).settle()
    expect(page.get_by_test_id("state")).to_have_text("All well")
    expect(page.get_by_test_id("quiet")).to_contain_text("All quiet. No alert on record")
    expect(page.get_by_test_id("warning").first).to_contain_text("cannot reach you away from this machine")


def test_policy_is_strict_and_kept(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """The page comes with a policy that allows nothing inline and nobody else, and does not try to break it."""
    watched = open_page(calm_desk.url)
    page = watched.settle()
    answer = page.request.get(calm_desk.url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    # The stand the test takes is sound only if a violation is noted: commit one.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    wait_until(lambda: watched.errors, 5, "the violation was noted")
    assert all("style-src" in error for error in watched.errors), watched.errors


def test_first_picture_is_quick_and_still(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """Scripts are few, the page is ready soon, and nothing on it jumps."""
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in (STATIC / "assets").glob("*.js")}
    assert sum(sizes.values()) <= MOST_SCRIPT_BYTES_OF_ALL_PAGES, sizes
    wait_until(lambda: calm_desk.query("cpu_usage"), 20, "the first vitals")
    page = open_page(calm_desk.url).settle()
    resources = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    fetched = {name: size for name, size in sizes.items() if any(name in each for each in resources)}
    assert len(fetched) < len(sizes), "pages that nobody opened are fetched too"
    assert sum(fetched.values()) <= MOST_SCRIPT_BYTES, fetched
    pictures = [first_picture(page)]
    while len(pictures) < MOST_PAGES and not is_quick_and_still(pictures[-1]):
        pictures.append(first_picture(open_page(calm_desk.url).settle()))
    assert is_quick_and_still(pictures[-1]), f"ready after ms, layout shifted by: {pictures}"


def first_picture(page: Page) -> tuple[float, float]:
    """Return after how many ms a page was ready, and by how much its layout has shifted."""
    ready: float = page.evaluate("performance.getEntriesByName('nightdesk-ready')[0].startTime")
    shift: float = page.evaluate(
        """() => new Promise((resolve) => {
          new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, each) => sum + each.value, 0)))
            .observe({type: 'layout-shift', buffered: true});
          setTimeout(() => resolve(0), 1000);
        })"""
    )
    return ready, shift


def is_quick_and_still(picture: tuple[float, float]) -> bool:
    """Say whether a first picture keeps both of its bounds."""
    ready, shift = picture
    return ready <= MOST_READY_MS and shift < MOST_SHIFT


def test_looking_is_cheap(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """At one sample a second the page's main thread is busy for less than a tenth of the time."""
    page = open_page(calm_desk.url).settle()
    session = page.context.new_cdp_session(page)
    # Time of its own thread, so that a busy machine does not count as a busy page.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> tuple[float, float]:
        metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        return metrics["TaskDuration"], time.monotonic()

    page.wait_for_timeout(1_000)  # the first picture is not part of this
    task, begun = busy()
    page.wait_for_timeout(3_000)  # a share of time can only be measured over some
    later, ended = busy()
    assert (later - task) / (ended - begun) < MOST_BUSY_RATIO


def test_no_width_needs_sideways_scrolling(calm_desk: DeskProcess, open_page: OpenPage, pictures: Path) -> None:
    """On a phone, a tablet and a wide screen everything is there."""
    page = open_page(calm_desk.url).settle()
    for width in (360, 768, 2560):
        page.set_viewport_size({"width": width, "height": 780})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        expect(page.get_by_test_id("tile-disk_usage")).to_be_visible()
        page.screenshot(path=pictures / f"now-{width}.png", full_page=True)


WEB9 = """
[[scrape]]
job = "node"
targets = ["127.0.0.1:{port}"]
interval = "1s"
labels = {{ instance = "web9" }}
"""


def tell_of_web9(exporter: Exporter) -> None:
    """Be a machine whose memory and disk are 97 % full."""
    for name, value in (("node_memory_MemTotal_bytes", 100), ("node_memory_MemAvailable_bytes", 3)):
        exporter.set(name, value)
    for name, value in (("size", 100), ("free", 3), ("avail", 3)):
        exporter.set(f'node_filesystem_{name}_bytes{{device="/dev/sda1",fstype="ext4",mountpoint="/"}}', value)


def test_two_machines_are_told_apart(tmp_path: Path, open_page: OpenPage, pictures: Path) -> None:
    """A tile says whose value it tells, each `/` is called by its machine, and a pending alert has its labels."""
    with Exporter() as exporter:
        tell_of_web9(exporter)
        with DeskProcess(tmp_path, "--interval", "1s", settings=WEB9.format(port=exporter.port)) as desk:
            wait_until(lambda: desk.query('disk_usage{instance="web9"}'), 20, "the vitals of web9")
            page = open_page(f"{desk.url}/?r=5m").settle()
            for name in ("memory_usage", "disk_usage"):
                tile = page.get_by_test_id(f"tile-{name}")
                expect(tile).to_contain_text("97.0%")
                expect(tile.get_by_test_id("machine")).to_have_text("web9")
            expect(page.get_by_test_id("tile-cpu_usage")).to_contain_text(f"{os.cpu_count()} cores")
            expect(page.locator("#panel-disk")).to_contain_text("web9 /")
            waits = page.locator("[data-testid=alert][data-name=MemoryShort]")
            expect(waits.get_by_text("instance=web9")).to_be_visible()
            page.screenshot(path=pictures / "now-two-machines.png")
            page.set_viewport_size({"width": 390, "height": 780})
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            page.screenshot(path=pictures / "now-two-machines-390.png", full_page=True)
