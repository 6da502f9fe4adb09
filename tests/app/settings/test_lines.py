"""The line locator agrees with what stands in the text."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.app.settings.lines import KeyPath, line_of, locate

TEXT = '''# comment = 1
top = 1
[a]
b.c = "x # not a comment"
"quoted key" = """
[not.a.table]
x = 1
"""
list = [ # numbers
  1,
  2, # [3]
]
[[t]]
k = {u = 1, v = [1, 2]}
[t.sub]
z = 'c:\\path'
[[t]]
k = 3
[t.sub]
z = 4
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 3),
        (("a", "b", "c"), 4),
        (("a", "quoted key"), 5),
        (("a", "list", 1), 11),
        (("t", 0), 13),
        (("t", 0, "k", "v", 1), 14),
        (("t", 0, "sub", "z"), 16),
        (("t", 1, "k"), 18),
        (("t", 1, "sub", "z"), 20),
        (("t", 1, "not there", "deeper"), 17),
        (("nowhere",), 0),
    ],
)
def test_keys_are_found_at_their_line(path: KeyPath, line: int) -> None:
    """Tables, dotted and quoted keys, inline tables and arrays are located; an unknown key falls back to its table."""
    tomllib.loads(TEXT)
    assert line_of(locate(TEXT), path) == line


def paths_of(value: Any, path: KeyPath = ()) -> set[KeyPath]:
    """List every key path of a parsed document."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {path} - {()}
    for key, child in children:
        found |= paths_of(child, (*path, key))
    return found


SCALARS = st.sampled_from(
    ["1", "true", "-1.5", '"a\\"b#]"', "'x[{'", '"""m\n]"q" """', "'''\n{'''", "1979-05-27T07:32:00Z"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[\n" + " , # c ]\n".join(items) + "\n]"),
    max_leaves=6,
)


@given(st.lists(VALUES, max_size=5), st.lists(VALUES, max_size=3))
def test_every_key_of_a_valid_text_is_located(plain: list[str], arrays: list[str]) -> None:
    """For any valid document the locator knows every path that the parser finds, and no other."""
    text = "".join(f"k{number} = {value}\n" for number, value in enumerate(plain))
    text += "".join(f"[[t]] # x\n\nv = {value}\n" for value in arrays)
    assert set(locate(text)) == paths_of(tomllib.loads(text))
