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
        if self.kind is TokenKind.IDENTIFIER and word in NUMBERS:
            return f'number "{self.text}"'
        if self.kind is TokenKind.IDENTIFIER and ":" in word:
            return f'metric identifier "{self.text}"'
        return f'{self.kind.name.lower()} "{self.text}"'


PUNCTUATION: Final = frozenset("(){}[],:=")
NUMBERS: Final = frozenset({"inf", "nan"})
"""Words that are numbers wherever a number may stand, and no label of a grouping."""
WORD_OPERATORS: Final = frozenset({"and", "or", "unless", "atan2"})
KEYWORDS: Final = frozenset({
    "offset", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "anchored", "smoothed",
})  # fmt: skip

_SPACE: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NAME_WITHOUT_COLON: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_DURATION: Final = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+(?![a-zA-Z0-9_.])")
_DIGITS: Final = r"[0-9]++(?:_[0-9]++)*+"
_NUMBER: Final = re.compile(
    # Possessive, so that `1.5_` is refused as a whole and not read as 1 and more.
    rf"(?:0[xX][0-9a-fA-F]++(?:_[0-9a-fA-F]++)*+|(?:{_DIGITS}(?:\.(?:{_DIGITS})?+)?+|\.{_DIGITS})(?:[eE][+-]?[0-9]++)?+)"
    r"(?![a-zA-Z0-9_])"
)
_BAD_NUMBER: Final = re.compile(
    # What was read until no number and no duration could be made of it, as Prometheus quotes it.
    r"(?=\.?[0-9])(?:0[xX][0-9a-fA-F]*|[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9]*)?)"
    r"(?:[smhdwy]s?(?:[0-9]+[smhdw]s?)*(?:[0-9]+|.)?)?"
)
_STRING: Final = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`""", re.DOTALL)
_OPERATOR: Final = re.compile(r"=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}\[\],:@]")
_IN_BRACES: Final = re.compile(r"[a-zA-Z_,=}\"'`]|![=~]")
_UNCLOSED: Final = {
    "(": "unclosed left parenthesis",
    "[": "unexpected end of input in duration expression",
    "{": "unexpected end of input inside braces",
}
_OPENERS: Final = {")": "(", "]": "[", "}": "{"}
_UNOPENED: Final = {
    ")": "unexpected right parenthesis ')'",
    "]": "unexpected right bracket ']'",
    "}": "unexpected character: '}'",
}
_MAX_CHARACTERS: Final = 1 << 20


def tokenize(text: str) -> list[Token]:
    """Split a query into tokens; the last one is END.

    Raises:
        QuerySyntaxError: on a character, number or string that no token can start with.
    """
    if len(text) > _MAX_CHARACTERS:
        raise syntax_error(text, Span(0, 0), f"the query is longer than {_MAX_CHARACTERS} characters")
    tokens: list[Token] = []
    position, open_ones = 0, ""
    while True:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if position >= len(text):
            if open_ones:
                raise syntax_error(text, Span(position, position), _UNCLOSED[open_ones[-1]])
            tokens.append(Token(TokenKind.END, "", Span(len(text), len(text))))
            return tokens
        token = _next_token(text, position, inside=open_ones[-1:])
        if token.kind is TokenKind.OPERATOR:
            open_ones = _after(text, token, open_ones)
        tokens.append(token)
        position = token.span.end


def _after(text: str, token: Token, open_ones: str) -> str:
    """Return which of ( [ { are open behind a token, innermost last; refuse what closes none of them."""
    if token.text in _UNCLOSED:
        return open_ones + token.text
    opener = _OPENERS.get(token.text)
    if opener is None:
        return open_ones
    if opener in open_ones:
        # One that closes an outer one is left to the parser, which knows what it wanted instead.
        return open_ones[: open_ones.rindex(opener)]
    # Prometheus places this one behind the parenthesis.
    start = token.span.start + (token.text == ")")
    raise syntax_error(text, Span(start, start + 1), _UNOPENED[token.text])


def _next_token(text: str, position: int, *, inside: str) -> Token:
    if inside == "{" and not _IN_BRACES.match(text, position):
        message = f"unexpected character inside braces: '{text[position]}'"
        raise syntax_error(text, Span(position, position + 1), message)
    for kind, pattern in (
        (TokenKind.DURATION, _DURATION),
        (TokenKind.NUMBER, _NUMBER),
        # Between brackets a colon parts range and step, labels have none; elsewhere it belongs to names.
        (TokenKind.IDENTIFIER, _NAME_WITHOUT_COLON if inside in ("[", "{") else _NAME),
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
        raw_or_quoted = "raw" if text[position] == "`" else "quoted"
        raise syntax_error(text, Span(position, len(text)), f"unterminated {raw_or_quoted} string")
    if text[position] == "!" and position + 1 < len(text):
        message = f"unexpected character after '!': '{text[position + 1]}'"
        raise syntax_error(text, Span(position, position + 1), message)
    raise syntax_error(text, Span(position, position + 1), f"unexpected character: '{text[position]}'")
