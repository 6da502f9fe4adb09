"""What a refusal tells a person at a terminal to write instead."""

import pytest
from typer.testing import CliRunner

from nightdesk.cli.main import app
from nightdesk.cli.option_words import in_option_words, option_words
from nightdesk.errors import QueryLimitExceeded, QuerySyntaxError
from nightdesk.query.limits import too_many_steps


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("delete", "Did you mean nightdesk samples delete?"),
        (
            "import",
            "Did you mean nightdesk trades import or nightdesk equity import or nightdesk returns import?",
        ),
        ("sample", "Did you mean 'samples'"),
        ("frobnicate", "No such command 'frobnicate'."),
    ],
)
def test_a_word_that_is_no_command_leads_to_the_nearest(word: str, told: str) -> None:
    """An action is told with the command it belongs to, a slip with the names like it, and nothing is guessed."""
    answer = CliRunner().invoke(app, [word, "x"])
    assert answer.exit_code == 2
    assert f"No such command '{word}'" in answer.output
    assert told in answer.output


def test_too_many_points_name_the_options() -> None:
    """`?step=XX` is the form of a URL; a terminal has --step, --start and --end. The kind of error stays."""
    with pytest.raises(QueryLimitExceeded) as caught, option_words():
        raise QueryLimitExceeded(too_many_steps(11_000))
    assert str(caught.value) == (
        "exceeded maximum resolution of 11,000 points per timeseries. "
        "Ask for a longer --step, or less time from --start to --end, or raise the setting limits.query_steps"
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ('invalid parameter "end": end timestamp must not be before start time', "--end: end timestamp must not be"),
        ('invalid parameter "query": 1:4: parse error', "1:4: parse error"),
        ("the parameter timeout, at most the setting limits.query_timeout", "the setting limits.query_timeout"),
        ("anything else", "anything else"),
    ],
)
def test_parameters_are_told_as_options(theirs: str, ours: str) -> None:
    """A running desk and the folder itself answer in the same words."""
    assert in_option_words(theirs).startswith(ours)


def test_an_error_keeps_what_it_knows() -> None:
    """The faulty span of a query stays with it."""
    with pytest.raises(QuerySyntaxError) as caught, option_words():
        raise QuerySyntaxError('invalid parameter "query": x', start=3, end=4)
    assert (str(caught.value), caught.value.start, caught.value.end) == ("x", 3, 4)
