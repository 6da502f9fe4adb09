"""Queries that mean harm: too deep, too wide, too long, too many of anything; the same ones each time.

They ask about `load{i="0000" ... "1999", zone="z00" ... "z19"}` and reach over years, which a desk need not hold.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Hostile:
    """A query, over a span of seconds up to now where there is a step; at an instant where there is none."""

    name: str
    expr: str
    span: int = 0
    step: float = 0


def _nested(head: str, tail: str, depth: int, inner: str = "load") -> str:
    return head * depth + inner + tail * depth


def _renamed(times: int) -> str:
    return " or ".join(f'label_replace(load, "n", "{n}", "i", ".*")' for n in range(times))


def _with_offsets(times: int) -> str:
    return " or ".join(f'label_replace(load offset {n}s, "n", "{n}", "", "")' for n in range(times))


def _products(depth: int) -> str:
    return "".join(f"load offset {n}s * on (i) (" for n in range(1, depth)) + "load" + ")" * (depth - 1)


def _groupings(first: int, depth: int) -> str:
    """Write groupings within groupings that leave every row alone, no two by the same label."""
    return "".join(f"sum without (n{first + n}) (" for n in range(depth)) + "load" + ")" * depth


_QUANTILES: Final = f'histogram_quantiles(label_replace(load, "le", "+Inf", "", ""), "q"{", 0.5" * 9})'
_RELABELLED: Final = 'label_replace(load{i="0000"}, "x", "", "i", ".*")'
_LARGE: Final = "(((.{1,100}){1,10}){1,1})"
"""RE2 makes 8,000 instructions of it."""
_LONG: Final = f'label_replace(load, "x", "{"$1" * 200}", "i", "(.*)")'
BY_HAND: Final = (
    # ----- depth
    *(Hostile(f"parentheses {n}", _nested("(", ")", n)) for n in (90, 1_000, 50_000)),
    *(Hostile(f"minus {n}", "-" * n + "load") for n in (100, 50_000)),
    *(Hostile(f"abs {n}", _nested("abs(", ")", n)) for n in (50, 20_000)),
    *(Hostile(f"sum of sums {n}", _nested("sum by (i) (", ")", n)) for n in (60, 20_000)),
    *(Hostile(f"subqueries of subqueries {n}", _nested("max_over_time(", "[1h:1s])", n)) for n in (2, 3, 8, 500)),
    Hostile("subqueries over years", "max_over_time(max_over_time(load[1y:1s])[1y:1s])"),
    Hostile("subquery of a second over ten years", "sum_over_time(load[10y:1s])"),
    Hostile("subquery of a millisecond", "sum_over_time(load[1d:1ms])"),
    Hostile("unclosed", "(" * 100_000),
    Hostile("closed only", ")" * 100_000),
    Hostile("braces", "{" * 100_000),
    Hostile("powers", "^".join(["2"] * 20_000)),
    *(Hostile(f"labels of groupings {n}", f"count({_groupings(8 * n, 8)})") for n in range(24)),
    # ----- length
    Hostile("a giant or", " or ".join(f'load{{i="{n:04d}"}}' for n in range(4_000))),
    Hostile("a giant sum", " + ".join(["load"] * 3_000)),
    Hostile("a giant and", " and ".join(["load"] * 500)),
    Hostile("a giant unless", " unless ".join(["load"] * 500)),
    Hostile("a giant comment", "# " + "x" * 1_000_000 + "\nload"),
    Hostile("a giant name", "x" * 1_000_000),
    Hostile("a giant string", f'"{"x" * 1_000_000}"'),
    Hostile("a giant number", "1" * 1_000_000),
    Hostile("a giant duration", "load[" + "1" * 100_000 + "y]"),
    Hostile("a giant grouping", f"sum by ({', '.join(f'l{n}' for n in range(20_000))}) (load)"),
    Hostile("many matchers", "load{" + ",".join(f'i!="{n}"' for n in range(10_000)) + "}"),
    Hostile("many regular matchers", "load{" + ",".join(f'i!~"{n}.*"' for n in range(2_000)) + "}"),
    # ----- regular expressions
    Hostile("literals", f'load{{i=~"{"|".join(f"{n:05d}" for n in range(15_000))}"}}'),
    Hostile("dotted literals", f'load{{i=~"{"|".join(f"{n}.{n}" for n in range(15_000))}"}}'),
    Hostile("repeats", 'load{i=~"((((a{1,30}){1,30}){1,30}){1,30}){1,30}"}'),
    Hostile("repeats up to the bound", f'load{{i=~"{_LARGE * 7}"}}'),
    Hostile("repeats past the bound", f'load{{i=~"{_LARGE * 20}"}}'),
    Hostile("long labels with repeats", f'label_replace({_LONG}, "y", "$1", "x", "{_LARGE * 3}")'),
    Hostile("repeats side by side", f'load{{i=~"{".{0,1000}" * 60}"}}'),
    Hostile("stars", 'load{i=~"' + "(a*)*" * 2_000 + 'b"}'),
    Hostile("classes", 'load{i=~"' + "[0-9a-zA-Z_\\\\pL]{0,50}" * 40 + '"}'),
    Hostile("optional", 'load{i=~"' + "a?" * 5_000 + "a" * 5_000 + '"}'),
    # ----- width
    Hostile("all steps of all", "load", 11_000, 1),
    Hostile("all steps of all, squared", "load * load", 11_000, 1),
    Hostile("rates at all steps", "rate(load[5m])", 11_000, 1),
    Hostile("sums over two hours at all steps", "sum_over_time(load[2h])", 11_000, 1),
    Hostile("quantiles of two hours", "quantile_over_time(0.9, load[2h])", 2 * HOUR, 1),
    Hostile("quantiles of a day at all steps", "quantile_over_time(0.9, load[1d])", 11_000, 1),
    Hostile("deviation at all steps", "mad_over_time(load[2h])", 2 * HOUR, 1),
    Hostile("prediction at all steps", "predict_linear(load[2h], 3600)", 11_000, 1),
    Hostile("smoothing at all steps", "holt_winters(load[2h], 0.5, 0.5)", 2 * HOUR, 1),
    Hostile("top of everything", "topk(2000, load)", 2 * HOUR, 1),
    Hostile("bottom of each", "bottomk by (i) (1, load)", 2 * HOUR, 1),
    Hostile("sorted", "sort_desc(load)", 2 * HOUR, 1),
    Hostile("values counted", 'count_values("v", load)', 2 * HOUR, 1),
    Hostile("values counted by series", 'count_values by (i) ("v", load * time())', 2 * HOUR, 5),
    Hostile("values counted of a subquery", 'count_values("v", sum_over_time((load * time())[2h:1s]))'),
    Hostile("quantile across", "quantile(0.5, load)", 11_000, 1),
    Hostile("deviation across", "stddev by (zone) (load)", 11_000, 1),
    Hostile("subqueries at all steps", "max_over_time(rate(load[5m])[1h:1s])", 2 * HOUR, 1),
    Hostile("subqueries at some steps", "avg_over_time(sum by (i) (load)[2h:1s])", 2 * HOUR, 60),
    Hostile("histogram of what is none", "histogram_quantile(0.9, load)", 11_000, 1),
    # ----- joins
    Hostile("a cross join", "load * on () group_left () load"),
    Hostile("a join by zone", "load * on (zone) group_left () load"),
    Hostile("a join of relabelled", f"load * on (x) group_left () {_RELABELLED}", 11_000, 1),
    Hostile("and with all", "load and on () load", 11_000, 1),
    Hostile("or with renamed", _renamed(200)),
    Hostile("or with renamed at many steps", _renamed(30), 2 * HOUR, 1),
    Hostile("a sum of or with renamed", f"sum({_renamed(12)})", 2 * HOUR, 1),
    Hostile("or with offsets", _with_offsets(19), 2 * HOUR, 1),
    Hostile("a sum of or with offsets", f"sum({_with_offsets(19)})", 2 * HOUR, 1),
    Hostile("products within products", _products(27), 2 * HOUR, 1),
    Hostile("a sum of products within products", f"sum({_products(27)})", 2 * HOUR, 1),
    Hostile("many quantiles of histograms", _QUANTILES, 2 * HOUR, 1),
    Hostile("labels that grow", _nested("label_join(", ', "i", "-", "i", "i", "i")', 40)),
    Hostile("labels that grow by expressions", _nested("label_replace(", ', "i", "$1$1$1$1", "i", "(.*)")', 30)),
    # ----- time
    Hostile("absurd offset", "load offset 290000000y"),
    Hostile("absurd negative offset", "load offset -290y"),
    Hostile("absurd at", "load @ 9223372036854775807"),
    Hostile("at the end of time", "load @ 1e300"),
    Hostile("at and offset", "max_over_time(load[5m] @ 9e15 offset -290y)"),
    Hostile("a range of ages", "count_over_time(load[290y])"),
    Hostile("a step of nothing", "load[1h:0s]"),
    Hostile("durations that divide by zero", "load[1h/0]"),
    Hostile("durations that explode", "load[9^9^9^9^9]"),
    Hostile("every series there is", '{__name__=~".+"}', 2 * HOUR, 1),
    Hostile("every series there is, by regular expression", 'sum({__name__=~".*o.*",i=~".*1.*"})', 11_000, 1),
)  # fmt: skip

_LEAVES: Final = (
    "load", 'load{zone="z01"}', 'load{i=~".*7.*"}', "load offset 1h", "load @ end()", '{__name__=~"lo.*"}',
    "vector(time())", 'load{i!~"(1|2).*"}',
)  # fmt: skip
_FORMS: Final = (
    "({0}) * ({1})", "({0}) or ({1})", "({0}) and on (zone) ({1})",
    "({0}) + on (zone) group_left () max by (zone) ({1})",
    "topk(500, {0})", "quantile(0.9, {0})", 'count_values("v", {0})', "sum by (i, zone) ({0})",
    "max_over_time(({0})[1h:1s])", "quantile_over_time(0.9, ({0})[30m:5s])", "rate(({0})[1d:1m])",
    'label_replace({0}, "a", "$1$1", "i", "(.*)")',
    'label_join({0}, "i", "-", "i", "zone", "i")', "sort(abs({0}))", "absent({0})", "-({0}) ^ 2",
    "predict_linear(({0})[1h:10s], 60)", "({0}) unless ({1})", "histogram_quantile(0.5, {0})",
    "stddev without (i) ({0})",
)  # fmt: skip
_SPANS: Final = ((0, 0.0), (2 * HOUR, 1.0), (11_000, 1.0), (86_400, 8.0), (30 * 86_400, 300.0), (365 * 86_400, 3_000.0))


def generated(count: int, seed: int) -> Iterator[Hostile]:
    """Yield so many queries of random shape and reach."""
    chance = random.Random(seed)  # noqa: S311 - the same ones each time
    for number in range(count):
        expr = chance.choice(_LEAVES)
        for _ in range(chance.choice((1, 2, 3, 4, 6))):
            other = chance.choice(_LEAVES)
            pair = (expr, other) if chance.random() < 0.7 else (expr, expr)
            expr = chance.choice(_FORMS).format(*pair)
        span, step = chance.choice(_SPANS)
        yield Hostile(f"generated {seed}/{number}", expr, span, step)
