"""One window of time for all panels: keys, mouse and address."""

import re

from playwright.sync_api import expect

from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess


def test_keys_move_through_time(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """Ranges, pause, pan, zoom and undo work by single keys; every state is an address."""
    watched = open_page(calm_desk.url)
    page = watched.settle()
    page.keyboard.press("3")
    expect(page).to_have_url(f"{calm_desk.url}/?r=1h")
    page.keyboard.press("+")
    expect(page).to_have_url(f"{calm_desk.url}/?r=30m")
    page.keyboard.press("z")
    expect(page).to_have_url(f"{calm_desk.url}/?r=1h")
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile(r"\?from=\d+&to=\d+$"))
    expect(page.get_by_test_id("live")).to_have_text(re.compile(r"go live · \d+ new"))
    paused = page.url
    page.keyboard.press("[")
    expect(page).not_to_have_url(paused)
    page.keyboard.press("Space")
    expect(page).to_have_url(f"{calm_desk.url}/?r=1h")
    expect(page.get_by_test_id("live")).to_have_text("live")
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?from=\d+&to=\d+$"))
    assert watched.errors == []


def test_an_address_is_a_picture(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """A pasted address opens the range it names."""
    page = open_page(f"{calm_desk.url}/?r=6h").settle()
    expect(page.get_by_role("button", name="6 h")).to_have_attribute("aria-pressed", "true")


def test_dragging_zooms_and_double_click_goes_back(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """A drag in one panel narrows the window of all; it is paused then."""
    watched = open_page(f"{calm_desk.url}/?r=5m")
    page = watched.settle()
    box = page.locator("#panel-memory .u-over").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"\?from=\d+&to=\d+$"))
    since, until = (int(number) for number in re.findall(r"\d{10,}", page.url))
    assert 80_000 <= until - since <= 100_000
    page.mouse.dblclick(box["x"] + box["width"] * 0.5, middle)
    expect(page).to_have_url(f"{calm_desk.url}/?r=5m")
    assert watched.errors == []


def test_crosshair_reads_all_panels_at_once(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """The crosshair of one panel stands in every panel, and its instant is told above them."""
    page = open_page(f"{calm_desk.url}/?r=5m").settle()
    page.locator("#panel-cpu .u-over").hover()
    expect(page.get_by_test_id("cursor")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    transforms = {
        page.locator(f"#panel-{name} .u-cursor-x").evaluate("element => element.style.transform")
        for name in ("cpu", "memory", "disk")
    }
    assert len(transforms) == 1


def test_values_can_be_read_without_a_mouse(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """Arrow keys in a focused chart say instant and values; the table tells the same numbers."""
    page = open_page(f"{calm_desk.url}/?r=5m").settle()
    panel = page.locator("#panel-memory")
    panel.get_by_role("application").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(panel.locator("[aria-live]")).to_have_text(re.compile(r"\d\d:\d\d:\d\d: used [\d.]+"))
    panel.get_by_role("button", name="table").click()
    expect(panel.get_by_role("columnheader", name="used")).to_be_visible()
    expect(panel.locator("tbody tr").first).to_contain_text(re.compile(r"\d\d:\d\d:\d\d[\s\S]*%"))


def test_theme_is_one_key_and_is_remembered(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """The system's preference decides first; the key `d` decides from then on."""
    page = open_page(calm_desk.url, theme="light").settle()
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "light")
    page.keyboard.press("d")
    expect(html).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(html).to_have_attribute("data-theme", "dark")


def test_help_lists_the_keys(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """The key `?` opens the list; while it is open keys do nothing behind it, and Escape closes it."""
    page = open_page(f"{calm_desk.url}/?r=5m").settle()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Pause, or go live")
    page.keyboard.press("3")
    expect(page).to_have_url(f"{calm_desk.url}/?r=5m")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_young_desk_is_seen_in_a_week(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """Seconds of samples are a dot in the tiles and a row in the table, however wide the range is."""
    watched = open_page(f"{calm_desk.url}/?r=7d")
    page = watched.settle()
    for name in ("cpu_usage", "memory_usage", "disk_usage"):
        expect(page.locator(f"[data-testid=tile-{name}] path")).to_have_attribute("d", re.compile(r"^M\d"))
    load = page.locator("#panel-load")
    expect(load.locator("dd").first).to_have_text(re.compile(r"\d"))
    load.get_by_role("button", name="table").click()
    expect(load.locator("tbody tr").first).to_contain_text(re.compile(r"\d\.\d\d"))
    assert watched.errors == []
