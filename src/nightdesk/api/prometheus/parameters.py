"""Parameters of Prometheus' HTTP API, read as Prometheus reads them; a bad one is refused with its name."""

import math
import re
from dataclasses import dataclass
from typing import Final

from nightdesk.api.message import Request
from nightdesk.errors import BadDuration, BadInstant, Refused
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT, SECOND, parse_duration, parse_instant, parse_number
from nightdesk.query.limits import too_many_steps

EDGES: Final = {"-292273086-05-16T16:47:06Z": MIN_INSTANT // 4, "292277025-08-18T07:12:54.999999999Z": MAX_INSTANT // 4}
"""What Go's clients write for "from the beginning" and "to the end"."""


TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
FALSE: Final = frozenset({"", "0", "f", "F", "false", "FALSE", "False"})


_MOST_SECONDS: Final = (2**63 - 1) / 10**9
"""What Go's durations, nanoseconds in 64 bits, reach: 292 years."""
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")


def bad_parameter(name: str, why: object) -> Refused:
    """Return the refusal of one parameter, in the words of Prometheus."""
    return Refused(f'invalid parameter "{name}": {why}')


@dataclass(frozen=True, slots=True)
class Parameters:
    """The fields of one request."""

    fields: dict[str, list[str]]

    @classmethod
    def of(cls, request: Request) -> "Parameters":
        """Read query string and form. Raises Refused when they cannot be read, or there are too many fields."""
        try:
            return cls(request.fields())
        except ValueError as error:
            raise bad_parameter("*", error) from error

    def text(self, name: str) -> str:
        """Return the first value, or the empty string."""
        values = self.fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Return all values."""
        return self.fields.get(name, [])

    def instant(self, name: str, default: int | None = None) -> int:
        """Return an instant in ms; Unix seconds or RFC 3339. Without a default it has to be there."""
        text = self.text(name)
        if not text and default is not None:
            return default
        if text in EDGES:
            return EDGES[text]
        try:
            return parse_instant(text)
        except BadInstant as error:
            told = f'cannot parse "{text}" to a valid timestamp'
            raise bad_parameter(
                name, told if default is None else f"Invalid time value for '{name}': {told}"
            ) from error

    def duration(self, name: str, default: int | None = None) -> int:
        """Return a duration in ms; seconds as a number, or as `5m`. Without a default it has to be there."""
        text = self.text(name)
        if not text and default is not None:
            return default
        try:
            seconds = parse_number(text)
        except ValueError:
            return self._written_duration(name, text)
        if not math.isfinite(seconds) or abs(seconds) > _MOST_SECONDS:
            raise bad_parameter(name, f'cannot parse "{text}" to a valid duration. It overflows int64')
        return round(seconds * SECOND)

    def _written_duration(self, name: str, text: str) -> int:
        try:
            return parse_duration(text)
        except BadDuration as error:
            raise bad_parameter(name, f'cannot parse "{text}" to a valid duration') from error

    def flag(self, name: str) -> bool:
        """Return whether something is wanted, false where it is absent; read as Go reads it."""
        text = self.text(name)
        if text not in TRUE | FALSE:
            raise bad_parameter(name, f'unable to parse boolean: strconv.ParseBool: parsing "{text}": invalid syntax')
        return text in TRUE

    def count(self, name: str) -> int:
        """Return a number of at least 0, 0 where it is absent."""
        text = self.text(name)
        if not text:
            return 0
        if not _WHOLE.fullmatch(text):
            raise bad_parameter(name, f'strconv.Atoi: parsing "{text}": invalid syntax')
        if text.startswith("-") and text.strip("-0"):
            raise bad_parameter(name, f"{name} must be non-negative")
        return int(text.lstrip("+-")[:18])

    def range(self, most_steps: int) -> tuple[int, int, int]:
        """Return start, end and step in ms, within Prometheus' bounds and at most `most_steps` steps."""
        start, end, step = self.instant("start"), self.instant("end"), self.duration("step")
        if end < start:
            raise bad_parameter("end", "end timestamp must not be before start time")
        if step <= 0:
            raise bad_parameter(
                "step", "zero or negative query resolution step widths are not accepted. Try a positive integer"
            )
        if (end - start) // step > most_steps:
            raise Refused(too_many_steps(most_steps))
        return start, end, step
