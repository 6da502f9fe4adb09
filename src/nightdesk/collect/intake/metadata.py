"""What sources say of their metrics beside samples: the comments of a text body, the messages of remote write.

Read seldom and kept in memory only, within bounds: a restart forgets it, and the next scrape tells it again.
"""

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from nightdesk.collect.intake.protobuf import Allowance, Wire, read_fields, read_varint
from nightdesk.model.metric import Metadata, MetricType

MOST_NAMES: Final = 10_000
"""Metric names of one target, and of all senders together."""
MOST_TEXT: Final = 1_024
"""Characters of a help text that are kept; what Prometheus' own exporters say has some 80."""
MOST_FIELDS: Final = 16
"""Fields that one message may have: it knows four."""
_COMMENT: Final = re.compile(r'#[ \t]+(HELP|TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.)*)"|([^ \t]+))(?:[ \t]+(.*))?')
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPES: Final = {"n": "\n", "\\": "\\", '"': '"'}
_TYPES: Final = {"untyped": MetricType.UNKNOWN, **{each.value: each for each in MetricType}}
_NUMBERS: Final = (
    MetricType.UNKNOWN,
    MetricType.COUNTER,
    MetricType.GAUGE,
    MetricType.HISTOGRAM,
    MetricType.GAUGE_HISTOGRAM,
    MetricType.SUMMARY,
    MetricType.INFO,
    MetricType.STATE_SET,
)
"""Types by their number in remote write 1.0."""


def read_comments(lines: Iterable[bytes]) -> dict[str, Metadata]:
    """Return what the comments of a body say, by metric name; the first `MOST_NAMES` names.

    Comments that say nothing of the kind are free text, which the formats allow; an unknown type counts as none.
    """
    found: dict[str, Metadata] = {}
    for line in lines:
        if line[:1] != b"#":
            continue
        match = _COMMENT.fullmatch(line.decode("utf-8", "replace").rstrip(" \t\r"))
        if match is None:
            continue
        word, quoted, bare, text = match.groups(default="")
        name = _unescaped(quoted) or bare
        known = found.get(name)
        if known is None and len(found) >= MOST_NAMES:
            continue
        found[name] = _with(known or Metadata(name), word, text)
    return found


def _with(known: Metadata, word: str, text: str) -> Metadata:
    if word == "TYPE":
        return replace(known, type=_TYPES.get(text.lower(), MetricType.UNKNOWN))
    if word == "HELP":
        return replace(known, help=_unescaped(text)[:MOST_TEXT])
    return replace(known, unit=text[:MOST_TEXT])


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), text) if "\\" in text else text


def read_message(data: bytes) -> Metadata | None:
    """Read a MetricMetadata of remote write 1.0 { type = 1; metric_family_name = 2; help = 4; unit = 5 }.

    None where it names no metric. Raises BadPayload, PayloadTooLarge.
    """
    texts: dict[int, str] = {}
    kind = MetricType.UNKNOWN
    for number, wire, start, end in read_fields(data, 0, len(data), Allowance(MOST_FIELDS)):
        if wire is Wire.BYTES:
            texts[number] = data[start:end].decode("utf-8", "replace")[:MOST_TEXT]
        elif number == 1 and wire is Wire.VARINT:
            place = read_varint(data, start, end)[0]
            kind = _NUMBERS[place] if place < len(_NUMBERS) else MetricType.UNKNOWN
    name = texts.get(2, "")
    return Metadata(name, kind, texts.get(4, ""), texts.get(5, "")) if name else None


class MetadataBook:
    """What senders told: one entry a metric name, the newest word counts. Bounded: names told longest ago give way.

    Safe to use from several threads.
    """

    def __init__(self, most: int = MOST_NAMES) -> None:
        """Keep up to `most` names."""
        self._most = most
        self._known: dict[str, Metadata] = {}
        self._lock = threading.Lock()

    def learn(self, told: Iterable[Metadata]) -> None:
        """Keep what was told; it is now the newest."""
        with self._lock:
            for each in told:
                self._known.pop(each.name, None)
                self._known[each.name] = each
            for _ in range(len(self._known) - self._most):
                del self._known[next(iter(self._known))]

    def told(self) -> Mapping[str, Metadata]:
        """Return what is known now, by name."""
        with self._lock:
            return dict(self._known)
