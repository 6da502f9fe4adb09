"""Where in a TOML text each key stands, since `tomllib` does not tell."""

from collections.abc import Mapping
from typing import Final

KeyPath = tuple[str | int, ...]
"""Keys and array positions from the root, e.g. `("scrape", 0, "targets")`."""

_BLANK: Final = " \t"
_SPACE: Final = " \t\r\n"
_QUOTES: Final = "\"'"


def locate(text: str) -> Mapping[KeyPath, int]:
    """Return the 1-based line of every key, table and array element of a text that `tomllib` accepts."""
    return _Scanner(text).scan()


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """Return the line of a key, or of the nearest table around it; 0 where none of it is in the text."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 0


class _Scanner:
    """Walks over valid TOML once; a position, the table it is in, and the lines found."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text + "\n", 0
        self._line, self._counted = 1, 0
        self._lines: dict[KeyPath, int] = {}
        self._elements: dict[KeyPath, int] = {}

    def scan(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        self._skip_space()
        while self._at < len(self._text):
            if self._peek("[["):
                table = self._header("[[", "]]")
            elif self._peek("["):
                table = self._header("[", "]")
            else:
                self._pair(table)
            self._skip_space()
        return self._lines

    def _header(self, opening: str, closing: str) -> KeyPath:
        self._at += len(opening)
        *parents, last = self._keys()
        path = self._inside((), parents)
        if opening == "[[":
            array = (*path, last)
            self._elements[array] = self._elements.get(array, -1) + 1
            self._note(array)
            path = (*array, self._elements[array])
        else:
            path = self._inside(path, [last])
        self._note(path)
        self._at += len(closing)
        return path

    def _inside(self, path: KeyPath, keys: list[str]) -> KeyPath:
        """Go down by keys; through an array of tables the last element is meant."""
        for key in keys:
            path = (*path, key)
            if path in self._elements:
                path = (*path, self._elements[path])
        return path

    def _pair(self, table: KeyPath) -> None:
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path)
        self._at += 1  # the equals sign
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_BLANK)
            keys.append(self._quoted() if self._text[self._at] in _QUOTES else self._bare())
            self._skip(_BLANK)
            if not self._peek("."):
                return keys
            self._at += 1

    def _bare(self) -> str:
        start = self._at
        while self._text[self._at].isalnum() or self._text[self._at] in "_-":
            self._at += 1
        return self._text[start : self._at]

    def _quoted(self) -> str:
        """Step over a string of any of the four kinds and return what stands between its quotes, unescaped or not."""
        mark = self._text[self._at]
        fence = mark * 3 if self._peek(mark * 3) else mark
        start = self._at = self._at + len(fence)
        while not self._peek(fence):
            self._at += 2 if mark == '"' and self._text[self._at] == "\\" else 1
        end = self._at
        self._at += len(fence)
        if len(fence) == 3:
            self._skip(mark)  # up to two quotes may touch the closing fence
        return self._text[start:end]

    def _value(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        first = self._text[self._at]
        if first in _QUOTES:
            self._quoted()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            while self._text[self._at] not in ",]}#\n":
                self._at += 1

    def _array(self, path: KeyPath) -> None:
        position = 0
        self._at += 1
        self._skip_space()
        while not self._peek("]"):
            element = (*path, position)
            self._note(element)
            self._value(element)
            position += 1
            self._skip_comma()
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        self._skip_space()
        while not self._peek("}"):
            self._pair(path)
            self._skip_comma()
        self._at += 1

    def _skip_comma(self) -> None:
        self._skip_space()
        if self._peek(","):
            self._at += 1
            self._skip_space()

    def _skip(self, characters: str) -> None:
        while self._at < len(self._text) and self._text[self._at] in characters:
            self._at += 1

    def _skip_space(self) -> None:
        self._skip(_SPACE)
        while self._peek("#"):
            self._at = self._text.index("\n", self._at)
            self._skip(_SPACE)

    def _peek(self, what: str) -> bool:
        return self._text.startswith(what, self._at)

    def _note(self, path: KeyPath) -> None:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        self._lines.setdefault(path, self._line)
