"""The hook that builds the page into the package."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nightdesk.testing.page import ROOT, build_hook, node

hook = build_hook()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the page's sources as git has them, without what was built or installed."""
    ignore = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(ROOT / "web", tmp_path / "web", ignore=ignore)
    (tmp_path / "src" / "nightdesk").mkdir(parents=True)
    return tmp_path


def pretend_built(page: object, text: str) -> None:
    """Leave a page with the stamp `text`, as an sdist carries it."""
    static: Path = page.static  # type: ignore[attr-defined]  # the hook is imported by path
    static.mkdir(exist_ok=True)
    (static / "index.html").write_text("<!doctype html>")
    (static / ".stamp").write_text(text)


def test_page_is_stale_when_a_source_changed_and_only_then(checkout: Path) -> None:
    """The stamp follows the sources' bytes and names, and no stray file."""
    page = hook.Page(checkout)
    assert page.stale
    pretend_built(page, page.digest() + "\n")
    assert not page.stale
    (checkout / "web" / "notes.txt").write_text("not an input")
    assert not page.stale
    source = checkout / "web" / "src" / "main.ts"
    source.write_text(source.read_text() + "\n")
    assert page.stale


def test_node_is_asked_for_only_when_the_page_must_be_built(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Node.js the wheel is asked for; not for a page that is fresh, and not when told to skip."""
    monkeypatch.setenv("PATH", str(checkout))
    monkeypatch.delenv(hook.SKIP, raising=False)
    build = hook.PageHook(str(checkout), {}, None, None, str(checkout), "wheel")
    assert build.dependencies() == [hook.NODE_WHEEL]
    monkeypatch.setenv(hook.SKIP, "1")
    assert build.dependencies() == []
    monkeypatch.setenv(hook.SKIP, "0")
    pretend_built(hook.Page(checkout), hook.Page(checkout).digest())
    assert build.dependencies() == []


@pytest.mark.parametrize(
    ("version", "good"),
    [((18, 20), False), ((20, 18), False), ((20, 19), True), ((21, 9), False), ((22, 11), False), ((22, 12), True),
     ((23, 1), False), ((24, 0), True), ((26, 1), True)],
)  # fmt: skip
def test_which_node_fits(version: tuple[int, int], good: bool) -> None:
    """The build tool runs on 20.19 and later, 22.12 and later, 24 and later."""
    assert hook.fits(*version) is good


def test_no_node_at_all_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who builds without isolation learns what to install and how to skip."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(RuntimeError, match=r"neither a Node\.js .* nor the package .*NIGHTDESK_SKIP_FRONTEND=1"):
        hook.wheel_node()


def test_a_failing_tool_is_quoted(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of what the tool said reaches whoever runs pip, and the old page stays."""
    page = hook.Page(checkout)
    pretend_built(page, "old")
    monkeypatch.setattr(hook, "TOLD_CHARACTERS", 40)
    failing = [sys.executable, "-c", "import sys; print('x' * 999 + 'the reason'); sys.exit(3)"]
    with pytest.raises(RuntimeError, match=r"ended with 3\.\nx{29}the reason"):
        page._run(failing, dict(os.environ))
    assert page.built


def test_built_page_carries_its_notices(page_tools: Path, checkout: Path) -> None:
    """A real build ends with a fresh stamp, no inline script or style, and the licences of what it bundles."""
    (checkout / "web" / "node_modules").symlink_to(page_tools / "node_modules", target_is_directory=True)
    page = hook.Page(checkout)
    page.build(node())
    assert not page.stale
    html = (page.static / "index.html").read_text()
    assert [trap for trap in ("<style", "<script>", "http") if trap in html] == []
    notices = (page.static / "THIRD_PARTY_LICENSES.txt").read_text()
    for package in ("svelte", "uplot", "@fontsource-variable/inter"):
        version = json.loads((page_tools / "node_modules" / package / "package.json").read_text())["version"]
        assert f"{package} {version}" in notices
    assert str(checkout) not in notices


def test_no_third_party_script_is_committed() -> None:
    """Everything under version control in `web/` is the project's own; libraries come by the lock."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    files = subprocess.run(
        [git, "ls-files", "web"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in files if name.endswith((".min.js", ".mjs", ".woff2", ".map"))] == []
    assert "web/package-lock.json" in files
