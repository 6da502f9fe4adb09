"""Reads a rule file's YAML with the line of every node; complaints are gathered, so that a person sees all at once."""

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from yaml.composer import ComposerError
from yaml.scanner import ScannerError

from nightdesk.errors import RuleFileError

MAX_CHARACTERS: Final = 4 * 1024 * 1024
"""Longest rule file."""
MAX_DEPTH: Final = 64
"""Brackets within brackets; a rule file has two or three."""
_TOO_DEEP: Final = "nested too deeply for a rule file"
_MERGE: Final = "tag:yaml.org,2002:merge"
_NULL: Final = "tag:yaml.org,2002:null"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

Fields = dict[str, yaml.Node]


class _StrictLoader(yaml.SafeLoader):
    """Refuses what would hurt later: brackets that go too deep, and escapes that are no characters."""

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:  # noqa: N803 - the library's name
        """Take a `[` or `{`. Raises ScannerError at the first that is too deep: the cost grows with its square."""
        if self.flow_level >= MAX_DEPTH:
            raise ScannerError(None, None, _TOO_DEEP, self.get_mark())
        super().fetch_flow_collection_start(TokenClass)

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        """Take a text. Raises ComposerError for half a surrogate pair: no label or mail could be written with it."""
        node = super().compose_scalar_node(anchor)
        if not node.value.isascii() and _SURROGATE.search(node.value):
            raise ComposerError(None, None, "an escape stands for half a surrogate pair, no character", node.start_mark)
        return node


class Reader:
    """Reads nodes into plain values and remembers what was wrong with them."""

    def __init__(self, text: str, file: str) -> None:
        """Read the text; `root` is None where it is empty or no YAML."""
        self.file = file
        self.complaints: list[RuleFileError] = []
        self._text = text
        self.root = self._compose(text)

    def complain(self, node: yaml.Node | None, message: str, *, below: int = 0) -> None:
        """Remember a complaint at a node's line, or `below` lines further down."""
        line = 0 if node is None else node.start_mark.line + 1 + below
        self.complaints.append(RuleFileError(message, file=self.file, line=line))

    def fields(self, node: yaml.Node, known: tuple[str, ...], what: str) -> Fields:
        """Return a mapping's fields; unknown and repeated names are complained of and left out."""
        fields: Fields = {}
        if not isinstance(node, yaml.MappingNode):
            self.complain(node, f"{what} must be a mapping of {', '.join(known)}")
            return fields
        for key, value in _pairs(node):
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in known:
                self.complain(key, f"field {name!r} not found in {what}; it may have: {', '.join(known)}")
            elif name in fields:
                self.complain(key, f"field {name!r} is given twice in {what}")
            else:
                fields[name] = value
        return fields

    def items(self, node: yaml.Node | None, what: str) -> list[yaml.Node]:
        """Return a list's nodes; none where it is left out."""
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag == _NULL):
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.complain(node, f"{what} must be a list: write each entry behind '- '")
            return []
        return list(node.value)

    def text(self, node: yaml.Node | None, what: str, default: str = "") -> str:
        """Return a scalar as it was written, whatever YAML would make of `on` or `1`."""
        if node is None:
            return default
        if not isinstance(node, yaml.ScalarNode):
            self.complain(node, f"{what} must be a text")
            return default
        return "" if node.tag == _NULL else str(node.value)

    def pairs(self, node: yaml.Node | None, what: str) -> list[tuple[str, str, yaml.Node]]:
        """Return a mapping of names to texts, with the node of each value."""
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag == _NULL):
            return []
        if not isinstance(node, yaml.MappingNode):
            self.complain(node, f"{what} must be a mapping of names to texts")
            return []
        return [(self.text(key, what), self.text(value, what), value) for key, value in _pairs(node)]

    def line_of(self, node: yaml.Node, text_offset: int) -> int:
        """Return how many lines below its node the character of a scalar's value lies."""
        if not isinstance(node, yaml.ScalarNode):
            return 0
        above = str(node.value)[:text_offset].count("\n")
        return above + 1 if node.style in ("|", ">") else above

    def _compose(self, text: str) -> yaml.Node | None:
        if len(text) > MAX_CHARACTERS:
            self.complain(None, f"a rule file may have {MAX_CHARACTERS} characters, this one has {len(text)}")
            return None
        try:
            return yaml.compose(text, Loader=_StrictLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 0
            problem = " ".join(part for part in (error.context, error.problem) if part)
            self.complaints.append(RuleFileError(f"not YAML: {problem}", file=self.file, line=line))
        except yaml.YAMLError as error:
            self.complaints.append(RuleFileError(f"not YAML: {error}", file=self.file))
        except RecursionError:
            self.complaints.append(RuleFileError(_TOO_DEEP, file=self.file))
        return None


def _pairs(node: yaml.MappingNode, depth: int = 0) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Walk a mapping; `<<: *anchor` brings in another's fields behind its own."""
    own = [(key, value) for key, value in node.value if key.tag != _MERGE]
    yield from own
    names = {key.value for key, _ in own if isinstance(key, yaml.ScalarNode)}
    for _, merged in ((key, value) for key, value in node.value if key.tag == _MERGE):
        sources = merged.value if isinstance(merged, yaml.SequenceNode) else [merged]
        for source in sources:
            if isinstance(source, yaml.MappingNode) and depth < 8:
                yield from (pair for pair in _pairs(source, depth + 1) if pair[0].value not in names)
