"""A reader's place in a list of tokens, and the errors it raises there."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Final

from nightdesk.errors import QuerySyntaxError
from nightdesk.model.regex import MOST_TOGETHER, TOO_MANY_TOGETHER
from nightdesk.query.language.lexer import tokenize
from nightdesk.query.language.numbers import number_of, seconds_of
from nightdesk.query.language.position import Span, syntax_error
from nightdesk.query.language.strings import unquote
from nightdesk.query.language.tokens import NUMBERS, Token, TokenKind

_MAX_DEPTH: Final = 60
_MAX_OPERATORS: Final = 250


class Cursor:
    """Walks the tokens of one query."""

    def __init__(self, text: str, functions: Container[str] = ()) -> None:
        """Split the text; `functions` are the names that a call may have. Raises QuerySyntaxError."""
        self.text, self.functions = text, functions
        self._tokens, self._fault = tokenize(text)
        self._next = 0
        self._depth = 0
        self._operators = self._instructions = 0
        self._aggregations = 0

    @property
    def token(self) -> Token:
        """The token to be read next."""
        return self._tokens[self._next]

    @property
    def following(self) -> Token:
        """The token after that one."""
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    @property
    def word(self) -> str:
        """The next token in lower case where it is a name, else the empty string."""
        return self.token.text.lower() if self.token.kind is TokenKind.IDENTIFIER else ""

    def next_is(self, *kinds: TokenKind) -> bool:
        """Tell whether the next token is of one of those kinds."""
        return self.token.kind in kinds

    def at(self, operator: str) -> bool:
        """Tell whether the next token is that operator."""
        return self.token.kind is TokenKind.OPERATOR and self.token.text == operator

    def before(self, operator: str) -> bool:
        """Tell whether the token after the next one is that operator."""
        return self.following.kind is TokenKind.OPERATOR and self.following.text == operator

    def take(self) -> Token:
        """Read one token; neither END nor FAULT is ever passed."""
        token = self.token
        if token.kind not in (TokenKind.END, TokenKind.FAULT):
            self._next += 1
        return token

    def accept(self, operator: str) -> bool:
        """Read the operator if it is next."""
        found = self.at(operator)
        if found:
            self.take()
        return found

    def expect(self, operator: str, context: str) -> Token:
        """Read the operator, or refuse what stands there."""
        if not self.at(operator):
            raise self.unexpected(context, f'"{operator}"')
        return self.take()

    def string(self) -> str:
        """Read a string literal that is known to be next."""
        return unquote(self.take().text)

    def at_number(self) -> bool:
        """Tell whether a number is next, or a duration, which is one."""
        return self.next_is(TokenKind.NUMBER, TokenKind.DURATION) or self.word in NUMBERS

    def number(self) -> float:
        """Read a number, or the seconds of a duration, that is known to be next; refuse one that has no value."""
        token = self.take()
        try:
            return seconds_of(token.text) if token.kind is TokenKind.DURATION else number_of(token.text)
        except ValueError as error:
            raise self.error(token.span, str(error)) from error

    def end_of_last(self) -> int:
        """Return where the token that was read last ends."""
        return self._tokens[self._next - 1].span.end if self._next else 0

    def since(self, start: Span) -> Span:
        """Return the span from `start` to the token that was read last."""
        return Span(start.start, self.end_of_last())

    def error(self, span: Span, message: str) -> QuerySyntaxError:
        """Build an error about a piece of the text."""
        return syntax_error(self.text, span, message)

    def unexpected(self, context: str = "", expected: str = "") -> QuerySyntaxError:
        """Build the error about the next token, or about the text there where no token can be made of it."""
        if self._fault is not None and self.next_is(TokenKind.FAULT):
            return self._fault
        message = f"unexpected {self.token}"
        if context or self._aggregations:
            # Prometheus' parser recovers at the aggregation around the fault, and speaks of that.
            message += f" in {context or 'aggregation'}"
        if expected:
            message += f", expected {expected}"
        return self.error(self.token.span, message)

    def count_operator(self) -> None:
        """Bound the binary operators of a query: `1 + 1 + ...` grows a tree as deep as it is long."""
        self._operators += 1
        if self._operators > _MAX_OPERATORS:
            raise self.error(self.token.span, f"expression has more than {_MAX_OPERATORS} binary operators")

    def count_instructions(self, instructions: int, span: Span) -> None:
        """Bound the regular expressions of a query: the largest compile for 0.1 s each, in which nobody else runs."""
        self._instructions += instructions
        if self._instructions > MOST_TOGETHER:
            raise self.error(span, TOO_MANY_TOGETHER)

    @contextmanager
    def aggregation(self) -> Iterator[None]:
        """Say of what is unexpected meanwhile that it stands in an aggregation, unless a nearer context is known."""
        self._aggregations += 1
        try:
            yield
        finally:
            self._aggregations -= 1

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Bound the depth of a query: a thousand parentheses must not exhaust the stack."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self.error(self.token.span, f"expression is nested deeper than {_MAX_DEPTH} levels")
        try:
            yield
        finally:
            self._depth -= 1
