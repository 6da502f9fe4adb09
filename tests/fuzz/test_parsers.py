"""Every parser of bytes and text from outside: whatever comes, it is read or refused in words of ours, at once."""

import time
import zlib
from collections.abc import Callable
from pathlib import Path

import cramjam
import numpy as np
import pytest

from nightdesk.api.encodings import chosen
from nightdesk.api.message import Request
from nightdesk.api.prometheus.selectors import matchers_of
from nightdesk.app.settings.file import lint
from nightdesk.app.shapes.raised import BreachShape
from nightdesk.collect.clients.push import read_push
from nightdesk.collect.http_logs.access_line import code_class
from nightdesk.collect.intake.exposition import parse as parse_exposition
from nightdesk.collect.intake.http_request import url_parts
from nightdesk.collect.intake.metadata import read_message
from nightdesk.collect.intake.remote_write import RemoteWriteDecoder
from nightdesk.collect.intake.text_import import TextImportJob
from nightdesk.collect.intake.unpack import unpack
from nightdesk.errors import NightdeskError
from nightdesk.model.instant import parse_duration, parse_instant
from nightdesk.model.labels import Labels
from nightdesk.model.regex import compiled
from nightdesk.model.series import Batch
from nightdesk.query.checking.parsing import parse
from nightdesk.query.checking.tree_json import tree_json
from nightdesk.query.durations import QueryRange, resolve_positive
from nightdesk.query.language.pretty import pretty
from nightdesk.query.language.printer import print_node
from nightdesk.query.language.tree import MatrixSelector
from nightdesk.rules.forms.files import complaints_of, load
from nightdesk.rules.ruletest.form import read_tests
from nightdesk.rules.ruletest.notation import parse_labels, parse_values
from nightdesk.rules.templates.template import render
from nightdesk.rules.templates.values import Facts
from nightdesk.store.samples.chunks.chunk import decode_times, decode_values, encode_times, encode_values
from nightdesk.store.samples.journal.entry import decode_entry, encode_entry
from nightdesk.store.samples.label_bytes import decode_labels, encode_labels
from nightdesk.testing.fuzzing import Finding, Target, fuzz
from nightdesk.testing.remote_write import label_block, snappy, time_series
from nightdesk.testing.samples import MemorySamples
from nightdesk.trades.sources.amounts import amount
from nightdesk.trades.sources.cells import exact_number, instants, zone_of

NOW = 1_700_000_000_000
SHORT_CASES, SHORT_SECONDS = 400, 1.5
LONG_CASES, LONG_SECONDS = 10**9, 60.0
MOST_UNPACKED = 1 << 20


def _text(data: bytes) -> str:
    """Decode as the HTTP side does."""
    return data.decode("utf-8", "surrogateescape")


def _promql(data: bytes) -> None:
    node = parse(_text(data))
    assert parse(print_node(node)) == node
    assert parse(pretty(node)) == node
    tree_json(node)


def _duration_expression(data: bytes) -> None:
    node = parse(f"x[{_text(data)}]")
    if isinstance(node, MatrixSelector):
        assert resolve_positive(node.range, QueryRange(0, 3_600_000, 15_000)) > 0


def _rule_file(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    complaints_of(text, "r.yml")
    load(text, "r.yml", desk_interval=1000)


def _template(data: bytes) -> None:
    facts = Facts({"instance": "box:9100", "käse": "a" * 200}, 1.5e9)
    assert len(render(data.decode("utf-8", "surrogateescape"), facts)) <= 20_000


def _unpacked(encoding: str) -> Callable[[bytes], object]:
    def run(data: bytes) -> None:
        assert len(unpack(data, encoding, MOST_UNPACKED)) <= MOST_UNPACKED

    return run


def _remote_write(data: bytes) -> None:
    samples = MemorySamples()
    samples.append(RemoteWriteDecoder()(snappy(data))(samples))


def _text_import(data: bytes) -> None:
    samples = MemorySamples()
    samples.append(TextImportJob(data, "", NOW)(samples))


def _parameters(data: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    Request("POST", "/x", query=data.decode("latin-1"), headers=headers, body=data).fields()


def _values(data: bytes) -> None:
    assert len(decode_values(data[0] if data else 0, data[1:], 100)) == 100


def _settings(folder: Path) -> Callable[[bytes], object]:
    file = folder / "settings.toml"

    def run(data: bytes) -> None:
        file.write_bytes(data)
        lint(file)

    return run


def _cell(data: bytes) -> None:
    exact_number(_text(data))
    amount(_text(data))


def _moment(data: bytes) -> None:
    text, _, pattern = _text(data).partition("|")
    instants(pattern or "iso", zone_of("Europe/Berlin"))(text)


EXPRESSIONS = [
    b'sum by (job, "k\xc3\xa4se") (rate(http_requests_total{job=~"api.*"}[5m] offset 1h)) > bool 0.5',
    b"a / on (x, y) group_left (z) b unless -c ^ 2 or topk(3, d)", b"max_over_time((a > 5)[1h:1m] @ end() offset -5m)",
    b'label_replace(up, "a", "$1", "b", "(.*)") and {"my metric", a!="b"}', b"histogram_quantile(0.9, x[step()*2+3m])",
    b'count_values("v", x) # note\n + fill_left(0) y', b"0x1F + 1e3 - .5 % Inf atan2 NaN", b"'\\u00e9\\x41\\'' == 1",
]  # fmt: skip
SCRAPE = (
    b'# HELP a_total what\n# TYPE a_total counter\n# UNIT a_total seconds\na_total{x="1",y="\\"\\n"} 1 1700000000000\n'
    b'{"k\xc3\xa4se",a="b"} +Inf\nb NaN\nc{} 0x1p3\nd_bucket{le="+Inf"} 3 # {t="1"} 0.5 1700000000.1\n# EOF\n'
)
WRITE = b"".join(
    time_series(label_block(Labels.of(name, job="x")), [(NOW, 1.0), (NOW + 1, float("nan"))]) for name in ("a", "b")
)
RULES = b"""groups:
- name: g
  interval: 30s
  limit: 3
  rules: [{record: "a:b", expr: "sum(a)", labels: {x: y}}, &one {alert: A, expr: a > 1, for: 5m}]
"""
DESK_RULES = b"""group: disks
desk_rules:
- {name: Full, expr: disk, warning: "> 80", critical: "> 90", for: 5m, no_data: hold, summary: "{{ $value }}"}
"""
TESTS = b"""rule_files: [a.yml]
tests:
- interval: 15s
  input_series: [{series: 'a{b="c"}', values: '1+1x5 _x3 stale'}]
  alert_rule_test: [{eval_time: 1m, alertname: A, exp_alerts: [{exp_labels: {a: b}}]}]
  promql_expr_test: [{expr: a, eval_time: 1m, exp_samples: [{labels: 'a{b="c"}', value: 1}]}]
"""
SETTINGS = b"""[desk]
interval = "1s"
[[scrape]]
job = "bot"
targets = ["127.0.0.1:8000"]
[channels.mail]
kind = "email"
[thresholds.cpu_usage]
warning = 80
[[routes]]
channel = "console"
"""
PUSH = (
    b'{"version":1,"bot":"b","run":"r","sequence":1,"age":0.5,"stopping":false,"counters":[{"name":"a",'
    b'"labels":{"x":"1"},"value":1}],"gauges":[],"timers":[{"name":"t","labels":{},"count":2,"sum":0.1,"buckets":[1,2]}],'
    b'"beats":[],"events":[]}'
)
BREACH = (
    b'{"metric":"latency","value":1.5,"threshold":1,"severity":"warning","labels":{"a":"b"},"message":"x","renew":60}'
)
BATCH = Batch(np.arange(5), np.array([1, 1, 1, 2, 2]) * 1000, np.linspace(0, 1, 5))
NUMBERS = np.cumsum(np.arange(100)).astype(np.float64)
WORDS = [b"sum", b" by ", b"(", b")", b"[5m]", b"[1h:]", b" offset ", b" @ ", b"{", b"}", b'"', b"=~", b" or ", b" ^ ",
         b"-", b" group_left ", b"start()", b"1d2h", b"'", b"`", b"#", b" bool ", b"x"]  # fmt: skip
YAML = [b"\n", b"- ", b": ", b"{{", b"}}", b"&a ", b"*a", b"<<: *a", b"!!python/object", b"!!binary ", b"|\n", b"[",
        b"? ", b"---\n", b'"\\uD800"']  # fmt: skip

TARGETS = [
    Target("promql", _promql, EXPRESSIONS, WORDS),
    Target("selector", lambda data: matchers_of("match[]", _text(data)), [b'up{a=~"b.*",c!=""}', b'{"x"}'], WORDS),
    Target("duration", lambda data: parse_duration(_text(data)), [b"1h30m", b"500ms", b"2w"], [b"y", b"ms"]),
    Target(
        "duration expression",
        _duration_expression,
        [b"5m+step()*2", b"-(1h-max(range(), 3m))/2", b"min_of(1h, 2d) ^ 2 % 7"],
        [b"step()", b"range()", b"(", b")", b"^", b"/0", b"9^9", b"1y", b"-", b"max(", b","],
    ),
    Target(
        "instant",
        lambda data: parse_instant(_text(data)),
        [b"2024-05-31T14:30:00.5+02:00", b"1717165800.25"],
        [b"T", b"Z", b":", b"-"],
    ),
    Target(
        "regex",
        lambda data: compiled(_text(data)).matches("abc" * 50),
        [b"a.*b|(?i)c[^d]{2,9}", b"(?P<x>\\d+)"],
        [b"(?:", b"{1000}", b"{9}", b"|", b"\\pL", b")*"],
        (ValueError,),
    ),
    Target(
        "exposition", lambda data: parse_exposition(data, NOW), [SCRAPE], [b"{", b'"', b"# TYPE ", b"\n", b"\\", b"="]
    ),
    Target(
        "OpenMetrics",
        lambda data: parse_exposition(data, NOW, open_metrics=True),
        [SCRAPE],
        [b"# EOF\n", b" # {", b"\n"],
    ),
    Target("text import", _text_import, [SCRAPE], [b"{", b"}", b",", b"\n"]),
    Target("remote write", _remote_write, [WRITE], [label_block(Labels.of("z")), b"\x0a\xff\xff\xff\xff\x0f"]),
    Target("remote write metadata", read_message, [b"\x08\x01\x12\x01a\x22\x04help\x2a\x01s"], [b"\x12", b"\xff"]),
    Target("snappy body", lambda data: RemoteWriteDecoder()(data)(MemorySamples()), [snappy(WRITE)], [b"\xf4\xff\xff"]),
    Target("gzip", _unpacked("gzip"), [zlib.compress(SCRAPE, wbits=31), zlib.compress(bytes(3 << 20), wbits=31)]),
    Target(
        "zstd", _unpacked("zstd"), [bytes(cramjam.zstd.compress(SCRAPE)), bytes(cramjam.zstd.compress(bytes(3 << 20)))]
    ),
    Target("snappy", _unpacked("snappy"), [bytes(cramjam.snappy.compress_raw(SCRAPE)), snappy(SCRAPE)]),
    Target(
        "Accept-Encoding", lambda data: chosen(data.decode("latin-1")), [b"gzip;q=0.5, zstd, *;q=0"], [b";q=", b","], ()
    ),
    Target(
        "form", _parameters, [b"query=up%20%2B1&time=5&match[]=a&match[]=b"], [b"%", b"&", b"=", b"%ff"], (ValueError,)
    ),
    Target(
        "URL",
        lambda data: url_parts(_text(data)),
        [b"http://[::1]:80/metrics?x=1", b"https://a.b:99999"],
        [b"@", b"[", b"]"],
    ),
    Target("rule file", _rule_file, [RULES, DESK_RULES], [*YAML, *WORDS]),
    Target("rule test", lambda data: read_tests(data.decode("utf-8", "replace"), "t.yml"), [TESTS], YAML),
    Target(
        "series notation",
        lambda data: (parse_labels(_text(data)), parse_values(_text(data))),
        [b'a{b="c"}', b"1+2x3 _x4 stale"],
        [b"x", b"+", b"-", b"_", b"x99999999999"],
    ),
    Target(
        "template",
        _template,
        [
            b'{{ $labels.instance }} {{ $value | humanize }} {{ printf "%.2f%%" 1.5 }}',
            b'{{ index $labels "x" | reReplaceAll "(a)+" "$1" | title }}{{- /* c */ -}}',
        ],
        [b"{{", b"}}", b"|", b"$value", b'printf "%9999d"', b"humanizeTimestamp", b'"%.999f"', b"match", b'"(a*)*"'],
        (),
    ),
    Target("push of a client", read_push, [PUSH], [b"[", b"{", b'"a":', b"null", b"true", b"1e999", b'"\\ud800"']),
    Target(
        "raised alert",
        lambda data: BreachShape.model_validate_json(data).breach(),
        [BREACH],
        [b"null", b"{", b'"x":', b"1e999"],
        (ValueError, NightdeskError),
    ),
    Target(
        "access log",
        code_class,
        [b'1.2.3.4 - - [01/Jan/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x"'],
        [b'"', b"\\"],
        (),
    ),
    Target(
        "cell of a table",
        _cell,
        [b"1,234.56", b"($1.5k)", b"1.5 USD + 2", b"-1e5"],
        [b",", b".", b"(", b" USD"],
        (ValueError,),
    ),
    Target(
        "time of a table",
        _moment,
        [b"2024-05-31 14:30:00.5|", b"31.05.24 14h|%d.%m.%y %Hh"],
        [b"%Y", b"%s", b"%"],
        (ValueError,),
    ),
    Target("journal entry", decode_entry, [encode_entry([BATCH])]),
    Target("values of a chunk", _values, [bytes([version]) + body for version, body in [encode_values(NUMBERS)]]),
    Target(
        "times of a chunk",
        lambda data: decode_times(data[0] if data else 0, data[1:], 100),
        [bytes([version]) + body for version, body in [encode_times(np.arange(100) * 1000)]],
    ),
    Target("labels on disk", decode_labels, [encode_labels(Labels.of("a", b="c"))]),
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_parser_crashes_or_hangs(target: Target) -> None:
    """Some hundred bent inputs each: only refusals come out, none takes a second."""
    assert fuzz(target, seed=1, cases=SHORT_CASES, seconds=SHORT_SECONDS) > len(target.seeds)


def test_settings_are_read_or_remarked_on(tmp_path: Path) -> None:
    """A settings file never raises: what is wrong with it is a remark with its line."""
    words = [b"[", b"]", b"=", b'"""', b"[[", b"2024-01-01", b"{", b"}", b"\n"]
    target = Target("settings", _settings(tmp_path), [SETTINGS], words, ())
    assert fuzz(target, seed=1, cases=SHORT_CASES, seconds=2 * SHORT_SECONDS) > 1


@pytest.mark.campaign
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_parser_crashes_or_hangs_for_long(target: Target) -> None:
    """A minute of CPU each, other cases than the short form has."""
    assert fuzz(target, seed=2, cases=LONG_CASES, seconds=LONG_SECONDS) > SHORT_CASES


@pytest.mark.campaign
def test_settings_for_long(tmp_path: Path) -> None:
    """A minute of CPU of bent settings."""
    target = Target("settings", _settings(tmp_path), [SETTINGS], [b"[", b"=", b"[[", b"{"], ())
    assert fuzz(target, seed=2, cases=LONG_CASES, seconds=LONG_SECONDS) > SHORT_CASES


def test_the_fuzzer_finds_what_it_looks_for() -> None:
    """A parser that crashes on a quote, and one that spins, are found, and a refusal is not."""

    def crashes(data: bytes) -> None:
        if b'"' in data:
            raise KeyError(data)

    def spins(data: bytes) -> None:
        until = time.process_time() + 1.2
        while data.count(b"(") > 30 and time.process_time() < until:
            pass

    with pytest.raises(Finding, match="KeyError"):
        fuzz(Target("crashes", crashes, [b"abc"]), 1, 2_000, 10)
    with pytest.raises(Finding, match="took"):
        fuzz(Target("spins", spins, [b"abc"]), 1, 2_000, 20)
    assert fuzz(Target("refuses", crashes, [b"abc"], refusals=(KeyError,)), 1, 500, 10) == 502
