"""The page's own tools in a checkout: the build hook, Node.js, and the packages that only tests need."""

import importlib.util
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

from nightdesk.testing.servers.services import missing

ROOT: Final = Path(__file__).parents[3]
WEB: Final = ROOT / "web"
TOOLS: Final = ("vitest", "svelte-check", "axe-core", "typescript")
_INSTALL_SECONDS: Final = 300


@cache
def build_hook() -> ModuleType:
    """Return `hatch_build.py` as a module; it lies beside the package and not in it."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hatch_build"] = module
    spec.loader.exec_module(module)
    return module


def node() -> list[str]:
    """Return the paths of Node.js and of npm's script, the system's or the wheel's; without either see `missing`."""
    hook = build_hook()
    try:
        found: list[str] = hook.system_node() or hook.wheel_node()
    except RuntimeError as fault:
        missing(str(fault))
    return found


def page_tools() -> Path:
    """Return the folder `web/` with its tools in `node_modules`; the lock's versions are fetched where they lack."""
    command = node()
    if not all((WEB / "node_modules" / tool / "package.json").is_file() for tool in TOOLS):
        environment = {**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            [*command, "ci"],
            cwd=WEB,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            missing(f"the page's tools could not be installed: {done.stderr[-500:]}")
    return WEB
