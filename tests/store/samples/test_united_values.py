"""Values of a label are put in order once, and again as soon as one place tells others."""

from nightdesk.store.samples.reading.united_values import MOST_BYTES, MOST_LABELS, UnitedValues


def test_the_same_places_give_the_same_list_and_others_a_new_one() -> None:
    """Identity decides: a list that was made anew is read anew, though it may hold the same."""
    known, of_head, of_file = UnitedValues(), {"b", ""}, ["a", "b"]
    first = known.united("i", [of_head, of_file])
    assert first == ["a", "b"]
    assert known.united("i", [of_head, of_file]) is first
    assert known.united("i", [of_head, ["a", "b", "c"]]) == ["a", "b", "c"]
    assert known.united("i", [of_head]) == ["b"]
    assert known.united("i", []) == []


def test_what_is_remembered_is_bounded() -> None:
    """The label asked for longest ago gives way, and one of very many bytes is never kept."""
    known, told = UnitedValues(), [["a"]]
    first = known.united("0", told)
    for number in range(1, MOST_LABELS):
        known.united(str(number), told)
    assert known.united("0", told) is first
    for number in range(MOST_LABELS, 2 * MOST_LABELS):
        known.united(str(number), told)
    assert known.united("0", told) is not first
    wide = [["x" * MOST_BYTES]]
    assert known.united("wide", wide) is not known.united("wide", wide)
