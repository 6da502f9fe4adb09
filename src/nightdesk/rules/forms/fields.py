"""What both forms of rule files have in common: expressions, durations, labels, annotations."""

import yaml

from nightdesk.errors import BadDuration, QuerySyntaxError
from nightdesk.model.instant import parse_duration
from nightdesk.model.labels import LABEL_PATTERN, METRIC_NAME
from nightdesk.query.checking.parsed import parsed
from nightdesk.rules.forms.yaml_nodes import Reader
from nightdesk.rules.templates.faults import BadTemplate
from nightdesk.rules.templates.template import read_template

Pairs = tuple[tuple[str, str], ...]


def read_expression(reader: Reader, node: yaml.Node | None, parent: yaml.Node, what: str) -> str:
    """Return an expression that parses; complain at the faulty line of it where it does not."""
    text = reader.text(node, "expr")
    if node is None or not text.strip():
        reader.complain(node or parent, f"{what} needs an expression: expr: up == 0")
        return ""
    try:
        parsed(text)
    except QuerySyntaxError as error:
        reader.complain(node, f"{what}: {error}", below=reader.line_of(node, error.start))
        return ""
    return text


def read_duration(reader: Reader, node: yaml.Node | None, what: str, default: int = 0) -> int:
    """Return a duration in ms."""
    text = reader.text(node, what)
    if node is None or not text:
        return default
    try:
        return parse_duration(text)
    except BadDuration as error:
        reader.complain(node, f"{what}: {error}")
        return default


def read_count(reader: Reader, node: yaml.Node | None, what: str) -> int:
    """Return a whole number of 0 or more."""
    text = reader.text(node, what, "0")
    if text.isascii() and text.isdigit():
        return int(text)
    reader.complain(node, f"{what} must be a whole number, 0 for none, not {text!r}")
    return 0


def read_labels(reader: Reader, node: yaml.Node | None, *, templates: bool) -> Pairs:
    """Return labels; names must be PromQL's, templates must be readable."""
    pairs = reader.pairs(node, "labels")
    for name, text, place in pairs:
        if not LABEL_PATTERN.fullmatch(name) or name == METRIC_NAME:
            reader.complain(
                place, f"{name!r} is no label name: letters, digits and _, not first a digit, not {METRIC_NAME}"
            )
        if templates:
            _check_template(reader, place, text, f"label {name}")
    return tuple((name, text) for name, text, _ in pairs)


def read_annotations(reader: Reader, node: yaml.Node | None) -> Pairs:
    """Return annotations in the order written."""
    pairs = reader.pairs(node, "annotations")
    for name, text, place in pairs:
        if not LABEL_PATTERN.fullmatch(name):
            reader.complain(place, f"{name!r} is no name for an annotation: letters, digits and _, not first a digit")
        _check_template(reader, place, text, f"annotation {name}")
    return tuple((name, text) for name, text, _ in pairs)


def read_template_text(reader: Reader, node: yaml.Node, what: str) -> str:
    """Return a text whose template can be read."""
    text = reader.text(node, what)
    _check_template(reader, node, text, what)
    return text


def _check_template(reader: Reader, node: yaml.Node, text: str, what: str) -> None:
    """Complain at the faulty line of a template that cannot be read."""
    try:
        read_template(text)
    except BadTemplate as error:
        reader.complain(node, f"{what}: {error}", below=reader.line_of(node, error.start))
