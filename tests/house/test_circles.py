"""Parts of a room lie in layers: none imports, over however many others, one that imports it."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "nightdesk"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nightdesk_circles", Path(__file__).with_name("circles.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


circles = _loaded().circles


def test_parts_of_a_room_form_no_circle() -> None:
    """Whatever is found is told with its parts."""
    assert circles(SOURCE) == {}


def _room(source: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = source / "query" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        (source / "query" / "__init__.py").touch()
        path.write_text(text)
    return source


LAYERS = {
    "language/tree.py": "import math\n",
    "language/parser.py": "from nightdesk.query.language.tree import Node\n",
    "functions/table.py": "from nightdesk.query.language.tree import Node\n",
    "notes.py": "from nightdesk.query.language import tree\n",
}


def test_layers_are_no_circle(tmp_path: Path) -> None:
    """Files of one package may know each other, and packages what lies below."""
    assert circles(_room(tmp_path, LAYERS)) == {}


@pytest.mark.parametrize(
    ("breach", "parts"),
    [
        ({"language/shape.py": "from nightdesk.query.functions.table import FUNCTIONS\n"}, ["functions", "language"]),
        ({"language/shape.py": "from nightdesk.query import notes\n"}, ["language", "notes"]),
        ({"language/shape.py": "import nightdesk.query.functions.table\n"}, ["functions", "language"]),
        (
            {
                "language/shape.py": "def late() -> None:\n    from nightdesk.query.grid import Grid\n",
                "grid.py": "from nightdesk.query.notes import Notes\n",
            },
            ["grid", "language", "notes"],
        ),
    ],
)
def test_a_circle_made_on_purpose_is_seen(tmp_path: Path, breach: dict[str, str], parts: list[str]) -> None:
    """Between packages, packages and files, and over a third one; also inside a function."""
    assert circles(_room(tmp_path, LAYERS | breach)) == {"query": [parts]}
