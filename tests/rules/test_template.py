"""Annotations as Prometheus writes them, and their bounds; beside promtool: test_template_promtool.py."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.rules.templates.doubts import doubts
from nightdesk.rules.templates.faults import BadTemplate
from nightdesk.rules.templates.template import read_template, render
from nightdesk.rules.templates.values import MAX_TEXT, Facts

FACTS = Facts({"instance": "box:9100", "mountpoint": "/data"}, 93.4567)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("no template at all { }", "no template at all { }"),
        ("{{ $labels.mountpoint }} is {{ $value }}", "/data is 93.4567"),
        ("{{ .Labels.instance }}={{ .Value }}", "box:9100=93.4567"),
        ("{{$labels.missing}}|", "|"),
        ('{{ printf "%.2f" $value }}%', "93.46%"),
        ('{{ $value | printf "%.1f" }}', "93.5"),
        ('{{ printf "%s at %5.1f|%-6s|" $labels.mountpoint $value "x" }}', "/data at  93.5|x     |"),
        ('{{ index $labels "instance" }}', "box:9100"),
        ("{{ $labels.mountpoint | toUpper }}", "/DATA"),
        ("{{ $labels.instance | stripPort | title }}", "Box"),
        ('{{ reReplaceAll "(.*):.*" "$1" $labels.instance }}', "box"),
        ('{{ reReplaceAll "" "<$1>" "ab" }}', "<>a<>b<>"),
        ('{{ reReplaceAll "(b)" "[$1$2${7}$99999]" "abc" }}', "a[b]c"),
        ('{{ match "^/d" $labels.mountpoint }}', "true"),
        ("a  {{- $value -}}  b", "a93.4567b"),
        ("{{/* a comment */}}x", "x"),
        ("{{ `raw \\n` }}", "raw \\n"),
        ('{{ "a\\tb" }}', "a\tb"),
        ("{{ 1.5 | humanize }}", "1.5"),
        ("{{ $externalURL }}|{{ $externalLabels.region }}", "|"),
    ],
)
def test_templates(text: str, written: str) -> None:
    """Everything that rule files commonly use is filled in as Prometheus does."""
    assert render(text, FACTS) == written


@pytest.mark.parametrize(
    ("call", "value", "written"),
    [
        ("humanize", 1_234_567.0, "1.235M"),
        ("humanize", 0.00042, "420u"),
        ("humanize", 0.0, "0"),
        ("humanize", -1500.0, "-1.5k"),
        ("humanize", math.nan, "NaN"),
        ("humanize", 1e30, "1e+06Y"),
        ("humanize1024", 1_048_576.0, "1Mi"),
        ("humanize1024", 1.0, "1"),
        ("humanize1024", -2048.0, "-2ki"),
        ("humanizeDuration", 0.0, "0s"),
        ("humanizeDuration", 93_784.0, "1d 2h 3m 4s"),
        ("humanizeDuration", 3_600.0, "1h 0m 0s"),
        ("humanizeDuration", 59.75, "59.75s"),
        ("humanizeDuration", -61.0, "-1m 1s"),
        ("humanizeDuration", 0.0015, "1.5ms"),
        ("humanizeDuration", math.inf, "+Inf"),
        ("humanizePercentage", 0.123456, "12.35%"),
        ("humanizeTimestamp", 1_435_065_584.128, "2015-06-23 13:19:44.128 +0000 UTC"),
        ("humanizeTimestamp", 1e23, "<error expanding template: 1e+23 is no timestamp: it is beyond the year 2262>"),
        ("humanizeTimestamp", 0.0, "1970-01-01 00:00:00 +0000 UTC"),
    ],
)
def test_numbers_for_people(call: str, value: float, written: str) -> None:
    """The humanize family writes Prometheus' own digits."""
    assert render("{{ $value | " + call + " }}", Facts({}, value)) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (1e20, "1e+20"),
        (123456.0, "123456"),
        (1e6, "1e+06"),
        (100.0, "100"),
        (12345678.9, "1.23456789e+07"),
        (1e-5, "1e-05"),
        (-0.0, "-0"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (2.5e-7, "2.5e-07"),
    ],
)
def test_plain_values(value: float, written: str) -> None:
    """A bare value is written as Go writes it."""
    assert render("{{ $value }}", Facts({}, value)) == written


@pytest.mark.parametrize(
    ("text", "start", "message"),
    [
        ("{{ if $value }}x", 3, "{{if}} is not closed: {{end}} is missing"),
        ("a\n{{ $unknown }}", 5, "variable $unknown is not defined; there are $labels"),
        ("{{ humanise $value }}", 3, "function 'humanise' is not known"),
        ("{{ }}", 3, "missing value for an action"),
        ("a {{ $value", 2, "an action is not closed: '{{' without '}}'"),
        ("{{ call $value }}", 3, "function 'call' is not known"),
        ("{{ js `x` }}", 3, "function 'js' is not known"),
        ('{{ "\\xff" }}', 3, r"cannot read the escape \xff"),
        ("{{ " + "(" * 99 + "1" + ")" * 99 + " }}", 43, "nested more than 40 deep"),
        ("{{ if 1 }}" * 99, 403, "nested more than 40 deep"),
    ],
)
def test_what_cannot_be_read(text: str, start: int, message: str) -> None:
    """A fault is refused when read, with its place, and says so where it is rendered all the same."""
    with pytest.raises(BadTemplate) as refused:
        read_template(text)
    assert refused.value.start == start
    assert str(refused.value).startswith(message)
    assert render(text, FACTS).startswith("<error expanding template: ")


def test_the_desk_has_an_address() -> None:
    """The desk's public address and the path in it are known."""
    facts = Facts({}, 1.0, {"site": "home"}, "http://desk:9977/night")
    assert render("{{ externalURL }} {{ pathPrefix }} {{ $externalURL }} {{ .ExternalLabels.site }}", facts) == (
        "http://desk:9977/night /night http://desk:9977/night home"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ query `up` }}", "nothing can be asked here: up"),
        ("{{ range args 1 2 3 4 5 6 7 8 9 0 }}" * 5 + "{{ $x := $value }}" + "{{ end }}" * 5, "more than"),
        ("{{ define `a` }}{{ template `b` }}{{ end }}{{ define `b` }}{{ template `a` }}{{ end }}{{ template `a` }}",
         "templates within templates, more than 20 deep"),
        ("{{ $x := args 1 }}" + "{{ $x = args $x $x }}" * 90 + "{{ $x }}", "arguments within arguments"),
        ("{{ printf `%*d` 5 5 }}", "printf does not know"),
    ],
)  # fmt: skip
def test_what_cannot_be_filled_in(text: str, message: str) -> None:
    """Too much work, recursion and what is unknown end with an error in the text, at once."""
    begun = time.process_time()
    assert render(text, FACTS).startswith(f"<error expanding template: {message}")
    assert time.process_time() - begun < 5.0


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("{{ humanize }}", "humanize takes 1 arguments, not 0"),
        ("{{ if true }}a{{ else }}{{ toUpper `a` `b` }}{{ end }}", "toUpper takes 1 arguments, not 2"),
        ("{{ range query }}{{ end }}", "query takes 1 arguments, not 0"),
        ("{{ printf }}", "printf wants at least 1 arguments, not 0"),
        (
            "{{ if gt .Value 90 }}a{{ end }}",
            "gt of $value and a whole number always fails, as in Prometheus: write 90.0",
        ),
        ("{{ and (lt $value 5) true }}", "lt of $value and a whole number always fails, as in Prometheus: write 5.0"),
        ("{{ template `x` }}", "template 'x' is not defined"),
        ("{{ (toTime $value).Year }}", "Year of a time is not known here"),
        ("{{ printf `%[1]d` 5 }}", "printf does not know %["),
        ("{{ $value.x }}", "$value.x is not known; there are $labels.NAME and $value"),
        ("{{ define `x` }}{{ 1 2 }}{{ end }}", "a value takes no arguments: write a function's name before it"),
    ],
)
def test_what_will_fail(text: str, doubt: str) -> None:
    """What can be read but never filled in is known without trying."""
    assert list(doubts(read_template(text))) == [doubt]


@pytest.mark.parametrize("text", ["{{ gt $value 90.0 }}", "{{ $value | printf `%.1f` }}", "{{ eq (len $labels) 2 }}"])
def test_what_will_do(text: str) -> None:
    """There is no doubt about what can be filled in."""
    assert list(doubts(read_template(text))) == []


def test_output_is_bounded() -> None:
    """No rule writes more than 16 KB."""
    assert len(render("{{ $labels.long }}" * 9, Facts({"long": "x" * 4000}))) == MAX_TEXT
    assert len(render('{{ printf "%999v%999v" $value $value }}' * 99, FACTS)) == MAX_TEXT
    assert len(render("{{ " + "x" * 2 * MAX_TEXT + " }}", FACTS)) == MAX_TEXT


def test_replacements_do_not_explode() -> None:
    """A chain of replacements that each double the text stays bounded on the way; one of millions is refused."""
    doubled = '| reReplaceAll "(.)" "$1$1" ' * 60
    assert render("{{ $labels.long " + doubled + "}}", Facts({"long": "ab"})) == ("a" * MAX_TEXT)
    huge = '{{ reReplaceAll "(.)" "' + "$1" * 1_000 + '" $labels.long }}'
    assert render(huge, Facts({"long": "x" * 4_000})).startswith("<error expanding template: reReplaceAll")


def test_a_hostile_pattern_costs_no_time() -> None:
    """Patterns are RE2: no input makes them slow."""
    text = '{{ reReplaceAll "^(?:(a+)+$)" "x" $labels.long }}'
    assert render(text, Facts({"long": "a" * 10_000 + "b"})).endswith("b")


@pytest.mark.parametrize("call", ["reReplaceAll `a` `b` $labels.x", "match `a` $labels.x", "match $labels.x `a`"])
def test_labels_that_are_no_text_are_matched(call: str) -> None:
    """A label with bytes that are no UTF-8 is matched as if a replacement character stood for each of them."""
    assert render("{{ " + call + " }}", Facts({"x": "a\udc80"})) in ("b\ufffd", "true", "false")


@given(st.text(max_size=200))
def test_any_text_is_rendered(text: str) -> None:
    """No text makes the renderer raise."""
    render(text, FACTS)
    render("{{" + text + "}}", FACTS)


def test_actions_that_are_not_closed_cost_no_square() -> None:
    """Tens of thousands of beginnings without an end are refused at once."""
    begun = time.process_time()
    with pytest.raises(BadTemplate, match="cannot read"):
        read_template("{{ $value }}" + "{" * 65_000)
    assert time.process_time() - begun < 1.0
