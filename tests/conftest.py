"""Fixtures of the whole test suite: real desks in processes of their own, and the page's tools."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from nightdesk.testing import page
from nightdesk.testing.desk import DeskProcess

# A shared machine stalls for longer than any example takes: the length of one example guarantees nothing.
settings.register_profile("nightdesk", deadline=None)
settings.load_profile("nightdesk")

StartDesk = Callable[..., DeskProcess]
PAGE_TOOLS_SECONDS = 480
"""What a test with the page's tools may take: in a new checkout the first of them fetches the tools too."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: Playwright keeps an event loop running in this thread until the session ends."""
    items.sort(key=lambda item: "browser" in item.path.parts)
    for item in items:
        if isinstance(item, pytest.Function) and "page_tools" in item.fixturenames:
            item.add_marker(pytest.mark.timeout(PAGE_TOOLS_SECONDS))


@pytest.fixture(scope="session")
def page_tools() -> Path:
    """The folder `web/` with its tools in `node_modules`, as the page's lock names them."""
    return page.page_tools()


@pytest.fixture
def start_desk(tmp_path: Path) -> Iterator[StartDesk]:
    """Start real desks, each in a folder of its own: `start_desk("--no-collect", settings="...", name="second")`.

    Each is ready when the call returns, and all are stopped at the end.
    """
    desks: list[DeskProcess] = []

    def start(*options: str, settings: str = "", name: str = "desk") -> DeskProcess:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        desk = DeskProcess(folder, *options, settings=settings)
        desks.append(desk)
        return desk.start()

    yield start
    for desk in desks:
        desk.stop()


@pytest.fixture
def desk(start_desk: StartDesk) -> DeskProcess:
    """Run a real desk that measures this machine each second."""
    return start_desk("--interval", "1s")
