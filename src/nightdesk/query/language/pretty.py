"""Tree to text over several lines, laid out as Prometheus' own formatter does it."""

from typing import Final

from nightdesk.query.language.printer import aggregation_head, left_text, operator_words, print_node, subquery_tail
from nightdesk.query.language.tree import Aggregate, Binary, Call, Node, Number, Paren, Subquery, Unary

LINE_LENGTH: Final = 100
"""Bytes of UTF-8. What fits into a line stays on one; the same bound as Prometheus'."""
INDENT: Final = "  "


def pretty(node: Node, level: int = 0) -> str:
    """Write a tree as PromQL, broken into lines where one would be too long; `level` is the depth of the indent."""
    pad, text = INDENT * level, print_node(node)
    if len(text.encode("utf-8", "surrogatepass")) <= LINE_LENGTH:
        # A subquery that fits into a line is not indented by Prometheus.
        return text if isinstance(node, Subquery) else pad + text
    match node:
        case Aggregate():
            parts = [each for each in (node.parameter, node.expression) if each is not None]
            inner = ",\n".join(pretty(part, level + 1) for part in parts)
            return f"{pad}{aggregation_head(node)}(\n{inner}\n{pad})"
        case Binary():
            is_number = isinstance(node.left, Number)
            left = pad + INDENT + left_text(node) if is_number else pretty(node.left, level + 1)
            right = pretty(node.right, level + 1)
            return f"{left}\n{pad}{operator_words(node)}\n{right}"
        case Call(name, arguments) if arguments:
            inner = ",\n".join(pretty(argument, level + 1) for argument in arguments)
            return f"{pad}{name}(\n{inner}\n{pad})"
        case Paren(expression):
            return f"{pad}(\n{pretty(expression, level + 1)}\n{pad})"
        case Subquery():
            return pretty(node.expression, level) + subquery_tail(node)
        case Unary(operator, operand):
            return f"{pad}{operator}{pretty(operand, level).lstrip()}"
    return pad + text
