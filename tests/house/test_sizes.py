"""One idea a file, one screen a function."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 350
FILES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "web" / "src").rglob("*.*")])
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "v2"}


def test_no_file_is_over_its_size() -> None:
    """A file over about 350 lines hides an idea that wants its own file."""
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    """A file is named by its idea."""
    assert [path.name for path in FILES if path.stem in BANNED_NAMES] == []


@pytest.mark.parametrize("path", [path for path in FILES if path.name.startswith("test_")], ids=lambda path: path.name)
def test_every_test_says_what_it_guarantees(path: Path) -> None:
    """Each test function opens with a sentence."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    assert [node.name for node in functions if not ast.get_docstring(node)] == []
