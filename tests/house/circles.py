"""Which parts of a room import each other in circles; a part is a package in it, or a file beside these."""

import ast
import functools
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

PACKAGE = "nightdesk"


def circles(source: Path) -> dict[str, list[list[str]]]:
    """Return for each room below `source` whose parts go in circles these circles, each sorted."""
    rooms = [path.parent for path in sorted(source.rglob("__init__.py")) if path.parent != source]
    found = {str(room.relative_to(source)): _knots(_knows(room, source)) for room in rooms}
    return {room: knots for room, knots in found.items() if knots}


def _knows(room: Path, source: Path) -> dict[str, set[str]]:
    """Return which parts of a room each of them imports, inside functions and for types alone too."""
    known: dict[str, set[str]] = {}
    for path in room.rglob("*.py"):
        part = _part(path, room)
        for target in _imported(path):
            inside = source.joinpath(*target.split(".")[1:])
            if target.split(".")[0] == PACKAGE and room in inside.parents:
                known.setdefault(part, set()).add(_part(inside, room))
    return {part: others - {part} for part, others in known.items() if part != "__init__"}


def _part(path: Path, room: Path) -> str:
    return path.relative_to(room).parts[0].removesuffix(".py")


@functools.cache
def _imported(path: Path) -> tuple[str, ...]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            # `from room import part` names the part only behind the word.
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return tuple(names)


def _knots(known: Mapping[str, AbstractSet[str]]) -> list[list[str]]:
    """Return the sets of parts that reach each other."""
    reached = {part: _reached(part, known) for part in known}
    knots = {
        frozenset({part, *(each for each in far if part in reached.get(each, ()))}) for part, far in reached.items()
    }
    return sorted(sorted(knot) for knot in knots if len(knot) > 1)


def _reached(part: str, known: Mapping[str, AbstractSet[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(known.get(part, ()))
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += known.get(each, ())
    return found
