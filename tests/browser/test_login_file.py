"""The file that `--open` gives to the browser leads on to the page, logged in."""

import webbrowser

import pytest
from playwright.sync_api import expect

from nightdesk.cli.browser import PAGE_FILE
from nightdesk.cli.browser import open_page as open_in_browser
from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess


def test_the_file_leads_to_the_page_logged_in(
    calm_desk: DeskProcess, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that is given the private file ends on the desk's page with a session."""
    monkeypatch.setattr(webbrowser, "open", lambda _: True)
    open_in_browser(calm_desk.data, calm_desk.command("login").stdout.strip())
    page = open_page((calm_desk.data / PAGE_FILE).as_uri()).settle()
    expect(page).to_have_url(f"{calm_desk.url}/")
    assert page.context.request.get(f"{calm_desk.url}/api/desk/session").json()["authenticated"] is True
