"""The parser: what is accepted, what is refused and in which words."""

import math

import pytest

from nightdesk.errors import QuerySyntaxError
from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.query.checking.parsing import parse
from nightdesk.query.language.position import Span
from nightdesk.query.language.printer import print_node
from nightdesk.query.language.tree import Binary, Call, MatrixSelector, Number, String, Unary, VectorSelector

MISPLACED = " modifier must be preceded by an instant vector selector or range vector selector or a subquery"
UNARY = "unary expression only allowed on expressions of type scalar or instant vector, "
MEASURES = "expected number, duration, step(), or range()"


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("0x1F", 31), ("1e3", 1000), (".5", 0.5), ("5.", 5), ("1_000", 1000), ("5m", 300), ("1h30m", 5400),
     ("Inf", math.inf), ("500ms", 0.5)],
)  # fmt: skip
def test_numbers_and_durations_are_scalars(text: str, value: float) -> None:
    """Every way to write a number, durations in seconds among them, is read."""
    assert parse(text) == Number(value)


def test_nan_is_equal_to_itself_in_trees() -> None:
    """Trees compare equal whatever they hold."""
    assert parse("NaN + 1") == parse("nan + 1.0")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\tb"', "a\tb"),
        (r"'it\'s'", "it's"),
        (r"`a\tb`", r"a\tb"),
        (r'"\u00e9\x41\101"', "éAA"),
        (r'"\xff"', "\udcff"),
    ],
)
def test_strings_know_go_s_escapes(text: str, value: str) -> None:
    """Escapes are Go's; a byte that is not UTF-8 survives as a lone surrogate."""
    assert parse(text) == String(value)


@pytest.mark.parametrize(
    ("text", "same"),
    [("a + b * c", "a + (b * c)"), ("a ^ b ^ c", "a ^ (b ^ c)"), ("a - b - c", "(a - b) - c"),
     ("a or b and c", "a or (b and c)"),
     ("a > b + c", "a > (b + c)"), ("a and b == c", "a and (b == c)")],
)  # fmt: skip
def test_operators_bind_as_in_prometheus(text: str, same: str) -> None:
    """Precedence and grouping are Prometheus'."""
    assert print_node(parse(text)).replace(" ", "") == same.replace(" ", "").replace("(", "").replace(")", "")
    left, right = parse(text), parse(same)
    assert isinstance(left, Binary)
    assert isinstance(right, Binary)
    assert left.operator == right.operator


def test_a_sign_binds_weaker_than_a_power() -> None:
    """-2^2 is -(2^2)."""
    node = parse("-2 ^ 2")
    assert isinstance(node, Unary)
    assert isinstance(node.operand, Binary)


def test_every_node_knows_its_span() -> None:
    """Spans point into the text, and cover modifiers."""
    text = 'rate(a_total{x="y"}[5m] offset 1m) + 1'
    node = parse(text)
    assert isinstance(node, Binary)
    call = node.left
    assert isinstance(call, Call)
    argument = call.arguments[0]
    assert isinstance(argument, MatrixSelector)
    assert [text[n.span.start : n.span.end] for n in (node, call, argument, node.right)] == [
        text, text[:34], text[5:33], "1",
    ]  # fmt: skip


def test_names_may_be_quoted_and_any_unicode() -> None:
    """`{"name", "label"=...}` names what plain identifiers cannot."""
    node = parse('{"my.metric", "käse"="ja", b!~"x.*"}')
    assert node == VectorSelector(
        (
            Matcher("__name__", MatchOp.EQUAL, "my.metric"),
            Matcher("käse", MatchOp.EQUAL, "ja"),
            Matcher("b", MatchOp.NOT_REGEX, "x.*"),
        )
    )


@pytest.mark.parametrize(
    ("at", "millis"), [("1.0005", 1_001), ("-1.0005", -1_001), ("0.0005", 1), ("0.0004", 0), ("1.0015", 1_002)]
)
def test_an_instant_is_read_to_the_nearest_millisecond(at: str, millis: int) -> None:
    """A half goes away from zero, as in Prometheus."""
    node = parse(f"a @ {at}")
    assert isinstance(node, VectorSelector)
    assert node.at == millis


def test_matchers_stay_in_the_order_in_which_they_are_written() -> None:
    """Also a quoted name keeps its place, and is printed there."""
    node = parse('{a="b", "up", c!="d"}')
    assert isinstance(node, VectorSelector)
    assert [matcher.name for matcher in node.matchers] == ["a", "__name__", "c"]
    assert print_node(node) == '{a="b","up",c!="d"}'
    assert parse(print_node(node)) == node


@pytest.mark.parametrize("name", ["sum", "by", "offset", "start", "avg_over_time", "fill", "and", "anchored"])
def test_keywords_may_name_metrics(name: str) -> None:
    """A word means something only where its grammar asks for it."""
    assert parse(name) == VectorSelector((Matcher("__name__", MatchOp.EQUAL, name),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: parse error: no expression found in input"),
        (" \n # nothing", "1:1: parse error: no expression found in input"),
        ("a +", "1:4: parse error: unexpected end of input"),
        ("a + +", "1:6: parse error: unexpected end of input"),
        ("(a", "1:3: parse error: unclosed left parenthesis"),
        ("a)", "1:3: parse error: unexpected right parenthesis ')'"),
        ("a b", '1:3: parse error: unexpected identifier "b"'),
        ("a\n  $", "2:3: parse error: unexpected character: '$'"),
        ('"abc', "1:1: parse error: unterminated quoted string"),
        ("5x", '1:1: parse error: bad number or duration syntax: "5"'),
        ("a[5m", "1:5: parse error: unclosed left bracket"),
        ("(a[5m)", '1:6: parse error: unexpected ")" in subquery or range, expected ":" or "]"'),
        ("a[0]", "1:3: parse error: duration must be greater than 0"),
        ("a offset 1e30", "1:10: parse error: duration out of range"),
        ("a[5m] offset -1e30", "1:14: parse error: duration out of range"),
        ("a[5m:] offset (1m/0)", "1:16: parse error: division by zero"),
        ("a[5s1m]", '1:3: parse error: not a valid duration string: "5s1m"'),
        ("sum(a)[5m]", "1:7: parse error: ranges only allowed for vector selectors"),
        ("a offset 5m[5m]", "1:12: parse error: no offset modifiers allowed before range"),
        ("a offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times"),
        ("a @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"),
        ("sum(a) offset 5m", "1:1: parse error: offset" + MISPLACED),
        ("sum(a) @ 5", "1:1: parse error: @" + MISPLACED),
        ("a @ Inf", "1:1: parse error: timestamp out of bounds for @ modifier: +Inf"),
        ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
        ('{a=""}', "1:1: parse error: vector selector must contain at least one non-empty matcher"),
        ("a{b=1}", "1:5: parse error: unexpected character inside braces: '1'"),
        ("a{b", "1:4: parse error: unexpected end of input inside braces"),
        ('a{b~"1"}', "1:4: parse error: unexpected character inside braces: '~'"),
        ('a{__name__="b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"'),
        ('a{b=~"("}', "1:3: parse error: error parsing regexp: missing closing ): `(`"),
        ("foo(a)", '1:1: parse error: unknown function with name "foo"'),
        ("rate(a)", '1:6: parse error: expected type range vector in call to function "rate", got instant vector'),
        ("abs()", '1:1: parse error: expected 1 argument(s) in call to "abs", got 0'),
        ("round(a, 1, 2)", '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3'),
        ("label_join(a)", '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1'),
        ("sum()", "1:1: parse error: no arguments for aggregate expression provided"),
        ("topk(a)", "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1"),
        ("sum(1)", "1:5: parse error: expected type instant vector in aggregation expression, got scalar"),
        ("topk(a, b)", "1:6: parse error: expected type scalar in aggregation parameter, got instant vector"),
        ("sum by a (b)", '1:8: parse error: unexpected identifier "a" in grouping opts, expected "("'),
        ("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
        ("a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators"),
        ("a + on(x) 1", "1:1: parse error: vector matching only allowed between instant vectors"),
        ("a and on(x) group_left b", '1:1: parse error: no grouping allowed for "and" operation'),
        ("a + on(x) group_left(x) b", '1:3: parse error: label "x" must not occur in ON and GROUP clause at once'),
        ('a + "b"', "1:5: parse error: binary expression must contain only scalar and instant vector types"),
        ("-a[5m]", "1:1: parse error: " + UNARY + 'got "range vector"'),
        ("on", "1:1: parse error: unexpected <on>"),
        ("sum by (a:b) (c)", '1:9: parse error: unexpected metric identifier "a:b" in grouping opts, expected label'),
        ("1e400", '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e400": value out of range'),
        ("0xfffffffffffffffff",
         '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0xfffffffffffffffff": invalid syntax'),
        ("300y", "1:1: parse error: duration out of range"),
        ("sum(a,)", "1:6: parse error: trailing commas not allowed in function call args"),
        ("(a)[5m:][5m:]", "1:1: parse error: subquery is only allowed on instant vector, got matrix instead"),
        ("`a", "1:1: parse error: unterminated raw string"),
        ("a ! b", "1:3: parse error: unexpected character after '!': ' '"),
        (r'"\q"', "1:1: parse error: unknown escape sequence U+0071 'q'"),
        (r"""'\"'""", "1:1: parse error: unknown escape sequence U+0022 '\"'"),
        (r'"\x4"', "1:1: parse error: illegal character U+0022 '\"' in escape sequence"),
        (r'"\400"', "1:1: parse error: escape sequence is an invalid Unicode code point"),
        ("a]", "1:2: parse error: unexpected right bracket ']'"),
        ("a}", "1:2: parse error: unexpected character: '}'"),
        ("()", '1:2: parse error: unexpected ")"'),
        ("a + 'ä' b", '1:10: parse error: unexpected identifier "b"'),
        ("a !", "1:3: parse error: unexpected character after '!': '\N{REPLACEMENT CHARACTER}'"),
        ("a !~ b", "1:3: parse error: unexpected character after '!': '~'"),
        (r'"\q', "1:1: parse error: unknown escape sequence U+0071 'q'"),
        (r'"\x4', "1:1: parse error: escape sequence not terminated"),
        ("a{by by}",
         '1:6: parse error: unexpected identifier "by" in label matching, expected label matching operator'),
        ('a{b=="c"}', '1:5: parse error: unexpected "=" in label matching, expected string'),
        ("sum(a b)", '1:7: parse error: unexpected identifier "b" in aggregation'),
        ("sum(abs((a b)))", '1:12: parse error: unexpected identifier "b" in aggregation'),
        ("sum(a) b", '1:8: parse error: unexpected identifier "b"'),
        ("foo(a) $", '1:1: parse error: unknown function with name "foo"'),
        ("sum() $", "1:7: parse error: unexpected character: '$'"),
        ("a:b(c)", '1:4: parse error: unexpected "("'),
        ("by(c)", '1:3: parse error: unexpected "("'),
        ("sum(a, *b)", "1:6: parse error: trailing commas not allowed in function call args"),
        ("a + on b", '1:8: parse error: unexpected identifier "b" in grouping opts, expected "("'),
        ("a + on(x) group_left * b", '1:22: parse error: unexpected <op:*> in grouping opts, expected "("'),
        ("a @ start(b)", '1:11: parse error: unexpected identifier "b" in @, expected timestamp'),
        ("(a)[5m $", "1:8: parse error: unexpected character: '$'"),
        ("(a[", "1:4: parse error: unexpected end of input in duration expression"),
        ("(a[5m", "1:6: parse error: unclosed left parenthesis"),
        ("a[b]", "1:3: parse error: unexpected character in duration expression: 'b'"),
        ('a["5m"]', "1:3: parse error: unexpected character in duration expression: '\"'"),
        ("a['5m", "1:3: parse error: unexpected character in duration expression: '\\''"),
        ("a[($__range)]", "1:4: parse error: unexpected character in duration expression: '$'"),
        ("a[[5m]]", "1:3: parse error: unexpected character in duration expression: '['"),
        ("a[.b]", "1:3: parse error: unexpected character in duration expression: '.'"),
        ("a[]", '1:3: parse error: unexpected "]" in subquery or range selector, ' + MEASURES),
        ("a[5m + ]", '1:8: parse error: unexpected "]" in subquery or range selector, ' + MEASURES),
        ("a[(5m]", '1:6: parse error: unexpected "]" in subquery or range selector, ' + MEASURES),
        ("a[min_of(5m)]", '1:12: parse error: unexpected ")" in subquery or range selector, ' + MEASURES),
        ("a[5m:1m + ]",
         '1:11: parse error: unexpected "]" in subquery selector, expected number, duration, step(), range(), or "]"'),
        ("a offset (5m + )", '1:16: parse error: unexpected ")" in offset, ' + MEASURES),
        ('{"a", b="c", "d"}', '1:1: parse error: metric name must not be set twice: "a" or "d"'),
        ('{__name__="a", "b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"'),
        ("a[5m b]", "1:6: parse error: unexpected character: 'b', expected ':'"),
        ("a[5m[1m]]", "1:5: parse error: unexpected left bracket '['"),
        ("1e+ + a", '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e+": invalid syntax'),
        ("1e+", '1:1: parse error: bad number or duration syntax: "1e+"'),
        ("0x", '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0x": invalid syntax'),
        ("1.5.2", '1:1: parse error: bad number or duration syntax: "1.5."'),
        ("1.5m", '1:1: parse error: not a valid duration string: "1.5m"'),
        ("5m1h", '1:1: parse error: not a valid duration string: "5m1h"'),
        ("a unless 1", '1:1: parse error: set operator "unless" not allowed in binary scalar expression'),
    ],
)  # fmt: skip
def test_refusals_are_in_prometheus_words(text: str, message: str) -> None:
    """Clients read these texts; line and column count from 1."""
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert str(caught.value) == message


def test_an_error_carries_the_span_it_is_about() -> None:
    """Whoever underlines a query needs no text to parse."""
    with pytest.raises(QuerySyntaxError) as caught:
        parse("sum(rate(a))")
    assert Span(caught.value.start, caught.value.end) == Span(9, 10)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "a",
        "-" * 5000 + "a",
        "a" + "[1m:1m]" * 5000,
        "1 + " * 2000 + "1",
        "a[5m" + " / 1" * 2000 + "]",
        "a[5m" + " ^ 1" * 2000 + "]",
        "a[" + "-" * 5000 + "5m]",
        "a offset " + "(" * 5000 + "5m",
    ],
)
def test_hostile_depth_is_refused_in_time(text: str) -> None:
    """Thousands of levels neither exhaust the stack nor take long."""
    with pytest.raises(QuerySyntaxError):
        parse(text)
