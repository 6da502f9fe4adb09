"""Text to tokens. Keywords are left to the parser: `sum` or `offset` may also be the name of a metric or a label."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from nightdesk.errors import QuerySyntaxError
from nightdesk.query.language.position import Span, syntax_error
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
        if self.kind is TokenKind.OPERATOR:
            return f'"{self.text}"' if self.text in PUNCTUATION else f"<op:{self.text}>"
        if self.kind is TokenKind.IDENTIFIER:
            return self._named()
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


PUNCTUATION: Final = frozenset("(){}[],:=")
NUMBERS: Final = frozenset({"inf", "nan"})
"""Words that are numbers wherever a number may stand, and no label of a grouping."""
WORD_OPERATORS: Final = frozenset({"and", "or", "unless", "atan2"})
KEYWORDS: Final = frozenset({
    "offset", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "anchored", "smoothed",
})  # fmt: skip

_SHOWN: Final = 10
"""How much of a number or a string a message shows."""
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


def tokenize(text: str) -> tuple[list[Token], QuerySyntaxError | None]:
    """Split a query into tokens; the last one is END, or FAULT where the text goes on with what is no token.

    The fault is for the parser to raise when it gets there: it may have to complain of something before.

    Raises:
        QuerySyntaxError: the text is too long to be looked at.
    """
    if len(text) > _MAX_CHARACTERS:
        raise syntax_error(text, Span(0, 0), f"the query is longer than {_MAX_CHARACTERS} characters")
    tokens: list[Token] = []
    try:
        tokens.extend(_tokens(text))
    except QuerySyntaxError as fault:
        tokens.append(Token(TokenKind.FAULT, "", Span(fault.start, fault.end)))
        return tokens, fault
    return tokens, None


def _tokens(text: str) -> Iterator[Token]:
    position, open_ones = 0, ""
    while True:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if position >= len(text):
            if open_ones:
                raise syntax_error(text, Span(position, position), _UNCLOSED[open_ones[-1]])
            yield Token(TokenKind.END, "", Span(len(text), len(text)))
            return
        token = _next_token(text, position, inside=open_ones[-1:])
        if token.kind is TokenKind.OPERATOR:
            open_ones = _after(text, token, open_ones)
        yield token
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
        raise syntax_error(text, Span(position, position + 1), _fault_in_braces(text, position))
    if inside != "{" and text.startswith("=~", position):
        raise syntax_error(text, Span(position, position + 1), "unexpected character after '=': '~'")
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
        message = f"unexpected character after '!': {_shown(text[position + 1])}"
        raise syntax_error(text, Span(position, position + 1), message)
    raise syntax_error(text, Span(position, position + 1), f"unexpected character: {_shown(text[position])}")


def _fault_in_braces(text: str, position: int) -> str:
    if text[position] == "{":
        return "unexpected left brace '{'"
    if text[position] == "!" and position + 1 < len(text):
        return f"unexpected character after '!' inside braces: {_shown(text[position + 1])}"
    return f"unexpected character inside braces: {_shown(text[position])}"


def _shown(character: str) -> str:
    return "'\\''" if character == "'" else repr(character)
