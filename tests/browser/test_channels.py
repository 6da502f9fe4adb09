"""The standing warning ends on the page: a test through a channel, and its code."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from nightdesk.testing.browser import OpenPage
from nightdesk.testing.desk import DeskProcess, wait_until
from nightdesk.testing.servers.hook_server import HookServer

WARNING = "Critical alerts cannot reach you away from this machine."


def routed_to(hooks: HookServer) -> str:
    """Return settings whose critical alerts go to a webhook."""
    channel = f'[channels.phone]\nkind = "webhook"\nurl = "{hooks.url("/night")}"\n'
    return channel + '[[routes]]\nchannels = ["console", "phone"]\n'


@pytest.fixture(scope="module")
def hooks() -> Iterator[HookServer]:
    """Where the messages arrive."""
    with HookServer() as server:
        yield server


@pytest.fixture(scope="module")
def routed_desk(hooks: HookServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk that can reach somebody, and does not know it yet."""
    folder = tmp_path_factory.mktemp("routed")
    with DeskProcess(folder, "--interval", "1s", settings=routed_to(hooks)) as desk:
        yield desk


def logged_in(desk: DeskProcess, open_page: OpenPage, *, after: str = "") -> Page:
    """Open the page with a session."""
    found = re.search(r"http://\S+#login=\S+", desk.command("login").stdout)
    assert found is not None
    page = open_page(found[0]).settle()
    expect(page.get_by_test_id("known")).to_be_visible()
    if after:
        page.goto(desk.url + after)
    return page


def code_of(hooks: HookServer, before: int = 0) -> str:
    """Return the code that the test message after the first `before` brought."""
    wait_until(lambda: len(hooks.posts) > before, 15, "the test arrived")
    found = re.search(r"nightdesk channels confirm ([\w-]+)", str(hooks.posts[-1].body))
    assert found is not None, hooks.posts[-1].body
    return found[1]


def test_a_confirmed_test_ends_the_warning(routed_desk: DeskProcess, hooks: HookServer, open_page: OpenPage) -> None:
    """The button sends a real test; its code, typed in, ends the warning; a wrong one is refused with a sentence."""
    page = logged_in(routed_desk, open_page)
    warning = page.get_by_test_id("warning").filter(has_text=WARNING)
    warning.get_by_role("button", name="Test a channel").click()
    dialog = page.get_by_role("dialog", name="How this desk reaches you")
    expect(dialog.get_by_test_id("channels")).to_contain_text("console")
    expect(dialog.get_by_test_id("channels")).to_contain_text("stays on this machine")
    dialog.get_by_role("button", name="Send a test through phone").click()
    expect(dialog.get_by_test_id("outcome")).to_contain_text("A test is on its way through phone")
    code = code_of(hooks)
    dialog.get_by_label("Code of the test").fill("WRONG-CODE")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog.get_by_test_id("outcome")).to_contain_text("no test that is open has this code", ignore_case=True)
    dialog.get_by_label("Code of the test").fill(f" {code} ")
    page.keyboard.press("Enter")
    expect(dialog.get_by_test_id("outcome")).to_contain_text("Confirmed")
    expect(dialog.get_by_test_id("channels")).to_contain_text(re.compile(r"confirmed \d+ s ago"))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(warning).to_have_count(0)


def test_the_address_of_a_message_brings_its_code(
    routed_desk: DeskProcess, hooks: HookServer, open_page: OpenPage
) -> None:
    """`#confirm=CODE` opens the dialog with the code in its field and leaves the address."""
    before = len(hooks.posts)
    assert routed_desk.command("channels", "test", "phone").returncode == 0
    page = logged_in(routed_desk, open_page, after=f"/#confirm={code_of(hooks, before)}")
    dialog = page.get_by_role("dialog", name="How this desk reaches you")
    expect(page).to_have_url(f"{routed_desk.url}/")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog.get_by_test_id("outcome")).to_contain_text("Confirmed")


def test_a_stranger_is_told_to_log_in(calm_desk: DeskProcess, open_page: OpenPage) -> None:
    """Without a session nothing is sent, and the dialog says how to get one."""
    page = open_page(calm_desk.url).settle()
    page.get_by_role("button", name="Test a channel").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("No channel leaves this machine")
    dialog.get_by_role("button", name="Send a test through console").click()
    expect(dialog.get_by_test_id("outcome")).to_contain_text("nightdesk login")
