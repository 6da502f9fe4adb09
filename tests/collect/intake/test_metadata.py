"""What sources say of their metrics: comments of text, messages of remote write, kept within bounds."""

import pytest

from nightdesk.collect.intake.exposition import COMMENTS_EVERY, ExpositionReader
from nightdesk.collect.intake.metadata import MOST_TEXT, MetadataBook, read_comments, read_message
from nightdesk.errors import BadPayload, PayloadTooLarge
from nightdesk.model.metric import Metadata, MetricType


def test_comments_are_read() -> None:
    """Type, help and unit in any order, names in quotes, escapes; free comments and unknown types say nothing."""
    lines = rb"""# TYPE requests_total counter
# HELP requests_total All of them,\n with a \\ in it.
# HELP temperature Degrees
# TYPE temperature gauge
# UNIT temperature celsius
# TYPE "my.metric" histogram
# TYPE odd strange
# TYPE old untyped
# HELP empty
# just a comment
#HELP not one
requests_total 1""".split(b"\n")
    assert read_comments(lines) == {
        "requests_total": Metadata("requests_total", MetricType.COUNTER, "All of them,\n with a \\ in it."),
        "temperature": Metadata("temperature", MetricType.GAUGE, "Degrees", "celsius"),
        "my.metric": Metadata("my.metric", MetricType.HISTOGRAM),
        "odd": Metadata("odd"),
        "old": Metadata("old"),
        "empty": Metadata("empty"),
    }


def test_long_texts_are_cut() -> None:
    """A help text takes no more than its bound."""
    told = read_comments([b"# HELP m " + b"x" * 100_000])
    assert len(told["m"].help) == MOST_TEXT


def test_messages_are_read() -> None:
    """Type by number, name, help and unit; without a name it says nothing, what is cut short is refused."""
    message = b"\x08\x05\x12\x01m\x22\x05words\x2a\x07seconds"
    assert read_message(message) == Metadata("m", MetricType.SUMMARY, "words", "seconds")
    assert read_message(b"\x08\x63\x12\x01m") == Metadata("m")
    assert read_message(b"\x08\x01") is None
    with pytest.raises(BadPayload):
        read_message(message[:-1])
    with pytest.raises(PayloadTooLarge):
        read_message(b"\x7a\x00" * 20)


def test_the_book_is_bounded() -> None:
    """The newest word counts, and the names told longest ago give way."""
    book = MetadataBook(most=3)
    book.learn(Metadata(name) for name in "abc")
    book.learn([Metadata("a", help="again"), Metadata("d")])
    assert {name: each.help for name, each in book.told().items()} == {"c": "", "a": "again", "d": ""}


def test_comments_are_read_again_after_a_while() -> None:
    """With other series at once; with the same series after some bodies."""
    reader = ExpositionReader()
    reader.read(b"# HELP m one\nm 1\n", 0)
    assert reader.metadata["m"].help == "one"
    reader.read(b"# HELP m two\nm 1\n", 0)
    assert reader.metadata["m"].help == "one"
    for _ in range(COMMENTS_EVERY):
        reader.read(b"# HELP m two\nm 1\n", 0)
    assert reader.metadata["m"].help == "two"
    reader.read(b"# HELP m three\nm 1\nn 1\n", 0)
    assert reader.metadata["m"].help == "three"
