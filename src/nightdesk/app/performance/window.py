"""The window a report looks through."""

from dataclasses import dataclass

from nightdesk.errors import Refused
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT, parse_duration, to_nanos


@dataclass(frozen=True, slots=True)
class Window:
    """[start, end) in ns; trades belong to it by their close."""

    start: int
    end: int
    name: str
    """As a person writes it: `30d`, `all`."""

    @classmethod
    def parse(cls, text: str, now: int) -> "Window":
        """Read `all`, or a duration that ends now (ms): `30d`.

        Raises:
            Refused: it is neither; the message says what would be right.
        """
        if text == "all":
            return cls(MIN_INSTANT, MAX_INSTANT, text)
        length = parse_duration(text)
        if length <= 0:
            raise Refused(f"not a window: {text!r}; write e.g. 30d, 12w, 1y, or all")
        return cls(to_nanos(now - length), to_nanos(now), text)

    @property
    def is_all(self) -> bool:
        """True where nothing is left out."""
        return self.start == MIN_INSTANT
