"""The browser of the tests itself: one that hangs holds up no test."""

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Error

from nightdesk.testing.chromium import Chromium


@pytest.fixture
def hasty(chromium: Chromium) -> Iterator[Chromium]:
    """A browser beside the shared one that is given two seconds to let go."""
    browser = Chromium(chromium.kind, chromium.program, patience=2.0)
    yield browser
    browser.close()


def test_a_browser_that_hangs_is_replaced(hasty: Chromium) -> None:
    """Where the end of a context is never told, the browser is ended, and the next page opens in another."""
    page = hasty.context().new_page()
    hung = hasty.process
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    assert not hasty.leave(page.context)
    another = hasty.context()
    assert another.new_page().evaluate("6 * 7") == 42
    assert hasty.process not in (None, hung)
    assert hasty.leave(another)


def test_a_browser_that_crashed_is_replaced(hasty: Chromium) -> None:
    """One that has ended by itself fails no test but the one that it was in."""
    context, crashed = hasty.context(), hasty.process
    assert crashed is not None
    os.kill(crashed, signal.SIGKILL)
    assert not hasty.leave(context)
    context, crashed = hasty.context(), hasty.process
    assert crashed is not None
    os.kill(crashed, signal.SIGKILL)
    with pytest.raises(Error):
        context.new_page()
    assert hasty.context().new_page().evaluate("6 * 7") == 42


def test_a_browser_that_hangs_at_the_end_is_ended(hasty: Chromium) -> None:
    """Nor is the end of the browser itself waited for."""
    hasty.context().new_page()
    hung = hasty.process
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    hasty.close()
    assert hasty.process is None
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)
