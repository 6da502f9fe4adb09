"""The source archive and the wheel hold what a desk needs, and the wheel installs without Node.js."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from nightdesk import __version__

ROOT = Path(__file__).parents[2]


def run(*command: str, cwd: Path, **environment: str) -> str:
    """Run a command that must go well and return what it printed."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build both from a copy of this checkout: the wheel out of the unpacked source archive, as an installer would."""
    folder = tmp_path_factory.mktemp("packages")
    copy = folder / "checkout"
    ignored = shutil.ignore_patterns(".git", ".venv", "node_modules", ".desk", "dist", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=ignored)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), cwd=copy)
    return next(folder.glob("*.tar.gz")), next(folder.glob("*.whl"))


@pytest.mark.timeout(600)
def test_the_source_archive_builds_by_itself(packages: tuple[Path, Path]) -> None:
    """It carries the page ready made, its sources, the locks and the tests, and nothing that was installed."""
    with tarfile.open(packages[0]) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    expected = {"src/nightdesk/static/index.html", "hatch_build.py", "web/package.json", "requirements.lock", "LICENSE"}
    assert expected - names == set()
    assert [name for name in names if "node_modules" in name or name.startswith((".venv", ".git/"))] == []


@pytest.mark.timeout(600)
def test_the_wheel_is_whole(packages: tuple[Path, Path]) -> None:
    """Page, shipped rules and type marker are in it; tests are not."""
    with zipfile.ZipFile(packages[1]) as wheel:
        names = set(wheel.namelist())
    expected = {"nightdesk/static/index.html", "nightdesk/rulebook/host.yml", "nightdesk/py.typed"}
    assert expected - names == set()
    assert [name for name in names if name.startswith("tests/")] == []


@pytest.mark.timeout(600)
def test_the_wheel_installs_without_node(packages: tuple[Path, Path], tmp_path: Path) -> None:
    """In a fresh environment, with no Node.js on the path, the installed program runs and has its page."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = str(tmp_path / "venv" / "bin" / "python")
    path = f"{tmp_path / 'venv' / 'bin'}"
    target = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip()
    # Its dependencies are those of the tests; only Nightdesk itself is installed anew.
    (Path(target) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"),
        *("--ignore-installed", str(packages[1])),
        cwd=tmp_path,
        PATH=path,
    )
    program = str(tmp_path / "venv" / "bin" / "nightdesk")
    assert f"nightdesk {__version__}" in run(program, "version", cwd=tmp_path, PATH=path)
    code = "from importlib.resources import files; import nightdesk; print(nightdesk.__file__)"
    place = run(python, "-c", code, cwd=tmp_path, PATH=path).strip()
    assert place.startswith(target)
    assert (Path(place).parent / "static" / "index.html").is_file()
