"""One meaning of a regular expression for selectors, postings and label_replace."""

import pytest

from nightdesk.errors import QueryLimitExceeded
from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.model.regex import CapturingRegex, Regex, condition, satisfies
from nightdesk.model.regex_program import MOST_CHARACTERS, MOST_STEPS, Program
from nightdesk.store.samples.head.registry import MAX_VALUE_BYTES


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
    assert (CapturingRegex(pattern).groups(value) is not None) is matches


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
    assert CapturingRegex("(?P<n>a)(b)?").groups("a") == {"0": "a", "1": "a", "2": "", "n": "a"}


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("a|b", ("a", "b")),
        ("", ("",)),
        ("|a|", ("", "a")),
        ("a|a", ("a",)),
        (r"10\.0\.0\.1:9100|x\-y", ("10.0.0.1:9100", "x-y")),
        (r"a\|b|c\\|d", ("a|b", "c\\", "d")),
        ("\u00e9|\\\n", ("\u00e9", "\n")),
    ],
)
def test_a_list_of_values_is_known_as_one(pattern: str, values: tuple[str, ...]) -> None:
    """Dashboards list what was picked, escaped; RE2 would take the same values."""
    regex, program = Regex(pattern), Program(pattern, captures=False)
    assert regex.literals == values
    for value in (*values, "a|b", "", "10x0.0.1:9100", "c", "n"):
        assert regex.matches(value) is program.matches(value.encode()) is (value in values)


@pytest.mark.parametrize("pattern", ["a.", "(a|b)", r"\d|a", r"\a", "a$", "(?i)a", "[a]", "a{2}", r"a\pL"])
def test_what_is_more_than_a_list_is_not_taken_for_one(pattern: str) -> None:
    """A class, an anchor, an escape with a meaning."""
    assert Regex(pattern).literals is None


def test_an_escape_of_ascii_means_what_re2_takes_it_for() -> None:
    """Each character by itself, and with a backslash before it."""
    for code in range(128):
        for pattern in (chr(code), "\\" + chr(code)):
            try:
                regex = Regex(pattern)
            except ValueError:
                continue
            program = Program(pattern, captures=False)
            assert [regex.matches(chr(each)) for each in range(128)] == [
                program.matches(bytes([each])) for each in range(128)
            ], pattern


LARGE = "(((.{1,100}){1,10}){1,1})"
"""A short text of 8,000 instructions."""


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (LARGE * 20, "expression too large: RE2 needs more than 1048576 bytes for its program"),
        ("a{0,1000}" * 60, "expression too large: RE2 needs more than 1048576 bytes for its program"),
        ("[a]" * MOST_CHARACTERS, f"expression too large: {3 * MOST_CHARACTERS} characters, at most"),
    ],
)
def test_what_would_be_a_large_program_is_refused(pattern: str, told: str) -> None:
    """A few hundred characters can ask for minutes of work, in compiling alone for ten seconds."""
    for kind in (Regex, CapturingRegex):
        with pytest.raises(ValueError, match=r"expression too large") as refused:
            kind(pattern)
        assert told in str(refused.value)


def test_long_lists_of_names_and_of_patterns_are_taken() -> None:
    """Five thousand of each, as dashboards send them; a list of values needs no program, however long."""
    assert Regex("|".join(f"strategy-{number}.*" for number in range(5_000))).matches("strategy-4999-b")
    assert Regex("|".join(rf"10\.0\.{number}\.1:9100" for number in range(50_000))).matches("10.0.49999.1:9100")


def test_one_match_has_a_bound() -> None:
    """A long value is refused to a large program: nothing can break a match off."""
    large, small = Regex(LARGE), Regex("a.*")
    most = MOST_STEPS // large.instructions
    assert small.matches("a" * (most + 1))
    assert large.matches("a" * 1_000)
    for tried in (large.matches, CapturingRegex(LARGE).groups):
        with pytest.raises(QueryLimitExceeded, match=r"instructions is tried on values of at most \d+ bytes: one has"):
            tried("a" * (most + 1))


@pytest.mark.parametrize("pattern", [r"\PL{57}", r"(?i)\pL{55}", "a?" * 8_000])
def test_the_largest_programs_take_the_longest_values_that_are_stored(pattern: str) -> None:
    """What the store took can always be asked for."""
    assert not Regex(pattern).matches("1" * MAX_VALUE_BYTES)


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
