"""One line of the text format, read with care: name, labels, value, timestamp. The slow and strict half."""

import re
from typing import Final

from nightdesk.errors import BadPayload
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import LABEL_PATTERN, METRIC_NAME, METRIC_PATTERN, Labels

_QUOTED: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\(.)")
_SPACE: Final = re.compile(r"[ \t]*")
_ESCAPES: Final = {"n": "\n", "\\": "\\", '"': '"'}


def read_series(line: str) -> tuple[Labels, int]:
    """Read the name and the labels that a line begins with; return them and where they end.

    Names are bare (`up{job="a"}`) or, for any UTF-8, quoted inside the braces (`{"my.metric", "a.b"="c"}`).

    Raises:
        BadPayload: what stands there is not the start of a sample.
    """
    pairs: dict[str, str] = {}
    bare = METRIC_PATTERN.match(line)
    place = _space(line, bare.end() if bare else 0)
    if bare:
        pairs[METRIC_NAME] = bare[0]
    if line[place : place + 1] == "{":
        place = _read_braces(line, place + 1, pairs)
    elif bare:
        place = bare.end()
    if METRIC_NAME not in pairs:
        raise BadPayload("a sample needs a metric name")
    return Labels(pairs.items()), place


def _read_braces(line: str, place: int, pairs: dict[str, str]) -> int:
    place = _space(line, place)
    while line[place : place + 1] != "}":
        name, place = _read_name(line, place)
        place = _space(line, place)
        if line[place : place + 1] == "=":
            value, place = _read_quoted(line, _space(line, place + 1))
        elif METRIC_NAME in pairs:
            raise BadPayload(f"label {name!r} has no value")
        else:
            name, value = METRIC_NAME, name
        if name in pairs:
            raise BadPayload(f"label {name!r} is given twice")
        pairs[name] = value
        place = _space(line, place)
        if line[place : place + 1] == ",":
            place = _space(line, place + 1)
        elif line[place : place + 1] != "}":
            raise BadPayload("after a label comes a comma or a closing brace")
    return place + 1


def _read_name(line: str, place: int) -> tuple[str, int]:
    if line[place : place + 1] == '"':
        return _read_quoted(line, place)
    match = LABEL_PATTERN.match(line, place)
    if match is None:
        raise BadPayload("a label needs a name")
    return match[0], match.end()


def _read_quoted(line: str, place: int) -> tuple[str, int]:
    match = _QUOTED.match(line, place)
    if match is None:
        raise BadPayload("a label's value stands in double quotes")
    text = match[1]
    if "\\" in text:
        text = _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), text)
    return text, match.end()


def _space(line: str, place: int) -> int:
    match = _SPACE.match(line, place)
    return match.end() if match else place


def read_value(word: bytes) -> float:
    """Read a value as Prometheus writes it; Python would take `1_000` too.

    Raises:
        BadPayload: it is not a number.
    """
    try:
        if b"_" not in word:
            return float(word)
    except ValueError:
        pass  # said below, as for the underscore
    raise BadPayload(f"not a number: {word.decode(errors='backslashreplace')[:40]!r}")


def read_timestamp(word: bytes, *, open_metrics: bool) -> int:
    """Read a timestamp into milliseconds: whole milliseconds in the Prometheus format, seconds in OpenMetrics.

    As with values, an underscore is refused.

    Raises:
        BadPayload: it is not a number, or beyond what 64 bits hold.
    """
    try:
        millis = round(float(word) * 1000) if open_metrics else int(word)
    except (ValueError, OverflowError):
        millis = None
    if millis is None or b"_" in word:
        raise BadPayload(f"not a timestamp: {word.decode(errors='backslashreplace')[:40]!r}")
    if not MIN_INSTANT <= millis <= MAX_INSTANT:
        raise BadPayload(f"timestamp out of bounds: {word.decode(errors='backslashreplace')[:40]!r}")
    return millis
