"""The query script language: PromQL tests in plain text, as Prometheus' promqltest writes them.

    load 5m
      requests_total{path="/"}  0+10x10

    eval instant at 50m increase(requests_total[50m])
      expect no_warn
      {path="/"} 100

    eval range from 0 to 10m step 5m requests_total > 5
      requests_total{path="/"} _ 10 20

    clear

Lines below `eval` expect: a series each, a bare number for a scalar, or one of `expect ordered`,
`expect fail|warn|info [msg: text]` or `[regex: text]`, `expect no_warn`, `expect no_info`, `expect string "text"`, and
our own `expect rejected {labels}` (or `none`): the label sets that a filter refused, all of them. `#` begins a comment.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from nightdesk.errors import NightdeskError
from nightdesk.model.instant import parse_duration
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.query.answer import Answer
from nightdesk.query.engine import Engine
from nightdesk.query.language.strings import unquote
from nightdesk.seams.samples import PanelReader, SampleWriter
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.series_notation import Points, parse_series

TOLERANCE: Final = 1e-6
_INSTANT: Final = re.compile(r"eval instant at (\S+)\s+(.+)")
_RANGE: Final = re.compile(r"eval range from (\S+) to (\S+) step (\S+)\s+(.+)")
_EXPECT: Final = re.compile(r"expect (ordered|fail|warn|info|no_warn|no_info|string|rejected)(?:\s+(.*))?")


class ScriptStore(PanelReader, SampleWriter, Protocol):
    """What a script loads into and asks."""


@dataclass(frozen=True, slots=True)
class Load:
    """Series to store, `step` ms apart from instant 0."""

    step: int
    series: list[tuple[Labels, Points]]


@dataclass(frozen=True, slots=True)
class Clear:
    """Begin with an empty store."""


@dataclass(slots=True)
class Case:
    """A query and what is expected of it; an instant query has no step."""

    line: int
    query: str
    start: int
    end: int
    step: int | None
    series: dict[Labels, Points] = field(default_factory=dict)
    scalar: float | None = None
    expectations: list[tuple[str, str]] = field(default_factory=list)

    def texts(self, kind: str) -> list[str]:
        """Return the arguments of every expectation of a kind."""
        return [text for found, text in self.expectations if found == kind]


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that came out otherwise."""

    line: int
    query: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.query}: {self.reason}"


# --------------------------------------------------------------------- reading


def parse_script(text: str) -> list[Load | Clear | Case]:
    """Read a script.

    Raises:
        ValueError: naming the line that cannot be read.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    commands: list[Load | Clear | Case] = []
    rest = iter([(number, line) for number, line in lines if not line.startswith("#")])
    for number, line in rest:
        if line:
            try:
                commands.append(_command(number, line, rest))
            except (ValueError, NightdeskError) as error:
                raise ValueError(f"line {number}: {error}") from error
    return commands


def _command(number: int, line: str, rest: Iterator[tuple[int, str]]) -> Load | Clear | Case:
    if line == "clear":
        return Clear()
    if line.startswith("load "):
        return Load(parse_duration(line.split()[1]), [parse_series(below) for below in _below(rest)])
    instant, ranged = _INSTANT.fullmatch(line), _RANGE.fullmatch(line)
    if instant:
        at = parse_duration(instant[1])
        case = Case(number, instant[2], at, at, None)
    elif ranged:
        start, end, step = (parse_duration(word) for word in ranged.groups()[:3])
        case = Case(number, ranged[4], start, end, step)
    else:
        raise ValueError(f"not a command: {line!r}")
    for below in _below(rest):
        _read_expectation(case, below)
    return case


def _below(rest: Iterator[tuple[int, str]]) -> Iterator[str]:
    """Yield the lines up to the next empty one."""
    for _, line in rest:
        if not line:
            return
        yield line


def _read_expectation(case: Case, line: str) -> None:
    found = _EXPECT.fullmatch(line)
    if found:
        case.expectations.append((found[1], found[2] or ""))
        return
    try:
        case.scalar = float(line)
    except ValueError:
        labels, points = parse_series(line)
        case.series[labels] = points


# --------------------------------------------------------------------- running


def run_script(text: str, make_store: Callable[[], ScriptStore]) -> list[Failure]:
    """Run a script on stores made fresh for it and after each `clear`; returns what came out otherwise."""
    store = make_store()
    failures: list[Failure] = []
    for command in parse_script(text):
        match command:
            case Clear():
                store = make_store()
            case Load():
                load(command, store)
            case Case():
                reason = _judge(command, Engine(store, ManualClock()))
                if reason:
                    failures.append(Failure(command.line, command.query, reason))
    return failures


def load(command: Load, store: SampleWriter) -> None:
    """Store a command's series, a batch an instant, as scrapes would."""
    references = [store.reference(labels) for labels, _ in command.series]
    for position in range(max((len(points) for _, points in command.series), default=0)):
        here = [
            (reference, points[position])
            for reference, (_, points) in zip(references, command.series, strict=True)
            if position < len(points) and points[position] is not None
        ]
        refs = np.array([reference for reference, _ in here], dtype=np.int64)
        store.append(Batch.at(refs, position * command.step, np.array([value for _, value in here], dtype=np.float64)))
    store.commit()


def _judge(case: Case, engine: Engine) -> str:
    """Return why a case fails, or the empty string."""
    wanted_failures = case.texts("fail")
    try:
        if case.step is None:
            answer = engine.instant(case.query, case.start)
        else:
            answer = engine.range(case.query, case.start, case.end, case.step)
    except NightdeskError as error:
        if not wanted_failures:
            return f"failed: {error}"
        return "" if _fits(wanted_failures[0], str(error)) else f"failed otherwise: {error}"
    if wanted_failures:
        return "expected to fail, did not"
    return _wrong_notes(case, answer) or _wrong_rejected(case, answer) or _wrong_values(case, answer)


def _fits(wanted: str, text: str) -> bool:
    """Compare a text with `msg: exact`, `regex: pattern`, or nothing, which everything fits."""
    kind, _, rest = wanted.partition(":")
    if kind == "regex":
        return re.search(rest.strip(), text) is not None
    return not wanted or text == rest.strip()


def _wrong_notes(case: Case, answer: Answer) -> str:
    for kind, given in (("warn", answer.warnings), ("info", answer.infos)):
        for wanted in case.texts(kind):
            if not any(_fits(wanted, text) for text in given):
                return f"no {kind} {wanted}, but {given}"
        if case.texts(f"no_{kind}") and given:
            return f"expected no {kind}, got {given}"
    return ""


def _wrong_rejected(case: Case, answer: Answer) -> str:
    texts = case.texts("rejected")
    if not texts:
        return ""
    wanted = frozenset(parse_series(text)[0] for text in texts if text != "none")
    return "" if answer.rejected == wanted else f"rejected {sorted(map(str, answer.rejected))}"


def _wrong_values(case: Case, answer: Answer) -> str:
    if answer.kind == "string":
        wanted = case.texts("string")
        return "" if wanted and unquote(wanted[0]) == answer.text else f"string {answer.text!r}"
    if answer.kind == "scalar":
        value = float(answer.values[0, 0])
        return "" if case.scalar is not None and _close(case.scalar, value) else f"scalar {value}"
    given = _points(answer)
    if given.keys() != case.series.keys():
        return f"series {sorted(map(str, given))}"
    for labels, points in case.series.items():
        padded = points + [None] * (len(answer.steps) - len(points))
        if not all(_close(one, other) for one, other in zip(padded, given[labels], strict=True)):
            return f"{labels} is {given[labels]}"
    if case.texts("ordered") and list(given) != list(case.series):
        return f"order {[str(labels) for labels in given]}"
    return ""


def _points(answer: Answer) -> dict[Labels, Points]:
    return {
        labels: [value if here else None for value, here in zip(values.tolist(), present.tolist(), strict=True)]
        for labels, values, present in zip(answer.labels, answer.values, answer.present, strict=True)
    }


def _close(wanted: float | None, given: float | None) -> bool:
    if wanted is None or given is None:
        return wanted is given
    if wanted != wanted or given != given:
        return wanted != wanted and given != given
    if wanted == given:
        return True
    # Near zero nothing but zero is close: a tolerance there would hide what cancellation leaves over.
    return abs(wanted - given) <= TOLERANCE * min(abs(wanted), abs(given))
