"""Fields of query strings and forms are read as the standard library reads them."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.api.message import FORM, MOST_FIELDS, Request, read_fields


@given(st.lists(st.tuples(st.text(), st.text())))
def test_whatever_is_written_is_read_again(pairs: list[tuple[str, str]]) -> None:
    """Names and values come back, odd characters included, save half characters, which no URL can carry."""
    whole = [(_whole(name), _whole(value)) for name, value in pairs]
    assert list(read_fields(urlencode(whole))) == whole


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@given(st.text(alphabet="ab=&+2é0"))
def test_any_text_is_read_as_the_standard_library_does(text: str) -> None:
    """No field, half a field, blanks: each comes out as `parse_qsl` has it."""
    assert list(read_fields(text)) == parse_qsl(text, keep_blank_values=True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("query=1;time=5", "semicolon"),
        ("query=1%", "escape"),
        ("a=1&query=%2g", "escape"),
        ("query=%22%ff%22", "UTF-8"),
        ("%c3=1", "UTF-8"),
    ],
)
def test_what_others_pass_over_is_refused(text: str, why: str) -> None:
    """A pair that Go drops, and bytes that would become other characters, are never read as something else."""
    with pytest.raises(ValueError, match=why):
        list(read_fields(text))


def test_a_form_counts_where_a_body_does() -> None:
    """That of a GET is passed over; bytes of a form that are no UTF-8 are refused."""
    headers = {"content-type": FORM}
    assert Request("GET", "/", query="a=1", headers=headers, body=b"b=2").fields() == {"a": ["1"]}
    assert Request("POST", "/", query="a=1", headers=headers, body=b"b=2").fields() == {"a": ["1"], "b": ["2"]}
    with pytest.raises(ValueError, match="UTF-8"):
        Request("POST", "/", headers=headers, body=b"b=\xff").fields()


def test_a_form_in_parts_is_refused() -> None:
    """Its fields are not passed over in silence."""
    with pytest.raises(ValueError, match="send application/x-www-form-urlencoded, not multipart/form-data"):
        Request("POST", "/", headers={"content-type": "multipart/form-data; boundary=x"}, body=b"--x--").fields()


def test_very_many_fields_are_refused_before_any_is_read() -> None:
    """A thousand are read, one more is none."""
    assert len(list(read_fields("&".join(["a=1"] * MOST_FIELDS)))) == MOST_FIELDS
    with pytest.raises(ValueError, match="number of fields"):
        next(read_fields("&".join(["a=1"] * (MOST_FIELDS + 1))))
