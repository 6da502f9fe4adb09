"""The error tree is drawn where it is defined, and the drawing is true."""

import re

from nightdesk import errors


def _drawn() -> dict[str, str]:
    """Read the drawing: name of each error to the name of its parent."""
    parents: dict[str, str] = {}
    trail: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^([\s│├└─]*)([A-Z]\w+)\b", line)
        if not match or match.group(2) == "Every":
            continue
        depth = len(match.group(1)) // 4
        del trail[depth:]
        parents[match.group(2)] = trail[-1] if trail else ""
        trail.append(match.group(2))
    return parents


def _real() -> dict[str, str]:
    """Read the classes: name of each error to the name of its parent."""
    found = {}
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.NightdeskError):
            found[name] = "" if value is errors.NightdeskError else value.__bases__[0].__name__
    return found


def test_the_drawn_error_tree_is_true() -> None:
    """Each error class stands in the drawing below its own base, and nothing else does."""
    assert _drawn() == _real()


def test_every_error_says_what_to_do() -> None:
    """Each error class has a sentence of its own."""
    assert [name for name in _real() if not getattr(errors, name).__doc__] == []
