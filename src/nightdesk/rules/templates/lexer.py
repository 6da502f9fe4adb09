"""Cuts a template into texts and the tokens of its actions, as Go's text/template does."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

from nightdesk.rules.templates.faults import BadTemplate


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a template. Kinds: `text`, `open`, `close`, `end`, and those of `_TOKEN`."""

    kind: str
    text: str
    start: int
    spaced: bool = False
    """There is space before it."""


_COMMENT: Final = re.compile(r"\{\{(?:-[ \t\r\n]+)?/\*")
_COMMENT_END: Final = re.compile(r"\*/(?P<trim>[ \t\r\n]+-)?\}\}")
_OPEN: Final = re.compile(r"\{\{(?:-(?=[ \t\r\n]))?")
_CLOSE: Final = re.compile(r"(?P<trim>[ \t\r\n]+-)?\}\}")
_SPACE: Final = " \t\r\n"
_SPACES: Final = re.compile(r"[ \t\r\n]+(?!-\}\})")
_ENDS: Final = r"(?=[\s.,|:()]|\}\}|\Z)"
"""What may stand behind a word."""
_TOKEN: Final = re.compile(
    rf"""(?P<declare>:=) | (?P<assign>=) | (?P<pipe>\|) | (?P<left>\() | (?P<right>\)) | (?P<comma>,)
    | (?P<string>"(?:[^"\\\n]|\\[^\n])*") | (?P<raw>`[^`]*`) | (?P<rune>'(?:[^'\\\n]|\\[^\n])+')
    | (?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![\w.]))
    | (?P<variable>\$\w*){_ENDS} | (?P<field>\.[^\W\d]\w*){_ENDS} | (?P<dot>\.){_ENDS} | (?P<word>[^\W\d]\w*){_ENDS}""",
    re.VERBOSE,
)


def tokens(template: str) -> Iterator[Token]:
    """Yield the tokens of a template, texts with the spaces trimmed that `{{-` and `-}}` are beside.

    Raises:
        BadTemplate: an action, a comment or a string is not closed, or holds what is no token.
    """
    position, trims = 0, False
    while True:
        start = template.find("{{", position)
        text = template[position : start if start >= 0 else len(template)]
        text = text.lstrip(_SPACE) if trims else text
        if start >= 0 and template[start + 2 : start + 3] == "-" and template[start + 3 : start + 4] in tuple(_SPACE):
            text = text.rstrip(_SPACE)
        if text:
            yield Token("text", text, position)
        if start < 0:
            yield Token("end", "", len(template))
            return
        if comment := _COMMENT.match(template, start):
            closed = template.find("*/", comment.end())
            end = _COMMENT_END.match(template, closed) if closed >= 0 else None
            if end is None:
                raise BadTemplate("a comment is not closed: '{{/*' without '*/}}'", start)
        else:
            end = yield from _action(template, start)
        position, trims = end.end(), bool(end["trim"])


def _action(template: str, start: int) -> Generator[Token, None, re.Match[str]]:
    """Yield the tokens of the action at `start`; return the match of its end."""
    opened = _OPEN.match(template, start)
    assert opened is not None
    yield Token("open", opened[0], start)
    position, spaced = opened.end(), False
    while not (closed := _CLOSE.match(template, position)):
        if spaces := _SPACES.match(template, position):
            position, spaced = spaces.end(), True
            continue
        found = _TOKEN.match(template, position)
        if found is None:
            raise _unreadable(template, position, start)
        assert found.lastgroup is not None
        yield Token(found.lastgroup, found[0], position, spaced)
        position, spaced = found.end(), False
    yield Token("close", closed[0], position, spaced)
    return closed


def _unreadable(template: str, position: int, start: int) -> BadTemplate:
    rest = template[position:].split("\n", 1)[0].split("}}", 1)[0].strip()
    if not rest and "}}" not in template[position:]:
        return BadTemplate("an action is not closed: '{{' without '}}'", start)
    if rest[:1] in ('"', "`", "'"):
        return BadTemplate(f"a string is not closed: {rest[:40]}", position)
    return BadTemplate(f"cannot read {rest[:40]!r}", position)
