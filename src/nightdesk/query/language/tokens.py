"""What a query's text is cut into: tokens, as error messages name them, and the words that mean more than a name."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from nightdesk.query.language.position import Span
from nightdesk.query.language.strings import quoted
from nightdesk.query.language.tree import PARAMETER_TYPES


class TokenKind(Enum):
    """What a token is, in the words that error messages use."""

    IDENTIFIER = "identifier"
    NUMBER = "number"
    DURATION = "duration"
    STRING = "string"
    OPERATOR = "operator"
    END = "end of input"
    FAULT = "fault"


PUNCTUATION: Final = frozenset("(){}[],:=")
NUMBERS: Final = frozenset({"inf", "nan"})
"""Words that are numbers wherever a number may stand, and no label of a grouping."""
WORD_OPERATORS: Final = frozenset({"and", "or", "unless", "atan2"})
KEYWORDS: Final = frozenset({
    "offset", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "anchored", "smoothed",
})  # fmt: skip
DURATION_CALLS: Final = {"step": 0, "range": 0, "min_of": 2, "max_of": 2}
"""What durations can be reckoned with, and of how many others."""
_SHOWN: Final = 10
"""How much of a number or a string a message shows."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is as written, quotes included."""

    kind: TokenKind
    text: str
    span: Span
    within_braces: bool = False
    """True where every word is the name of a label, keywords too."""

    def __str__(self) -> str:
        """Write the token as Prometheus' error messages do."""
        if self.kind is TokenKind.END:
            return "end of input"
        if self.kind is TokenKind.OPERATOR:
            return f'"{self.text}"' if self.text in PUNCTUATION else f"<op:{self.text}>"
        if self.kind is TokenKind.IDENTIFIER:
            return f'identifier "{self.text}"' if self.within_braces else self._named()
        cut = "..." if len(self.text) > _SHOWN else ""
        return f"{self.kind.value} {quoted(self.text[:_SHOWN])}{cut}"

    def _named(self) -> str:
        word = self.text.lower()
        if word in WORD_OPERATORS:
            return f"<op:{self.text}>"
        if word in KEYWORDS:
            return f"<{self.text}>"
        if word in PARAMETER_TYPES:
            return f"<aggr:{self.text}>"
        if word in NUMBERS:
            return f'number "{self.text}"'
        if word in ("start", "end"):
            return f'"{self.text}"'
        return f'{"metric " if ":" in word else ""}identifier "{self.text}"'
