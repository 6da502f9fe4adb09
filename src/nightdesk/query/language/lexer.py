"""Text to tokens. Keywords are left to the parser: `sum` or `offset` may also be the name of a metric or a label."""

import re
from collections.abc import Iterator
from typing import Final

from nightdesk.errors import QuerySyntaxError
from nightdesk.model.labels import LABEL_PATTERN, METRIC_PATTERN
from nightdesk.query.language.numbers import scan
from nightdesk.query.language.position import Span, syntax_error
from nightdesk.query.language.strings import literal_end
from nightdesk.query.language.tokens import DURATION_CALLS, Token, TokenKind

_SPACE: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_NUMBER_BEGINS: Final = re.compile(r"\.?[0-9]")
_OPERATOR: Final = re.compile(r"==|!=|<=|>=|[-+*/%^<>(){}\[\],:@]|=(?!~)")
_OPERATOR_IN_BRACES: Final = re.compile(r"=~|!~|!=|[=,}]")
_OF_DURATIONS: Final = re.compile(r"[-+*/%^(),:\]]|\.?[0-9]")
_OPENERS: Final = {")": "(", "]": "[", "}": "{"}
_UNOPENED: Final = {
    ")": "unexpected right parenthesis ')'",
    "]": "unexpected right bracket ']'",
    "}": "unexpected character: '}'",
}
_NO_CHARACTER: Final = "\ufffd"
"""What Go shows where the text has ended."""
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
    position, open_ones, has_length = 0, "", True
    while True:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if position >= len(text):
            if open_ones:
                raise syntax_error(text, Span(position, position), _unclosed(open_ones, has_length=has_length))
            yield Token(TokenKind.END, "", Span(len(text), len(text)))
            return
        if "[" in open_ones:
            _check_length(text, position, has_length=has_length)
        token = _next_token(text, position, inside=open_ones[-1:])
        if token.kind is TokenKind.OPERATOR:
            open_ones = _after(text, token, open_ones)
            has_length = has_length and token.text != "["
        has_length = has_length or token.kind in (TokenKind.NUMBER, TokenKind.DURATION)
        yield token
        position = token.span.end


def _unclosed(open_ones: str, *, has_length: bool) -> str:
    """Say what Prometheus misses at the end; between brackets, `has_length` tells whether a number was there."""
    if open_ones[-1] == "{":
        return "unexpected end of input inside braces"
    if "[" in open_ones and not has_length:
        return "unexpected end of input in duration expression"
    return "unclosed left parenthesis" if "(" in open_ones else "unclosed left bracket"


def _check_length(text: str, position: int, *, has_length: bool) -> None:
    """Refuse what cannot stand between brackets; `has_length` tells whether a number was there already.

    Before a number Prometheus' lexer knows nothing but durations, behind it nearly all that a query is made of.
    """
    word = LABEL_PATTERN.match(text, position)
    if word and word.group().lower() in DURATION_CALLS:
        return
    span, letter = Span(position, word.end() if word else position + 1), _shown(text[position])
    if not has_length and not _OF_DURATIONS.match(text, position):
        raise syntax_error(text, span, f"unexpected character in duration expression: {letter}")
    if has_length and letter == "'['":
        raise syntax_error(text, span, f"unexpected left bracket {letter}")
    if has_length and word:
        raise syntax_error(text, span, f"unexpected character: {letter}, expected ':'")


def _after(text: str, token: Token, open_ones: str) -> str:
    """Return which of ( [ { are open behind a token, innermost last; refuse what closes none of them."""
    if token.text in _OPENERS.values():
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
    in_braces = inside == "{"
    # Between brackets a colon parts range and step, labels have none; elsewhere it belongs to names.
    name = (LABEL_PATTERN if inside in ("[", "{") else METRIC_PATTERN).match(text, position)
    if name:
        return Token(TokenKind.IDENTIFIER, name.group(), Span(position, name.end()), within_braces=in_braces)
    if text[position] in "\"'`":
        return _string(text, position)
    operator = (_OPERATOR_IN_BRACES if in_braces else _OPERATOR).match(text, position)
    if operator:
        return Token(TokenKind.OPERATOR, operator.group(), Span(position, operator.end()))
    if not in_braces and _NUMBER_BEGINS.match(text, position):
        return _number(text, position)
    fault = _fault_in_braces(text, position) if in_braces else _fault(text, position)
    raise syntax_error(text, Span(position, position + 1), fault)


def _string(text: str, position: int) -> Token:
    try:
        end = literal_end(text, position)
    except ValueError as error:
        raise syntax_error(text, Span(position, len(text)), str(error)) from error
    return Token(TokenKind.STRING, text[position:end], Span(position, end))


def _number(text: str, position: int) -> Token:
    kind, end = scan(text, position)
    if kind is TokenKind.FAULT:
        message = f'bad number or duration syntax: "{text[position:end]}"'
        raise syntax_error(text, Span(position, end), message)
    return Token(kind, text[position:end], Span(position, end))


def _fault(text: str, position: int) -> str:
    if text[position] in "!=":
        return f"unexpected character after '{text[position]}': {_shown(text[position + 1 : position + 2])}"
    return f"unexpected character: {_shown(text[position])}"


def _fault_in_braces(text: str, position: int) -> str:
    if text[position] == "{":
        return "unexpected left brace '{'"
    if text[position] == "!":
        return f"unexpected character after '!' inside braces: {_shown(text[position + 1 : position + 2])}"
    return f"unexpected character inside braces: {_shown(text[position])}"


def _shown(character: str) -> str:
    return "'\\''" if character == "'" else repr(character or _NO_CHARACTER)
