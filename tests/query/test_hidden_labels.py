"""Labels that no series can have: what they are for holds by their names alone."""

import pytest

from nightdesk.model.labels import Labels
from nightdesk.query.hidden_labels import GOING_NAME, MEMBER
from nightdesk.query.language.strings import is_utf8
from nightdesk.query.names import with_name_going, without_going_name
from nightdesk.query.together.shared_selector import with_member


@pytest.mark.parametrize("hidden", [MEMBER, GOING_NAME])
def test_no_series_can_have_a_hidden_label(hidden: str) -> None:
    """Label names are UTF-8; these are not."""
    assert not is_utf8(hidden)


def test_a_row_bears_its_member_before_the_name_that_goes() -> None:
    """So both are put on and taken off at the end, and labels stay in order."""
    row = with_member(Labels.of("up", job="a", zone="\ud7ff"), "7")
    going = with_name_going(row)
    assert [name for name, _ in going.pairs] == ["job", "zone", MEMBER, GOING_NAME]
    assert going == Labels(going.pairs)
    assert without_going_name(going).pairs[-1] == (MEMBER, "7")
