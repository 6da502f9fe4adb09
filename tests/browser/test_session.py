"""Logging in: the page says what became of a one-time address."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess

StartDesk = Callable[..., DeskProcess]
GUARDED = "[desk]\nbehind_proxy = true\n"
"""Whoever comes through a proxy is not on this machine: even reading needs a login."""


def login_address(desk: DeskProcess) -> str:
    """Return what `nightdesk login` prints."""
    told = desk.command("login")
    assert told.returncode == 0, told.stderr
    found = re.search(r"http://\S+#login=\S+", told.stdout)
    assert found is not None, told.stdout
    return found[0]


def test_login_address_logs_in_and_leaves_no_trace(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """The code becomes a cookie that no script reads, is gone from the address, and the page says so, later too."""
    page = open_page(login_address(calm_desk)).settle()
    expect(page).to_have_url(f"{calm_desk.url}/")
    expect(page.get_by_test_id("known")).to_have_text("logged in")
    session = page.context.request.get(f"{calm_desk.url}/api/desk/session").json()
    assert session["authenticated"] is True
    assert page.evaluate("document.cookie") == ""
    page.reload()
    expect(page.get_by_test_id("known")).to_be_visible()


def test_a_used_login_address_says_what_to_do(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """An address that does not log in is answered with why and with the way to another one."""
    page = open_page(f"{calm_desk.url}/#login=WRONG%").settle()
    told = "That login address was used or is too old; `nightdesk login` prints another."
    expect(page.get_by_test_id("login-refused")).to_have_text(told)
    expect(page.get_by_test_id("known")).to_have_count(0)
    expect(page).to_have_url(f"{calm_desk.url}/")


def test_a_login_address_works_where_the_page_is_open(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """Pasting it over the address of the same page, which loads nothing anew, logs in all the same."""
    page = open_page(calm_desk.url).settle()
    page.goto(login_address(calm_desk))
    expect(page.get_by_test_id("known")).to_be_visible()


def test_a_guarded_desk_asks_who_you_are(start_desk: StartDesk, open_page: OpenPage) -> None:
    """Where reading needs a login the page shows nothing but the way to log in; then it shows all."""
    desk = start_desk("--interval", "1s", settings=GUARDED)
    page = open_page(desk.url).page
    expect(page.get_by_role("heading")).to_have_text("This desk asks who you are")
    expect(page.get_by_test_id("alerts")).to_have_count(0)
    page.goto(login_address(desk))
    expect(page.get_by_test_id("alerts")).to_be_visible()
