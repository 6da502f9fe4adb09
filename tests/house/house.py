"""The house as its imports show it: which room may know which."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "nightdesk"

FLOORS: dict[str, int] = {
    "errors": 0,
    "model": 1,
    "seams": 2,
    "clock": 2,
    "workers": 2,
    "store": 3,
    "query": 3,
    "collect": 3,
    "trades": 3,
    "sessions": 3,
    "rules": 4,
    "alerts": 4,
    "analytics": 4,
    "deliver": 5,
    "report": 5,
    "app": 6,
    "api": 7,
    "cli": 7,
    "tui": 7,
}
"""Imports go from a higher number to a lower one. `client` knows nobody, and `app` alone knows it, since a program that
embeds a desk counts as a bot does; `testing` stands beside the house."""

PURE = frozenset({"model", "errors", "query", "alerts", "analytics", "sessions", "report"})
IMPURE_MODULES = frozenset(
    {"asyncio", "sqlite3", "socket", "ssl", "subprocess", "time", "random", "httpx", "select", "signal"}
)
TOP_FILES = frozenset({"__init__", "__main__"})


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement: who, of what, where."""

    room: str
    target: str
    where: str


def room_of(path: Path, source: Path = SOURCE) -> str:
    """Return the first name below the package: a folder or a file's stem."""
    return path.relative_to(source).parts[0].removesuffix(".py")


def imports(source: Path = SOURCE) -> Iterator[Import]:
    """Yield every import of the package, those inside functions included."""
    for path in sorted(source.rglob("*.py")):
        room = room_of(path, source)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(source)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                yield from (Import(room, alias.name, where) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield Import(room, "." * node.level + (node.module or ""), where)


def breaches(source: Path = SOURCE) -> list[str]:
    """Return each import that goes sideways or up, each impure import of a pure room, each room without a floor."""
    found = []
    for each in imports(source):
        if each.room in TOP_FILES or each.room == "testing":
            continue
        if each.room not in FLOORS and each.room != "client":
            found.append(f"{each.where}: room {each.room} has no floor")
            continue
        found += _breach(each)
    return found


def _breach(each: Import) -> list[str]:
    parts = each.target.split(".")
    if each.target.startswith("."):
        return [f"{each.where}: relative import"]
    if parts[0] != "nightdesk":
        impure = each.room in PURE and parts[0] in IMPURE_MODULES
        return [f"{each.where}: pure room {each.room} imports {parts[0]}"] if impure else []
    target = parts[1] if len(parts) > 1 else ""
    if target in ("", each.room) or (each.room, target) == ("app", "client"):
        return []
    if each.room == "client":
        return [f"{each.where}: client imports {target}"]
    if target not in FLOORS:
        return [f"{each.where}: {each.room} imports {target}, which stands outside the floors"]
    if FLOORS[target] >= FLOORS[each.room]:
        return [f"{each.where}: {each.room} (floor {FLOORS[each.room]}) imports {target} (floor {FLOORS[target]})"]
    return []
