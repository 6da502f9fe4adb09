"""Long queries over several lines, and queries as trees of plain values."""

import json

import pytest

from nightdesk.query.checking.parsing import parse
from nightdesk.query.checking.tree_json import tree_json
from nightdesk.query.language.pretty import LINE_LENGTH, pretty

LONG = (
    'sum by (job, mode) (rate(node_cpu_seconds_total{job="node",mode!="idle"}[5m])) '
    '/ on (job) group_left () count by (job) (up{job="node"}) > bool 0.9'
)
LAID_OUT = """\
    sum by (job, mode) (rate(node_cpu_seconds_total{job="node",mode!="idle"}[5m]))
  / on (job) group_left ()
    count by (job) (up{job="node"})
> bool
  0.9"""


def test_a_short_query_stays_on_its_line() -> None:
    """What fits is written on one line, whatever its spacing was."""
    assert pretty(parse("sum  by(job)(  up )")) == "sum by (job) (up)"


def test_a_long_query_is_broken_at_its_operators() -> None:
    """Sides of an operation stand deeper than the operator, as Prometheus lays them out."""
    assert pretty(parse(LONG)) == LAID_OUT


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        f"topk(5, {LONG})",
        f"quantile by (a) (0.5, ({LONG}))",
        f"-({LONG})",
        f"Inf ^ ({LONG})",
        f"max_over_time(({LONG})[1h:1m] offset 5m)",
        f'label_replace({LONG}, "a", "$1", "b", "(.*)")',
    ],
)
def test_layout_changes_no_meaning(text: str) -> None:
    """parse(pretty(t)) == t, and every kind of node is broken where it is too long."""
    laid_out = pretty(parse(text))
    assert parse(laid_out) == parse(text)
    assert max(map(len, laid_out.splitlines())) <= LINE_LENGTH


def test_the_tree_has_prometheus_form() -> None:
    """An operation between vectors tells how they match; a selector its matchers, offset and instant."""
    tree = tree_json(parse('a{b!="c"} offset 5m / on (x) group_left (y) rate(d[1m] @ end()) > 2'))
    assert json.loads(json.dumps(tree)) == tree
    left = tree["lhs"]
    assert isinstance(left, dict)
    assert tree["matching"] is None
    assert left["matching"] == {"card": "many-to-one", "labels": ["x"], "on": True, "include": ["y"]}
    assert left["lhs"] == {
        "type": "vectorSelector",
        "name": "a",
        "matchers": [
            {"name": "__name__", "value": "a", "type": "="},
            {"name": "b", "value": "c", "type": "!="},
        ],
        "offset": 300_000,
        "timestamp": None,
        "startOrEnd": None,
    }
    call = left["rhs"]
    assert call["func"] == {"name": "rate", "argTypes": ["matrix"], "variadic": 0, "returnType": "vector"}
    assert (call["args"][0]["range"], call["args"][0]["startOrEnd"]) == (60_000, "end")


def test_numbers_of_a_tree_have_no_exponent() -> None:
    """However large or small, as Prometheus writes them there; in the text of a query they may have one."""
    assert tree_json(parse("1e9")) == {"type": "numberLiteral", "val": "1000000000"}
    assert tree_json(parse("0.00000015")) == {"type": "numberLiteral", "val": "0.00000015"}
    assert tree_json(parse("Inf")) == {"type": "numberLiteral", "val": "+Inf"}
