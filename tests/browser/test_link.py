"""The live connection: one for all pages, and honest while it is down."""

import os
import re
import signal

from playwright.sync_api import expect

from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess

PAGES = 8
"""More than the six connections that a browser opens to one host."""


def test_a_killed_desk_is_told_and_comes_back(restless_desk: DeskProcess, open_page: OpenPage) -> None:
    """Numbers go grey with their age and nothing claims to be well; when the desk is back, so is the page."""
    watched = open_page(f"{restless_desk.url}/?r=5m")
    page = watched.settle()
    expect(page.get_by_test_id("state")).to_have_text("All well")
    restless_desk.kill()
    expect(page.get_by_test_id("gone")).to_contain_text(re.compile(r"does not answer\. What you see is \d+ s old"))
    expect(page.get_by_test_id("state")).to_have_text("Unknown")
    expect(page.get_by_test_id("tile-cpu_usage")).to_contain_text("stale", ignore_case=True)
    expect(page.get_by_test_id("quiet")).to_contain_text("not known now")
    expect(page).to_have_title(re.compile(r"^\?"))
    restless_desk.start()
    expect(page.get_by_test_id("gone")).to_have_count(0, timeout=30_000)
    expect(page.get_by_test_id("state")).to_have_text("All well")
    # A browser logs each refused connection; the page itself must not have failed.
    assert [error for error in watched.errors if "ERR_" not in error] == []


def test_a_frozen_desk_is_told_too(restless_desk: DeskProcess, open_page: OpenPage) -> None:
    """A desk that is stopped keeps its connections open: the age of the numbers tells it all the same."""
    page = open_page(restless_desk.url).settle()
    os.kill(restless_desk.pid, signal.SIGSTOP)
    try:
        # First the numbers are old, then a question goes unanswered: the page may be at either when it is looked at.
        told = re.compile(r"No new samples for \d+ s\.|does not answer\. What you see is \d+ s old")
        expect(page.get_by_test_id("gone")).to_contain_text(told)
        expect(page.get_by_test_id("state")).to_have_text("Unknown")
    finally:
        os.kill(restless_desk.pid, signal.SIGCONT)
    expect(page.get_by_test_id("gone")).to_have_count(0, timeout=30_000)


def test_many_pages_share_one_connection(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """Eight pages of one browser are all live."""
    first = open_page(calm_desk.url)
    first.settle()
    pages = [first.page, *(first.page.context.new_page() for _ in range(PAGES - 1))]
    for page in pages[1:]:
        page.goto(calm_desk.url)
    for page in pages:
        page.locator("html[data-ready=true]").wait_for(timeout=15_000)
    for page in pages:
        expect(page.get_by_test_id("live")).to_have_text("live")
        expect(page.get_by_test_id("age")).to_have_text(re.compile(r"^[0-3] s ago$"))
