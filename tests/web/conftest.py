"""What the page's tests need: Node.js, and the page's own tools as its lock names them."""

from pathlib import Path

import pytest

from nightdesk.testing import page


@pytest.fixture(scope="session")
def page_tools() -> Path:
    """The folder `web/` with its tools in `node_modules`."""
    return page.page_tools()
