"""The list of PromQL's functions in the documentation is the table of the code."""

import re
from pathlib import Path

from nightdesk.query.functions.signature import Function
from nightdesk.query.functions.table import FUNCTIONS
from nightdesk.query.language.tree import ValueType

PAGE = Path(__file__).parents[2] / "docs" / "promql-functions.md"
_KINDS = {
    ValueType.SCALAR: "scalar", ValueType.STRING: "string", ValueType.VECTOR: "vector", ValueType.MATRIX: "range",
}  # fmt: skip


def line(row: Function) -> str:
    """Return the line of the page that tells of a function."""
    takes = [_KINDS[kind] for kind in row.takes]
    told = ", ".join(takes[: row.least])
    for kind in takes[row.least :]:
        told += f"[, {kind}]" if told else f"[{kind}]"
    told += "[, ...]" if row.repeats != 0 else ""
    also = [word for word, fold in (("summaries", row.summaries), ("buckets", row.buckets)) if fold is not None]
    flag = "yes" if row.experimental else ""
    return f"| `{row.name}({told})` | {row.says} | {flag} | {', '.join(also)} |".replace("|  |", "| |").replace(
        "|  |", "| |"
    )


def test_every_function_is_documented() -> None:
    """Each function has its line, with the same words as in the code, in order of names, and no line is left over."""
    written = [each for each in PAGE.read_text(encoding="utf-8").splitlines() if each.startswith("| `")]
    assert written == [line(FUNCTIONS[name]) for name in sorted(FUNCTIONS)]


def test_every_function_says_what_it_is_in_a_sentence() -> None:
    """One line each, which ends as sentences do and fits a table."""
    assert [row.name for row in FUNCTIONS.values() if not row.says.endswith(".") or "|" in row.says] == []


def test_what_buckets_tell_is_documented() -> None:
    """The page of the tiers states an error for just the functions that have a fold of buckets."""
    table = (
        (PAGE.parent / "tiers.md").read_text(encoding="utf-8").split("| function | error |", 1)[1].split("\n\n", 1)[0]
    )
    cells = [each.split("|")[1] for each in table.splitlines()[2:] if not each.startswith("| every other")]
    told = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert told == {name for name, row in FUNCTIONS.items() if row.buckets is not None}
