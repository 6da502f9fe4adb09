"""A real Chromium on real desks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from nightdesk.testing.browser import STATIC, OpenPage, Watched
from nightdesk.testing.chromium import Chromium
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.servers.services import missing, require_program
from nightdesk.testing.trading import trade_for_weeks

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Debian's Chromium, headless; skipped where it or the built page is missing."""
    path = require_program("chromium", "chromium-browser")
    if not (STATIC / "index.html").is_file():
        missing("the page is not built: `pip install -e .` builds it")
    with sync_playwright() as playwright:
        browser = Chromium(playwright.chromium, path)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Chromium, pytestconfig: pytest.Config) -> Iterator[OpenPage]:
    """Open a page and watch it; see `OpenPage`. With `clock` its time can be moved on by `page.clock`."""
    contexts: list[BrowserContext] = []

    def start(
        url: str,
        *,
        theme: Literal["dark", "light"] = "dark",
        width: int = 1366,
        height: int = 768,
        clock: bool = False,
    ) -> Watched:
        context = chromium.context(viewport={"width": width, "height": height}, color_scheme=theme)
        contexts.append(context)
        watched = Watched(context.new_page(), urlsplit(url).netloc)
        if clock:
            watched.page.clock.install()
        watched.page.goto(url)
        return watched

    yield start
    for context in contexts:
        if not chromium.leave(context):
            # Not a fault of the test, but not to pass unseen either.
            pytestconfig.get_terminal_writer().line(
                "Chromium no longer answered or has crashed; another takes its place"
            )


# Levels that no machine reaches, however busy the tests keep it.
CALM = """
[thresholds.cpu_usage]
warning = 1000
[thresholds.memory_usage]
warning = 1000
[thresholds.disk_usage]
warning = 1000
"""


@pytest.fixture(scope="session")
def calm_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """One desk for every test that only looks: it measures this machine each second, and nothing fires."""
    desk = DeskProcess(tmp_path_factory.mktemp("calm"), "--interval", "1s", settings=CALM)
    with desk:
        yield desk


@pytest.fixture(scope="session")
def shared_ledgers() -> Path:
    """Ledgers with figures that others agree on; `NIGHTDESK_CHECKS` names the folder above theirs."""
    folder = Path(os.environ.get("NIGHTDESK_CHECKS", "../shared/checks")) / "trading"
    if not folder.is_dir():
        pytest.skip(f"no ledgers at {folder}; NIGHTDESK_CHECKS names the folder above")
    return folder


LEDGERS = (
    ("trades", "--account=goog --bot=smacross --mode=live", "goog_smacross/freqtrade_tradesv3.sqlite"),
    ("equity", "--account=goog --mode=live --currency=USD", "goog_smacross/equity.csv"),
    ("trades", "--account=bare --bot=single --mode=live --currency=USD", "goog_single_trade/trades.csv"),
    (
        "trades",
        "--account=goog --bot=noloss --mode=paper --currency=USD --starting-balance=10000",
        "goog_no_loss/trades.csv",
    ),
    ("trades", "--account=crypto --bot=five --mode=backtest", "freqtrade_5m_247/backtest-result.json"),
)


@pytest.fixture(scope="session")
def imported_desk(tmp_path_factory: pytest.TempPathFactory, shared_ledgers: Path) -> Iterator[DeskProcess]:
    """A desk with imported ledgers: live with equity, live without a balance, paper, and a back-test in BTC."""
    desk = DeskProcess(tmp_path_factory.mktemp("imported"), "--interval", "1s", settings=CALM)
    with desk:
        for kind, options, name in LEDGERS:
            done = desk.command(kind, "import", *options.split(), str(shared_ledgers / name), seconds=60)
            assert done.returncode == 0, done.stderr
        yield desk


@pytest.fixture(scope="session")
def trading_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk whose bots trade: live with three positions of which one has no price, and paper beside it."""
    desk = DeskProcess(tmp_path_factory.mktemp("trading"), "--interval", "1s", settings=CALM)
    with desk:
        trade_for_weeks(desk)
        yield desk


@pytest.fixture(scope="session")
def restless_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """One desk for every test that changes it: gives it trades, freezes or kills it. Each leaves it running."""
    desk = DeskProcess(tmp_path_factory.mktemp("restless"), "--interval", "1s", settings=CALM)
    with desk:
        yield desk


@pytest.fixture(scope="session")
def axe(page_tools: Path) -> str:
    """The source of axe-core, from the page's own tools."""
    return (page_tools / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: `NIGHTDESK_PICTURES` if it is set, for the documents' own; else away."""
    folder = Path(os.environ.get("NIGHTDESK_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
