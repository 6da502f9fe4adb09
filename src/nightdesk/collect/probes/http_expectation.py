"""What an HTTP answer is expected to say: a status, a keyword, a value in its JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from nightdesk.collect.intake.http_answer import HttpAnswer
from nightdesk.collect.probes.probe import ProbeFailure

JsonScalar = str | float | bool
_NOTHING: Final = object()
_SHOWN: Final = 80
"""Characters of a foreign value that a sentence shows."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How an answer stands; `number` is the JSON value where it is one."""

    failure: ProbeFailure | None = None
    detail: str = ""
    number: float | None = None


@dataclass(frozen=True, slots=True)
class HttpExpectation:
    """Statuses (none: any 2xx), a keyword of the body, a place in its JSON and what is to stand there."""

    statuses: frozenset[int] = frozenset()
    keyword: str = ""
    json_path: str = ""
    """Steps with dots between, `data.orders.0.state`; a number steps into an array. Empty: the body is not read."""
    json_value: JsonScalar | None = None
    """What stands there; None: anything but nothing and null."""

    def judge(self, answer: HttpAnswer, body: bytes) -> Judged:
        """Judge an answer and its unpacked body: status first, then keyword, then JSON."""
        expected = answer.status in self.statuses if self.statuses else answer.status // 100 == 2
        if not expected:
            wanted = " or ".join(str(status) for status in sorted(self.statuses)) or "2xx"
            return Judged(ProbeFailure.STATUS, f"the target answered {answer.status}, not {wanted}")
        if self.keyword and self.keyword.encode() not in body:
            return Judged(ProbeFailure.KEYWORD, f'the answer does not contain "{self.keyword}"')
        return self._judge_json(body) if self.json_path else Judged()

    def _judge_json(self, body: bytes) -> Judged:
        try:
            found = _at(orjson.loads(body), self.json_path.split("."))
        except orjson.JSONDecodeError as error:
            return Judged(ProbeFailure.BAD_ANSWER, f"the answer is not JSON: {error}")
        if found is _NOTHING or found is None:
            return Judged(ProbeFailure.JSON, f"the JSON has nothing at {self.json_path}")
        number = float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
        if self.json_value is None or _same(found, self.json_value):
            return Judged(number=number)
        shown = orjson.dumps(found).decode()[:_SHOWN]
        detail = f"{self.json_path} is {shown}, not {orjson.dumps(self.json_value).decode()}"
        return Judged(ProbeFailure.JSON, detail, number)


def _same(found: object, wanted: JsonScalar) -> bool:
    """Compare without Python's `True == 1`: JSON tells a boolean from a number."""
    return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted


def _at(value: object, steps: Sequence[str]) -> object:
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step, _NOTHING)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 10:
            value = value[int(step)] if int(step) < len(value) else _NOTHING
        else:
            return _NOTHING
    return value
