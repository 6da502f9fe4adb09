"""The map holds: imports go down, pure rooms stay pure, and the test itself can fail."""

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _house() -> ModuleType:
    path = Path(__file__).with_name("house.py")
    spec = importlib.util.spec_from_file_location("nightdesk_house", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


house = _house()


def test_imports_go_down_only() -> None:
    """No room imports a neighbour or a higher floor, and no pure room touches time, threads or the network."""
    assert house.breaches() == []


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("store", "from nightdesk.query.engine import Engine"),
        ("model", "from nightdesk.store import sqlite"),
        ("alerts", "from nightdesk.rules import step"),
        ("query", "import time"),
        ("query", "import asyncio"),
        ("alerts", "import sqlite3"),
        ("client", "from nightdesk.model.labels import Labels"),
        ("collect", "from nightdesk.client import Registry"),
        ("api", "from nightdesk.cli import main"),
        ("api", "from nightdesk.testing import builders"),
        ("deliver", "from ..alerts import book"),
        ("attic", "import json"),
    ],
)
def test_a_breach_is_seen(tmp_path: Path, room: str, line: str) -> None:
    """Each kind of breach, made on purpose, is reported, even when it hides inside a function."""
    place = tmp_path / room
    place.mkdir()
    (place / "made.py").write_text(f"def hidden() -> None:\n    {line}\n")
    assert len(house.breaches(tmp_path)) == 1


def test_every_room_of_the_map_is_on_a_floor() -> None:
    """ARCHITECTURE.md and the floors name the same rooms."""
    text = (house.SOURCE.parents[1] / "ARCHITECTURE.md").read_text()
    assert [room for room in house.FLOORS if f"`{room}" not in text] == []


def test_sockets_are_small() -> None:
    """Each socket names three methods at most."""
    texts = [path.read_text() for path in sorted((house.SOURCE / "seams").glob("*.py"))]
    sockets = [node for text in texts for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    sizes = {
        node.name: sum(isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in node.body)
        for node in sockets
    }
    assert sizes
    assert {name: size for name, size in sizes.items() if size > 3} == {}
