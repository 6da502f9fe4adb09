"""Annotations as Prometheus writes them, bounded and without logic."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.rules.templates.template import MAX_OUTPUT, read_template, render
from nightdesk.rules.templates.words import BadTemplate, Facts

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
    "text",
    [
        "{{ if $value }}x{{ end }}",
        "{{ range $x := query `up` }}{{ end }}",
        "{{ $unknown }}",
        "{{ humanise $value }}",
        "{{ $value | }}",
        "{{ }}",
        "{{ $value",
        "{{ humanize }}",
        "{{ toUpper (title $labels.x) }}",
        "{{ query `up` | first | value }}",
    ],
)
def test_outside_the_subset(text: str) -> None:
    """What is outside the subset is refused when read, and says so where it is rendered all the same."""
    with pytest.raises(BadTemplate):
        read_template(text)
    assert render(text, FACTS).startswith("<error expanding template: ")


def test_output_is_bounded() -> None:
    """No rule writes more than 16 KB."""
    assert len(render("{{ $labels.long }}" * 9, Facts({"long": "x" * 4000}))) == MAX_OUTPUT
    assert len(render('{{ printf "%999s%999s" $value $value }}' * 99, FACTS)) == MAX_OUTPUT
    assert len(render("{{ " + "x" * 2 * MAX_OUTPUT + " }}", FACTS)) == MAX_OUTPUT


def test_replacements_do_not_explode() -> None:
    """A chain of replacements that each double the text stays bounded on the way; one of millions is refused."""
    doubled = '| reReplaceAll "(.)" "$1$1" ' * 60
    assert render("{{ $labels.long " + doubled + "}}", Facts({"long": "ab"})) == ("a" * MAX_OUTPUT)
    huge = '{{ reReplaceAll "(.)" "' + "$1" * 1_000 + '" $labels.long }}'
    assert render(huge, Facts({"long": "x" * 4_000})).startswith("<error expanding template: reReplaceAll")


def test_a_hostile_pattern_costs_no_time() -> None:
    """Patterns are RE2: no input makes them slow."""
    text = '{{ reReplaceAll "^(?:(a+)+$)" "x" $labels.long }}'
    assert render(text, Facts({"long": "a" * 10_000 + "b"})).endswith("b")


@given(st.text(max_size=200))
def test_any_text_is_rendered(text: str) -> None:
    """No text makes the renderer raise."""
    render(text, FACTS)
    render("{{" + text + "}}", FACTS)


def test_actions_that_are_not_closed_cost_no_square() -> None:
    """Tens of thousands of beginnings without an end are refused at once."""
    begun = time.process_time()
    with pytest.raises(BadTemplate, match="not closed"):
        read_template("{{ $value }}" + "{" * 65_000)
    assert time.process_time() - begun < 1.0
