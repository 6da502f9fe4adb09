"""Text to tokens. Keywords are left to the parser: `sum` or `offset` may also be the name of a metric or a label."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nightdesk.query.language.position import Span, syntax_error


class TokenKind(Enum):
    """What a token is, in the words that error messages use."""

    IDENTIFIER = "identifier"
    NUMBER = "number"
    DURATION = "duration"
    STRING = "string"
    OPERATOR = "operator"
    END = "end of input"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is as written, quotes included."""

    kind: TokenKind
    text: str
    span: Span

    def __str__(self) -> str:
        """Write the token as Prometheus' error messages do."""
        if self.kind is TokenKind.END:
            return "end of input"
        word = self.text.lower()
        if self.kind is TokenKind.OPERATOR:
            return f'"{self.text}"' if self.text in PUNCTUATION else f"<op:{self.text}>"
        if self.kind is TokenKind.IDENTIFIER and word in WORD_OPERATORS:
            return f"<op:{word}>"
        if self.kind is TokenKind.IDENTIFIER and word in KEYWORDS:
            return f"<{word}>"
        return f'{self.kind.name.lower()} "{self.text}"'


PUNCTUATION: Final = frozenset("(){}[],:=")
WORD_OPERATORS: Final = frozenset({"and", "or", "unless", "atan2"})
KEYWORDS: Final = frozenset({
    "offset", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "anchored", "smoothed",
})  # fmt: skip

_SPACE: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NAME_IN_BRACKETS: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_DURATION: Final = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+(?![a-zA-Z0-9_.])")
_NUMBER: Final = re.compile(
    r"(?:0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9_]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"(?![a-zA-Z0-9_])"
)
_BAD_NUMBER: Final = re.compile(r"\.?[0-9][a-zA-Z0-9_.]*")
_STRING: Final = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`""", re.DOTALL)
_OPERATOR: Final = re.compile(r"=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}\[\],:@]")
_MAX_CHARACTERS: Final = 1 << 20


def tokenize(text: str) -> list[Token]:
    """Split a query into tokens; the last one is END.

    Raises:
        QuerySyntaxError: on a character, number or string that no token can start with.
    """
    if len(text) > _MAX_CHARACTERS:
        raise syntax_error(text, Span(0, 0), f"the query is longer than {_MAX_CHARACTERS} characters")
    tokens: list[Token] = []
    position, brackets = 0, 0
    while True:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if position >= len(text):
            tokens.append(Token(TokenKind.END, "", Span(len(text), len(text))))
            return tokens
        token = _next_token(text, position, in_brackets=brackets > 0)
        brackets += (token.text == "[") - (token.text == "]")
        tokens.append(token)
        position = token.span.end


def _next_token(text: str, position: int, *, in_brackets: bool) -> Token:
    for kind, pattern in (
        (TokenKind.DURATION, _DURATION),
        (TokenKind.NUMBER, _NUMBER),
        # Between brackets a colon parts range and step; elsewhere it belongs to names.
        (TokenKind.IDENTIFIER, _NAME_IN_BRACKETS if in_brackets else _NAME),
        (TokenKind.STRING, _STRING),
        (TokenKind.OPERATOR, _OPERATOR),
    ):
        found = pattern.match(text, position)
        if found:
            return Token(kind, found.group(), Span(position, found.end()))
    bad = _BAD_NUMBER.match(text, position)
    if bad:
        message = f'bad number or duration syntax: "{bad.group()}"'
        raise syntax_error(text, Span(position, bad.end()), message)
    if text[position] in "\"'`":
        raise syntax_error(text, Span(position, len(text)), "unterminated quoted string")
    if text[position] == "!":
        raise syntax_error(text, Span(position, position + 1), "unexpected character after '!'")
    raise syntax_error(text, Span(position, position + 1), f"unexpected character: '{text[position]}'")
