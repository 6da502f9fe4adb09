"""Fields of query strings and forms are read as the standard library reads them."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.api.message import MOST_FIELDS, read_fields


@given(st.lists(st.tuples(st.text(), st.text())))
def test_whatever_is_written_is_read_again(pairs: list[tuple[str, str]]) -> None:
    """Names and values come back, odd characters included, save half characters, which no URL can carry."""
    whole = [(_whole(name), _whole(value)) for name, value in pairs]
    assert list(read_fields(urlencode(whole))) == whole


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@given(st.text(alphabet="ab=&+%2bé;0"))
def test_any_text_is_read_as_the_standard_library_does(text: str) -> None:
    """No field, half a field, a broken escape: each comes out as `parse_qsl` has it."""
    assert list(read_fields(text)) == parse_qsl(text, keep_blank_values=True)


def test_very_many_fields_are_refused_before_any_is_read() -> None:
    """A thousand are read, one more is none."""
    assert len(list(read_fields("&".join(["a=1"] * MOST_FIELDS)))) == MOST_FIELDS
    with pytest.raises(ValueError, match="number of fields"):
        next(read_fields("&".join(["a=1"] * (MOST_FIELDS + 1))))
