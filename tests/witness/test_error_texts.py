"""A desk and Prometheus 2.42 refuse the same expressions, in the same words, and write those they take in one form.

Expressions by the grammar are damaged in one or two places. Where the two differ, a kind says why: the grammar of 3 is
another there, or we stay apart on purpose.
"""

import http.client
import json
import random
import re
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pytest

from nightdesk.errors import QuerySyntaxError
from nightdesk.model.labels import Matcher
from nightdesk.query.checking.parsing import parse
from nightdesk.query.functions.table import FUNCTIONS
from nightdesk.query.language.pretty import pretty
from nightdesk.query.language.strings import quoted
from nightdesk.query.language.tree import VectorSelector
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.expressions import Expressions
from nightdesk.testing.servers.prometheus_server import PrometheusServer

pytestmark = pytest.mark.peer

DAMAGE: Final = (
    "", *"()[]{},:@=~!<>+-*/%^\"'`#$;0aé_. ", "offset", "by", "bool", "on", "5m", "sum", "=~", "@", "group_left",
    "start(", "\\", "\\x", "e+", "1e", "foo(",
)  # fmt: skip
LONGEST: Final = 400


class Apart(Enum):
    """Why two refusals differ, or one of the two does not refuse."""

    NAMELESS_AT = "2.42 knows no name for @ and shows its number"
    DURATIONS = "durations are numbers, and numbers durations, in 3"
    RANGES = "ranges are reckoned in 3, so that other things are expected between brackets"
    NUMBERS = "3 parts digits by underscores, and reads on where 2.42 stops"
    QUOTED = "names stand in quotes in 3"
    FUNCTIONS = "3 knows more functions, and fill modifiers"
    REGEX = "the words of RE2 in C++ stand behind `error parsing regexp`"
    EDGES = "start() and its like are functions in 3"
    SAME = "no difference"


class Unexplained(AssertionError):
    """The two differ, and no kind says why."""


_KINDS: Final = (
    (Apart.NAMELESS_AT, re.compile(r'"<Item \d+>"')),
    (Apart.REGEX, re.compile(r"error parsing regexp")),
    (Apart.QUOTED, re.compile(r"unexpected string .* in (label matching, expected identifier|grouping opts)")),
    (Apart.DURATIONS, re.compile(r"unexpected duration|in offset, expected duration")),
    (Apart.RANGES, re.compile(
        r"missing unit character|bad duration syntax|unexpected colon|subquery|not a valid duration|duration must be")),
    (Apart.NUMBERS, re.compile(r"bad number or duration syntax|strconv\.Parse")),
)  # fmt: skip
_NEWER: Final = re.compile(
    r"limitk|limit_ratio|anchored|smoothed|\bfill(_left|_right)?(\s|#[^\n]*\n)*\(", re.IGNORECASE
)
_UNKNOWN: Final = re.compile(r'unknown function with name "(\w+)"')
_READ_ON: Final = re.compile(r'bad number or duration syntax: "[^"]*[._eE+-]|parsing "[^"]*\.')
_WRITTEN_OTHERWISE: Final = re.compile(
    r"inf(\s|#[^\n]*\n)*\^|(on|ignoring)(\s|#[^\n]*\n)*\((\s|#[^\n]*\n)*\)", re.IGNORECASE
)
"""2.42 prints infinity under ^ with a sign, which binds less, and drops the `ignoring ()` that `group_left` needs."""
_EDGE_CALLED: Final = re.compile(r"\b(start|end|step|range)(\s|#[^\n]*\n)*\(", re.IGNORECASE)
_DURATION_AHEAD: Final = re.compile(r",(\s|#[^\n]*\n)*\d+[smhdwy]")


def compare(text: str, ours: str, theirs: str) -> Apart:
    """Tell why two refusals of an expression differ; an empty one is none.

    Raises:
        Unexplained: for no reason that is known.
    """
    if ours == theirs:
        return Apart.SAME
    if "expected ':'" in ours:
        # Any letter is a colon to 2.42.
        return Apart.RANGES
    if theirs:
        kind = next((kind for kind, words in _KINDS if words.search(theirs)), None)
        if kind is not None:
            return kind
        unknown = _UNKNOWN.search(theirs)
        if _NEWER.search(text) or (unknown is not None and unknown.group(1) in FUNCTIONS):
            return Apart.FUNCTIONS
        if _READ_ON.search(ours):
            return Apart.NUMBERS
        if "trailing commas" in theirs and _DURATION_AHEAD.search(text):
            return Apart.DURATIONS
        if 'unexpected "("' in theirs and _EDGE_CALLED.search(text):
            return Apart.EDGES
    raise Unexplained(f"{text!r} is refused by us with {ours!r}, by Prometheus with {theirs!r}")


class Damaged:
    """Expressions that Prometheus takes, and what becomes of them by one or two small accidents."""

    def __init__(self, seed: int) -> None:
        self._grown, self._chance = Expressions(seed), random.Random(seed)

    def good(self) -> str:
        """Return an expression that is not too long to be looked at by a person."""
        return next(text for text in iter(self._grown.valid, "") if len(text) < LONGEST)

    def damaged(self, text: str) -> str:
        """Return the text with a piece or two put in or exchanged."""
        for _ in range(self._chance.randint(1, 2)):
            place = self._chance.randrange(len(text) + 1)
            length = self._chance.choice((0, 0, 1, 1, 2, 5))
            text = text[:place] + self._chance.choice(DAMAGE) + text[place + length :]
        return text


class Asked:
    """One server, asked over one connection; a context manager."""

    def __init__(self, url: str) -> None:
        """Take the server's address."""
        self._connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def __call__(self, path: str, **form: str) -> tuple[int, Any]:
        """POST a form; return the status and the parsed answer."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", path, urllib.parse.urlencode(form), headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Run a Prometheus that knows no samples."""
    with PrometheusServer(tmp_path_factory.mktemp("texts"), "global: {}\n") as running, Asked(running.url) as asked:
        yield asked


def _ours(text: str) -> tuple[str, str]:
    """Return the refusal as the API words it, or else the form, with matchers sorted."""
    try:
        return "", pretty(_with_sorted_matchers(parse(text)))
    except QuerySyntaxError as error:
        return f'invalid parameter "query": {error}', ""


def _with_sorted_matchers(value: Any) -> Any:
    """Return a tree with its matchers in the order that Prometheus writes them in; ours stay as they were written."""
    if isinstance(value, tuple):
        return tuple(_with_sorted_matchers(each) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    if isinstance(value, VectorSelector):
        name = () if value.is_bare else value.matchers[:1]
        return replace(value, matchers=(*name, *sorted(value.matchers[len(name) :], key=_written)))
    return replace(value, **{each.name: _with_sorted_matchers(getattr(value, each.name)) for each in fields(value)})


def _written(matcher: Matcher) -> str:
    return f"{matcher.name}{matcher.op.value}{quoted(matcher.value)}"


def _tally(prometheus: Asked, count: int, seed: int) -> Counter[Apart]:
    """Compare so many damaged expressions, and the form of those they were made of."""
    source, found = Damaged(seed), Counter[Apart]()
    while found.total() < count:
        good = source.good()
        _, told = prometheus("/api/v1/format_query", query=good)
        if told["status"] != "success":
            compare(good, _ours(good)[0], told["error"])
            continue
        refusal, form = _ours(good)
        if refusal or (form != told["data"] and not _WRITTEN_OTHERWISE.search(good)):
            raise Unexplained(f"{good!r} is {refusal or form!r} to us and {told['data']!r} to Prometheus")
        text = source.damaged(good)
        _, told = prometheus("/api/v1/format_query", query=text)
        found[compare(text, _ours(text)[0], told.get("error", ""))] += 1
    return found


def test_refusals_are_in_the_same_words(prometheus: Asked) -> None:
    """Line, column and words, of expressions damaged in a place or two; and the form of those they were made of."""
    found = _tally(prometheus, 1_500, seed=20_261_122)
    assert found[Apart.SAME] > 900, found


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_refusals_are_in_the_same_words_at_length(prometheus: Asked, seed: int) -> None:
    """The same, thirty thousand times."""
    found = _tally(prometheus, 10_000, seed)
    assert found[Apart.SAME] > 6_000, found


def test_the_status_is_the_same(prometheus: Asked, tmp_path: Path) -> None:
    """Three hundred damaged expressions asked of both servers: status, kind of error and the sentence, or an answer."""
    source = Damaged(242)
    with DeskProcess(tmp_path, "--no-collect", "--no-auth") as running, Asked(running.url) as desk:
        for _ in range(300):
            text = source.damaged(source.good())
            (status, told), (their_status, theirs) = (
                ask("/api/v1/query", query=text, time="1700000000") for ask in (desk, prometheus)
            )
            texts = told.get("error", ""), theirs.get("error", "")
            # What is refused once it is looked at (the names of labels, for one) is another test's matter.
            if any("parse error" in each for each in texts):
                compare(text, *texts)
            if all("parse error" in each for each in texts):
                assert (status, told["errorType"]) == (their_status, theirs["errorType"]) == (400, "bad_data")
