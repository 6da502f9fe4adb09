"""What the page's tests need: Node.js, and the page's own tools as its lock names them."""

import subprocess
from pathlib import Path

import pytest

from nightdesk.testing.services import missing, require_program

WEB = Path(__file__).parents[2] / "web"
TOOLS = ("vitest", "svelte-check", "axe-core", "typescript")


@pytest.fixture(scope="session")
def page_tools() -> Path:
    """The folder `web/` with its tools in `node_modules`; they are fetched once where npm is there."""
    require_program("node")
    npm = require_program("npm")
    if not all((WEB / "node_modules" / tool / "package.json").is_file() for tool in TOOLS):
        done = subprocess.run([npm, "ci"], cwd=WEB, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            missing(f"the page's tools could not be installed: {done.stderr[-500:]}")
    return WEB
