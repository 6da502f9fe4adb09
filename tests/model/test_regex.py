"""One meaning of a regular expression for selectors, postings and label_replace."""

import pytest

from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.model.regex import Regex, condition, satisfies


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("a|ab", "ab", True),
        ("a|b", "ab", False),
        ("a.b", "a\nb", True),
        ("(?-s)a.b", "a\nb", False),
        ("(?i)A", "a", True),
        ("", "", True),
        (".", "\udcff", False),
        (r"\C", "\udcff", True),
    ],
)
def test_all_of_a_value_must_match(pattern: str, value: str, matches: bool) -> None:
    """Anchored at both ends, the dot matches newlines, and bytes that are no UTF-8 are no character."""
    assert Regex(pattern).matches(value) is matches
    assert (Regex(pattern).groups(value) is not None) is matches


@pytest.mark.parametrize("pattern", ["a(", "a)(b", "(?<=a)b", r"\1"])
def test_what_re2_refuses_is_refused_with_a_reason(pattern: str) -> None:
    """The reason is RE2's; parentheses are never balanced by what stands around a pattern."""
    with pytest.raises(ValueError, match=r"\S"):
        Regex(pattern)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(", "missing closing ): `(`"),
        ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"),
        ("[b-a]", "invalid character class range: `b-a`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a{2000}", "invalid repeat count: `{2000}`"),
        ("x(?=y)", "invalid or unsupported Perl syntax: `(?=`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        ("(?P<1->a)", "invalid named capture: `(?P<1->`"),
        ("a\\", "trailing backslash at end of expression"),
    ],
)
def test_faults_are_named_as_go_names_them(pattern: str, told: str) -> None:
    """Clients of Prometheus know its words."""
    with pytest.raises(ValueError, match=r"\S") as refused:
        Regex(pattern)
    assert str(refused.value) == told


def test_groups_have_numbers_and_names() -> None:
    """A group that took no part is empty."""
    assert Regex("(?P<n>a)(b)?").groups("a") == {"0": "a", "1": "a", "2": "", "n": "a"}


@pytest.mark.parametrize(
    ("op", "asked", "taken", "refused"),
    [
        (MatchOp.EQUAL, "a.b", ["a.b"], ["a\nb", "", "a.bc"]),
        (MatchOp.NOT_EQUAL, "a.b", ["a\nb", "", "a.bc"], ["a.b"]),
        (MatchOp.REGEX, "a.b", ["a.b", "a\nb"], ["", "a.bc"]),
        (MatchOp.NOT_REGEX, "a.b|", ["a.bc", "\udcff"], ["a.b", "a\nb", ""]),
    ],
)
def test_a_matcher_has_one_meaning(op: MatchOp, asked: str, taken: list[str], refused: list[str]) -> None:
    """What an operator asks of a value, once or for many values."""
    matcher = Matcher("l", op, asked)
    holds = condition(matcher)
    assert [(holds(value), satisfies(value, matcher)) for value in taken] == [(True, True)] * len(taken)
    assert [(holds(value), satisfies(value, matcher)) for value in refused] == [(False, False)] * len(refused)
