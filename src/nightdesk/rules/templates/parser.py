"""Reads a template into its tree: the grammar of Go's text/template, with Prometheus' functions."""

import re
from collections.abc import Container
from dataclasses import replace
from typing import Final

from nightdesk.rules.templates.faults import BadTemplate
from nightdesk.rules.templates.lexer import Token, tokens
from nightdesk.rules.templates.quoted import rune_of, unquote
from nightdesk.rules.templates.tree import (
    ROOT_VARIABLES,
    Body,
    Branch,
    Chain,
    Dot,
    Function,
    Include,
    Leave,
    Literal,
    Nil,
    Node,
    Pipeline,
    Range,
    Template,
    Variable,
    Word,
    Write,
)

MAX_DEPTH: Final = 40
"""Parentheses and blocks within each other."""
_BLOCKS: Final = frozenset({"if", "with", "range"})
_KEYWORDS: Final = frozenset({"block", "break", "continue", "define", "else", "end", "template", *_BLOCKS})
_WORDS: Final[dict[str, Word]] = {"true": Literal(value=True), "false": Literal(value=False), "nil": Nil()}
_LARGEST: Final = 2**63
_FLOAT: Final = re.compile(r"[.eE]")


def parse(template: str, functions: Container[str]) -> Template:
    """Read a template that may call `functions`.

    Raises:
        BadTemplate: it cannot be read, or calls a function that is not among them.
    """
    return _Parser(template, functions).template()


class _Parser:
    """One reading: the tokens, the place among them, and the variables that are known there."""

    def __init__(self, template: str, functions: Container[str]) -> None:
        self._tokens, self._place = list(tokens(template)), 0
        self._functions = functions
        self._variables = list(ROOT_VARIABLES)
        self._defined: dict[str, Body] = {}
        self._depth = self._ranges = 0

    def template(self) -> Template:
        body, ended = self._body(top=True)
        if ended:
            raise BadTemplate(f"unexpected {{{{{ended.text}}}}}", ended.start)
        return Template(body, self._defined)

    def _body(self, *, top: bool = False) -> tuple[Body, Token | None]:
        """Read to the `end` or `else` that belongs to the block, or to the end of the text."""
        nodes: list[Node] = []
        while (token := self._next()).kind != "end":
            if token.kind == "text":
                nodes.append(token.text)
                continue
            word = self._peek()
            if word.kind != "word" or word.text not in _KEYWORDS:
                nodes.append(Write(self._pipeline("an action", "close")))
            elif word.text in ("end", "else"):
                return tuple(nodes), self._next()
            else:
                nodes += self._keyword(self._next(), top=top)
        return tuple(nodes), None

    def _keyword(self, word: Token, *, top: bool) -> list[Node]:
        if word.text in _BLOCKS:
            return [self._block(word)]
        if word.text == "template":
            return [self._include(word)]
        if word.text in ("define", "block"):
            return self._definition(word, top=top)
        if not self._ranges:
            raise BadTemplate(f"{{{{{word.text}}}}} outside {{{{range}}}}", word.start)
        self._take("close", word.text)
        return [Leave(word.text == "break")]

    def _block(self, word: Token) -> Node:
        """Read `if`, `with` or `range` to its `end`; an `else if` is an `if` of its own in the other branch."""
        self._deeper(word)
        known = len(self._variables)
        about = self._pipeline(word.text, "close", most=2 if word.text == "range" else 1)
        self._ranges += word.text == "range"
        body, ended = self._body()
        self._ranges -= word.text == "range"
        otherwise: Body = ()
        if ended and ended.text == "else":
            following = self._peek()
            if word.text == "if" and following.text == "if" and following.kind == "word":
                otherwise, ended = (self._block(self._next()),), None
            else:
                self._take("close", "else")
                otherwise, ended = self._body()
                self._end(ended, word)
        else:
            self._end(ended, word)
        del self._variables[known:]
        self._depth -= 1
        if word.text == "range":
            return Range(about, body, otherwise)
        return Branch(about, body, otherwise, is_with=word.text == "with")

    def _end(self, ended: Token | None, word: Token) -> None:
        if ended is None:
            raise BadTemplate(f"{{{{{word.text}}}}} is not closed: {{{{end}}}} is missing", word.start)
        if ended.text != "end":
            raise BadTemplate(f"unexpected {{{{{ended.text}}}}}", ended.start)
        self._take("close", "end")

    def _definition(self, word: Token, *, top: bool) -> list[Node]:
        """Read `define`, or `block`, which is written where it stands too."""
        if word.text == "define" and not top:
            raise BadTemplate("{{define}} stands within another block", word.start)
        name = self._name(word)
        about = self._pipeline("block", "close") if word.text == "block" else None
        if word.text == "define":
            self._take("close", "define")
        self._deeper(word)
        outer, ranges = self._variables, self._ranges
        self._variables, self._ranges = ["$"], 0
        body, ended = self._body()
        self._end(ended, word)
        self._variables, self._ranges = outer, ranges
        self._depth -= 1
        self._defined[name] = body
        return [Include(name, about)] if word.text == "block" else []

    def _include(self, word: Token) -> Include:
        name = self._name(word)
        if self._peek().kind == "close":
            self._next()
            return Include(name, None)
        return Include(name, self._pipeline("template", "close"))

    def _name(self, word: Token) -> str:
        token = self._next()
        if token.kind not in ("string", "raw"):
            raise BadTemplate(f"unexpected {token.text!r} where {word.text} wants a name in quotes", token.start)
        return unquote(token.text, token.start)

    def _pipeline(self, where: str, end: str, most: int = 1) -> Pipeline:
        """Read a pipeline to the token that ends it; `most` is how many variables it may declare."""
        start = self._peek()
        declared, assigns = self._declared(most)
        commands: list[tuple[Word, ...]] = []
        while self._peek().kind != end:
            commands.append(self._command(first=not commands))
        self._next()
        if not commands:
            raise BadTemplate(f"missing value for {where}", start.start)
        return Pipeline(tuple(commands), declared, assigns)

    def _declared(self, most: int) -> tuple[tuple[str, ...], bool]:
        """Read `$a :=`, `$a =` or `$index, $element :=` before a pipeline, if there are."""
        names: list[str] = []
        ahead = self._place
        while len(names) < most and self._tokens[ahead].kind == "variable":
            names.append(self._tokens[ahead].text)
            sign = self._tokens[ahead + 1]
            if sign.kind in ("declare", "assign"):
                self._place = ahead + 2
                if sign.kind == "declare":
                    self._variables += names
                else:
                    for name in names:
                        self._known(name, sign)
                return tuple(names), sign.kind == "assign"
            if sign.kind != "comma":
                break
            ahead += 2
        return (), False

    def _command(self, *, first: bool) -> tuple[Word, ...]:
        words: list[Word] = []
        begun = self._peek()
        while True:
            token = self._peek()
            if token.kind in ("close", "right", "pipe"):
                break
            if words and not token.spaced:
                raise BadTemplate(f"unexpected {token.text!r} in operand", token.start)
            words.append(self._operand())
        if self._peek().kind == "pipe":
            self._next()
        if not words:
            raise BadTemplate(f"unexpected {begun.text.strip()!r} where a value is wanted", begun.start)
        if not first and isinstance(words[0], Literal | Nil | Dot) and not getattr(words[0], "fields", ()):
            raise BadTemplate("a pipe leads into a value: write a function there", begun.start)
        return tuple(words)

    def _operand(self) -> Word:
        begun = self._peek()
        word = self._term()
        fields = []
        while self._peek().kind == "field" and not self._peek().spaced:
            fields.append(self._next().text[1:])
        if not fields:
            return word
        if isinstance(word, Variable) or (isinstance(word, Dot) and word.fields):
            return replace(word, fields=(*word.fields, *fields))
        if isinstance(word, Literal | Nil | Dot):
            raise BadTemplate(f"unexpected . after {begun.text!r}", begun.start)
        return Chain(word, tuple(fields))

    def _term(self) -> Word:
        token = self._next()
        match token.kind:
            case "word" if token.text in _WORDS:
                return _WORDS[token.text]
            case "word" if token.text not in _KEYWORDS:
                if token.text not in self._functions:
                    raise BadTemplate(f"function {token.text!r} is not known", token.start)
                return Function(token.text)
            case "dot":
                return Dot()
            case "field":
                return Dot((token.text[1:],))
            case "variable":
                return self._known(token.text, token)
            case "string" | "raw":
                return Literal(unquote(token.text, token.start))
            case "rune":
                return Literal(rune_of(token.text, token.start))
            case "number":
                return Literal(_number(token))
            case "left":
                self._deeper(token)
                inside = self._pipeline("the parentheses", "right")
                self._depth -= 1
                return inside
        raise BadTemplate(f"unexpected {token.text!r}", token.start)

    def _known(self, name: str, token: Token) -> Variable:
        if name not in self._variables:
            known = ", ".join(self._variables[1:]) or "$"
            raise BadTemplate(f"variable {name} is not defined; there are {known}", token.start)
        return Variable(name)

    def _deeper(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadTemplate(f"nested more than {MAX_DEPTH} deep (Prometheus has no such bound)", token.start)

    def _peek(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._tokens[self._place]
        self._place += token.kind != "end"
        return token

    def _take(self, kind: str, where: str) -> None:
        token = self._next()
        if token.kind != kind:
            raise BadTemplate(f"unexpected {token.text!r} in {{{{{where}}}}}", token.start)


def _number(token: Token) -> int | float:
    """Return a number by its form, as Go does: `90` is whole, `90.0` and `9e1` are not."""
    text = token.text.lower().replace("_", "")
    if "0x" not in text and _FLOAT.search(text):
        return float(text)
    digits = text.lstrip("+-")
    octal = len(digits) > 1 and digits.isdigit() and digits[0] == "0"
    try:
        whole = int(text, 16 if "0x" in text else 8 if octal else 10)
    except ValueError as error:
        raise BadTemplate(f"{token.text} is no number", token.start) from error
    if not -_LARGEST <= whole < _LARGEST:
        raise BadTemplate(f"{token.text} is too large for a whole number", token.start)
    return whole
