"""Templates beside Debian's promtool: the same texts, and the same faults where it finds any."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from nightdesk.query.engine import Engine
from nightdesk.rules.compiled import compile_group
from nightdesk.rules.forms.files import complaints_of, load
from nightdesk.rules.group import GroupJudge
from nightdesk.rules.ruletest.notation import parse_labels, parse_values
from nightdesk.rules.ruletest.scratch import ScratchSamples
from nightdesk.rules.templates.faults import BadTemplate
from nightdesk.rules.templates.quoted import unquote
from nightdesk.rules.templates.template import read_template
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.servers.services import require_program

FILLED = (
    # what is known
    "{{ $labels.instance }}|{{ .Labels.job }}|{{ $value }}|{{ .Value }}",
    "{{ $labels.missing }}|{{ $labels }}|{{ index $labels `missing` }}|{{ $.Labels.job }}",
    "{{ $externalURL }}|{{ $externalLabels }}|{{ .ExternalLabels.x }}",
    # logic
    "{{ if gt $value 0.9 }}critical{{ else }}warning{{ end }}",
    "{{ if gt $value 99.0 }}a{{ else if gt $value 90.0 }}b{{ else if true }}c{{ else }}d{{ end }}",
    "{{ if lt $value 1.0 }}a{{ else if eq $labels.job `x` `bot` }}b{{ end }}",
    "{{ if $labels.missing }}a{{ else }}b{{ end }}{{ if $labels.job }}c{{ end }}",
    "{{ if 0 }}d{{ end }}{{ if 0.0 }}e{{ end }}{{ if 1 }}f{{ end }}{{ if $labels }}g{{ end }}",
    "{{ with $labels.job }}{{ . }}{{ end }}{{ with $labels.missing }}a{{ else }}b{{ .Value }}{{ end }}",
    "{{ with $x := $labels.job }}{{ $x }}={{ . }}{{ end }}",
    "{{ and true $labels.job }}|{{ or `` `b` }}|{{ and 0 (index 1 2) }}|{{ or 1 (index 1 2) }}|{{ not `` }}|{{ and }}",
    "{{ and 1 0 2 }}|{{ or 0 `` }}|{{ true | and 1 }}|{{ false | or 0 }}",
    "{{ eq 1 1 }}|{{ ne `a` `b` }}|{{ le 1 1 }}|{{ ge 2 1 }}|{{ lt `a` `b` }}|{{ eq true false }}|{{ eq 1 2 3 1 }}",
    "{{ gt $value 90 }}",
    "{{ eq $value `93` }}",
    "{{ lt true false }}",
    "{{ eq 1 }}",
    "{{ eq $labels $labels }}",
    "{{ gt (query `nan_one` | first | value) 1.0 }}|{{ lt (query `nan_one` | first | value) 1.0 }}",
    # variables
    "{{ $x := 1 }}{{ $x }}{{ $x = 2 }}{{ $x }}{{ if true }}{{ $x = 3 }}{{ $x := 9 }}{{ $x }}{{ end }}{{ $x }}",
    "{{ $x := $labels }}{{ $x.job }}{{ ($x).instance }}{{ (.Labels).job }}",
    "{{ $value = 1 }}{{ $value }}{{ .Value }}",
    # ranges
    "{{ range query `sort(up)` }}{{ .Labels.instance }}={{ .Value }} {{ end }}",
    "{{ range $i, $e := query `sort(up)` | sortByLabel `instance` }}{{ $i }}:{{ $e.Labels.instance }} {{ end }}",
    "{{ range $e := query `sort(up)` }}{{ $e | value }}{{ label `job` $e }}{{ strvalue $e }} {{ end }}",
    "{{ range query `nothing` }}a{{ else }}none{{ end }}",
    "{{ range $name, $text := $labels }}{{ $name }}~{{ $text }} {{ end }}",
    "{{ range $i, $e := query `sort(up)` }}{{ if eq $i 1 }}{{ break }}{{ end }}{{ $i }}{{ end }}",
    "{{ range $i, $e := query `sort(up)` }}{{ if eq $i 0 }}{{ continue }}{{ end }}{{ $i }}{{ end }}",
    "{{ $last := `` }}{{ range query `sort(up)` }}{{ $last = .Labels.instance }}{{ end }}{{ $last }}",
    "{{ range 3 }}a{{ end }}",
    "{{ range `abc` }}a{{ end }}",
    "{{ range nil }}a{{ end }}",
    "{{ query `sort(up)` | first | value }}|{{ (query `sort(up)` | first).Labels.job }}|{{ query `sort(up)` | len }}",
    "{{ query `nothing` | first | value }}",
    "{{ query `up ==` }}",
    "{{ query `scalar(vector(3))` | first | value }}",
    "{{ with query `sort(up)` }}{{ . | first | value | humanize }}{{ end }}{{ with query `nothing` }}a{{ end }}",
    '{{ printf `up{instance="%s"}` $labels.instance | query | first | label `instance` }}',
    "{{ (index (query `sort(up)`) 1).Value }}|{{ query `sort(up)` | first }}",
    "{{ index (query `sort(up)`) 9 }}",
    # numbers and texts
    "{{ len `käse` }}|{{ len $labels }}|{{ index `abc` 1 }}|{{ slice `abcdef` 1 3 }}|{{ slice `abc` 1 }}",
    "{{ len 3 }}",
    "{{ slice `abc` 9 }}",
    "{{ printf `%.2f|%5.1f|%-8.1f|%08.2f|%+.1f` $value $value $value $value $value }}",
    "{{ printf `%e|%g|%G|%v` $value $value $value $value }}",
    "{{ printf `%d|%5d|%05d|%x|%X|%o|%b|%c|%v|%+d|%#x` 42 42 42 42 42 42 42 42 42 42 42 }}",
    '{{ printf `%s|%10s|%-10s|%q|%v|%x|%.2s` `abc` `abc` `abc` `a"b` `abc` `abc` `abc` }}',
    "{{ printf `%d|%s|%f|%t|%t|%%|%v` $value $value `x` true 1 true }}",
    "{{ printf `%s %s` `a` }}|{{ printf `a` `b` 3 }}|{{ printf `%z` 1 }}|{{ printf `%` }}",
    "{{ printf `%.3g|%.0f|%6.2g|%.1e` 1234567.0 0.5 0.00001234 1234.5 }}|{{ printf `%T %T` $value 1 }}",
    "{{ printf `%v` $labels }}",
    "{{ print 1 2 `a` 3 4.5 true nil }}|{{ print `a` `b` }}|{{ println 1 `a` }}|{{ print }}",
    '{{ urlquery `a b&c/ä` }}|{{ html `<a href="x">\'&` }}|{{ html 1 2 }}',
    "{{ title `hello big-world it's x_y` }}|{{ toUpper `straße` }}|{{ toLower `ÄB` }}",
    "{{ stripPort `a:1` }}|{{ stripPort `[::1]:80` }}|{{ stripPort `a:b:c` }}|{{ stripPort `a` }}",
    "{{ stripPort `:80` }}|{{ stripPort `a:` }}",
    "{{ stripDomain `a.b.c:80` }}|{{ stripDomain `1.2.3.4:5` }}|{{ stripDomain `host.example` }}",
    "{{ stripDomain `::1` }}|{{ stripDomain `a` }}",
    "{{ reReplaceAll `(.*):(\\d+)` `$2-${1}x$$` $labels.instance }}",
    "{{ reReplaceAll `(?P<h>b.x)` `<$h$1x$nope>` `a box` }}",
    "{{ reReplaceAll `` `-` `ab` }}|{{ match `^b.x` $labels.instance }}|{{ match `z` `a` }}",
    "{{ reReplaceAll `(` `` `a` }}",
    "{{ match `(` `a` }}",
    "{{ $value | toUpper }}",
    "{{ humanize $value }}|{{ humanize 1234567 }}|{{ humanize `0.00042` }}|{{ humanize1024 1048576.0 }}",
    "{{ humanizeDuration 93784 }}|{{ humanizeDuration `0.0015` }}|{{ humanizePercentage 0.1234 }}",
    "{{ humanizeTimestamp 1435065584.128 }}",
    "{{ humanize `abc` }}",
    "{{ humanize true }}",
    "{{ toTime 1435065584.128 }}|{{ parseDuration `1h5m` }}|{{ parseDuration `90s` | humanizeDuration }}",
    "{{ parseDuration `x` }}",
    "{{ args 1 `b` }}|{{ (args 1 `b`).arg1 }}|{{ (args 1).arg7 }}",
    '{{ safeHtml `<b>` }}|{{ graphLink `up == 0` }}|{{ tableLink `up{a="b"}` }}',
    "{{ 1 }}|{{ 1.5 }}|{{ 1e3 }}|{{ 0x1f }}|{{ 'a' }}|{{ .5 }}|{{ -3 }}|{{ 1_000 }}|{{ true }}|{{ 017 }}|{{ 1e6 }}",
    '{{ "a\\tb\\"c\\x41\\u00e4\\101" }}|{{ `raw \\n` }}',
    # shape
    "a  {{- $labels.job -}}  b {{/* c */}} {{- /* d */ -}}  e",
    "{{ define `x` }}<{{ . }}>{{ end }}{{ template `x` $labels.job }}{{ template `x` }}",
    "{{ block `y` 3 }}[{{ . }}]{{ end }}",
    "{{ define `d` }}{{ .Labels.job }}{{ end }}{{ template `d` . }}{{ template `nope` }}",
    "{{ define `r` }}x{{ template `r` }}{{ end }}{{ template `r` }}",
    "{{ $value | printf `%.1f` | printf `%s!` }}|{{ ($value) }}|{{ (printf `%s` (toUpper `a`)) | toLower }}",
    "{{ `a` | }}{{ $value | }}",
    "{{ humanize }}",
    "{{ humanize 1 2 }}",
    "{{ 1 2 }}",
    "{{ nil }}",
    "{{ .Nope }}",
    "{{ $labels.job.x }}",
    "{{ (query `sort(up)`).x }}",
    '{{\n  $value\n}}|{{ `}}` }}|{{ "}}" }}',
)
"""Texts that promtool reads, whether they can be filled in or not."""
REFUSED = (
    "{{ $labels.x ", "{{ nofunc $labels.x }}", "{{ }}", "{{ break }}", "{{ if $value }}x", "{{ $x }}", "{{ end }}",
    "{{ /* x */ }}", "{{/* x }}", "{{ 1 | 2 }}", '{{ "\\q" }}', "{{ else }}", "{{ if }}a{{ end }}", "{{ true.x }}",
    '{{ print "a"."b" }}', "{{ $x := 1 }}{{ $x=2 }}", "{{ 08 }}", "{{ 99999999999999999999 }}", '{{ title"x" }}',
    "{{ define $x }}{{ end }}", "{{ define `x` }}{{ $value }}{{ end }}", "{{ tmpl `x` . }}", "{{ (1 }}", "{{ 1) }}",
    "{{ if true }}{{ define `x` }}{{ end }}{{ end }}", "{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", "{{ | title }}",
    "{{ with 1 }}{{ else with 2 }}{{ end }}", "{{ $a, $b := query `up` }}", '{{ "a }}', "{{ `a }}", "{{ $value -}}}}{{",
    "{{ if true }}{{ else }}{{ else }}{{ end }}", "{{ template }}", "{{ template x }}", "{{ range }}{{ end }}",
    "{{ ? }}", "{{ {{ }}", "{{ $value = }}", "{{ () }}", "{{ end x }}", "{{ . | . }}", "{{ `a` | `b` }}",
)  # fmt: skip
SERIES = [
    {"series": 'up{instance="box:9100",job="bot"}', "values": "93.4567x3"},
    {"series": 'up{instance="a:1",job="bot"}', "values": "0x3"},
    {"series": "nan_one", "values": "NaN NaN NaN"},
]
_PAIR = re.compile(r'(t\d+)=("(?:[^"\\]|\\.)*")')


def _rules(texts: tuple[str, ...]) -> str:
    """Write a rule with each text in an annotation of its own."""
    annotations = {f"t{place}": text for place, text in enumerate(texts)}
    rule = {"alert": "A", "expr": 'up{instance="box:9100"} > 1', "annotations": annotations}
    return yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}, allow_unicode=True)


def _told(folder: Path, *arguments: str) -> str:
    command = [require_program("promtool"), *arguments]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return told.stdout + told.stderr


@pytest.mark.peer
def test_texts_are_those_of_promtool(tmp_path: Path) -> None:
    """Every text of the table is filled in as promtool does; where it leaves an error, so do we."""
    (tmp_path / "rules.yml").write_text(_rules(FILLED))
    case = {"eval_time": "1m", "alertname": "A", "exp_alerts": [{"exp_labels": {"instance": "box:9100", "job": "bot"}}]}
    test = {"interval": "1m", "input_series": SERIES, "alert_rule_test": [case]}
    tests = yaml.safe_dump({"rule_files": ["rules.yml"], "tests": [test]})
    (tmp_path / "tests.yml").write_text(tests)
    theirs = _texts_in(_told(tmp_path, "test", "rules", "tests.yml").split("got:")[1])
    ours = _ours(_rules(FILLED))
    assert len(theirs) == len(FILLED)
    different = {
        text: (ours[f"t{place}"], theirs[f"t{place}"])
        for place, text in enumerate(FILLED)
        if _comparable(ours[f"t{place}"]) != _comparable(theirs[f"t{place}"])
    }
    assert different == {}


@pytest.mark.peer
def test_faults_are_those_of_promtool(tmp_path: Path) -> None:
    """What promtool refuses is refused when it is read, and the rest is not."""
    texts = FILLED + REFUSED
    (tmp_path / "rules.yml").write_text(_rules(texts))
    told = _told(tmp_path, "check", "rules", "rules.yml")
    refused = {texts[int(place)] for place in re.findall(r'annotation "t(\d+)"', told)}
    assert refused == set(REFUSED)
    assert {text for text in texts if not _is_read(text)} == refused
    assert len(complaints_of(_rules(texts), "rules.yml")) == len(refused)


def _ours(rules: str) -> dict[str, str]:
    """Judge the rules over the same series; return the texts of the alert."""
    samples, clock = ScratchSamples(), ManualClock(0)
    for series in SERIES:
        steps = enumerate(parse_values(series["values"]))
        samples.add(parse_labels(series["series"]), ((at * 60_000, value) for at, value in steps if value is not None))
    (group,) = load(rules, "rules.yml")
    judge = GroupJudge(compile_group(group), Engine(samples, clock), samples, clock)
    (alert,) = judge.round(60_000)
    return dict(alert.annotations)


def _is_read(text: str) -> bool:
    try:
        read_template(text)
    except BadTemplate:
        return False
    return True


def _texts_in(told: str) -> dict[str, str]:
    return {name: unquote(text, 0) for name, text in _PAIR.findall(told)}


def _comparable(text: str) -> str:
    return "an error" if text.startswith("<error expanding template: ") else text
