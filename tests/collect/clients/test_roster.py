"""Who sits where, what is missed and for how long."""

from dataclasses import replace
from typing import Any

import pytest
from tests.collect.clients.test_push import NOW, body

from nightdesk.collect.clients.push import Beat, Push, read_push
from nightdesk.collect.clients.roster import LEASE, MOST_BOTS, Roster, Seat
from nightdesk.errors import Overloaded
from nightdesk.model.instant import DAY, HOUR, MINUTE, SECOND

LOOP = Beat("loop", 1.0, 0.0, 10.0, "", "")


def push(run: str = "a", sequence: int = 1, **changed: Any) -> Push:
    """Build a push of the bot `maker`."""
    return replace(read_push(body()), run=run, sequence=sequence, beats=(), ended=(), **changed)


def seated(roster: Roster, told: Push, now: int) -> Seat:
    """Admit a push that must be taken."""
    seat = roster.admit(told, now)
    assert seat is not None
    return seat


def test_two_processes_that_live_at_once_sit_apart() -> None:
    """The first has no label, the second is 2; each keeps its seat."""
    roster = Roster()
    assert seated(roster, push("a", age=100.0), NOW).process == ""
    assert seated(roster, push("b", age=100.0), NOW + SECOND).process == "2"
    assert seated(roster, push("a", 2, age=101.0), NOW + 2 * SECOND).process == ""
    assert seated(roster, push("b", 2, age=101.0), NOW + 2 * SECOND).process == "2"


def test_a_restarted_bot_takes_its_old_seat() -> None:
    """Born after the other was last heard: it is its successor, though the lease has not ended."""
    roster = Roster()
    seated(roster, push("a"), NOW)
    assert seated(roster, push("b", age=1.0), NOW + 3 * SECOND).place == 1


def test_a_forked_child_never_takes_its_parents_seat() -> None:
    """It is born after the parent was last heard, and the parent lives."""
    roster = Roster()
    seated(roster, push("parent"), NOW)
    assert seated(roster, push("child", age=1.0, forked=True), NOW + 3 * SECOND).place == 2


def test_a_seat_is_free_after_its_lease_or_a_goodbye() -> None:
    """Workers that come and go use the same few seats."""
    roster = Roster()
    seated(roster, push("parent"), NOW)
    seated(roster, push("first", forked=True), NOW)
    seated(roster, push("first", 2, forked=True, leaving=True), NOW)
    assert seated(roster, push("second", forked=True), NOW + 2).place == 2
    assert seated(roster, push("third", forked=True, age=0.0), NOW + LEASE + 1).place == 1


def test_a_seat_left_this_moment_has_no_room_for_a_zero() -> None:
    """Between the last sample of one and the first of the next a 0 must fit, or counts would be swallowed."""
    roster = Roster()
    seated(roster, push("parent"), NOW)
    seated(roster, push("first", forked=True, leaving=True), NOW)
    assert seated(roster, push("second", forked=True), NOW + 1).place == 3
    assert seated(roster, push("third", forked=True), NOW + 2).place == 2


def test_after_the_desks_restart_everybody_keeps_the_seat_it_had() -> None:
    """The desk does not know the runs any more; each process says where it sat."""
    roster = Roster([Seat("maker", 1, "", NOW), Seat("maker", 2, "", NOW)])
    assert seated(roster, push("b", place=2, age=100.0), NOW).place == 2
    assert seated(roster, push("a", place=1, age=100.0), NOW).place == 1


def test_a_push_that_was_overtaken_changes_nothing() -> None:
    """A desk that was stopped finds old pushes in its sockets: totals must not step back."""
    roster = Roster()
    seated(roster, push("a", 5), NOW)
    assert roster.admit(push("a", 4), NOW) is None
    assert roster.admit(push("a", 5), NOW) is None
    assert roster.admit(push("a", 6), NOW) is not None


def test_bots_and_processes_have_bounds() -> None:
    """A name a run would fill the desk's memory: it is told so."""
    roster = Roster()
    for number in range(MOST_BOTS):
        roster.admit(push(f"r{number}", bot=f"bot{number}"), NOW)
    with pytest.raises(Overloaded, match="bots"):
        roster.admit(push("one more", bot="another"), NOW)
    for number in range(63):
        roster.admit(push(f"p{number}", bot="bot0", forked=True), NOW)
    with pytest.raises(Overloaded, match="processes"):
        roster.admit(push("one more", bot="bot0", forked=True), NOW)


def test_an_instant_is_that_of_the_desks_clock_and_stands_still() -> None:
    """The age is told anew with each push, a little late each time; the beat is the same."""
    roster = Roster()
    seat = seated(roster, replace(push("a"), beats=(replace(LOOP, age=2.0),)), NOW)
    assert seat.beats["loop"].at == NOW - 2 * SECOND
    seated(roster, replace(push("a", 2), beats=(replace(LOOP, age=6.9),)), NOW + 5 * SECOND)
    assert seat.beats["loop"].at == NOW - 2 * SECOND


def test_a_machine_that_slept_does_not_age_its_beats() -> None:
    """Its age counts waking time alone: eight hours later the beat was two seconds ago."""
    roster = Roster()
    seat = seated(roster, replace(push("a"), beats=(replace(LOOP, age=1.0),)), NOW)
    seated(roster, replace(push("a", 2), beats=(replace(LOOP, age=2.0),)), NOW + 8 * HOUR)
    assert seat.beats["loop"].at == NOW + 8 * HOUR - 2 * SECOND


def test_a_bot_that_crashes_again_and_again_is_missed() -> None:
    """A new process owes the beats of the one before it, from then on."""
    roster = Roster()
    seated(roster, replace(push("a"), beats=(LOOP,)), NOW)
    for number in range(1, 10):
        seat = seated(roster, push(f"r{number}", age=0.0), NOW + number * 5 * SECOND)
    assert seat.beats["loop"].at == NOW
    assert seat.expects(seat.beats["loop"], NOW + MINUTE)


def test_a_stop_on_purpose_ends_with_the_next_start() -> None:
    """Nobody misses what was announced; the new process has two intervals from its birth."""
    roster = Roster()
    seat = seated(roster, replace(push("a"), beats=(LOOP,), stopping="weekend"), NOW)
    assert not seat.expects(seat.beats["loop"], NOW + HOUR)
    monday = NOW + 2 * DAY // 4
    again = seated(roster, push("b", age=3.0), monday)
    assert again.expects(again.beats["loop"], monday)
    assert again.beats["loop"].at == monday - 3 * SECOND


def test_an_ended_beat_is_not_missed_and_then_forgotten() -> None:
    """It is told as not expected for an hour, for the rules to see, and then no more."""
    roster = Roster()
    seated(roster, replace(push("a"), beats=(LOOP,)), NOW)
    seat = seated(roster, replace(push("a", 2), ended=("loop",)), NOW)
    assert not seat.expects(seat.beats["loop"], NOW)
    assert [each.beats for each in roster.seats(NOW + 2 * HOUR)] == [{}]


def test_who_was_not_heard_for_a_day_is_not_missed_any_more() -> None:
    """For one more hour that is told, then nothing."""
    roster = Roster()
    seat = seated(roster, replace(push("a"), beats=(LOOP,)), NOW)
    assert seat.expects(seat.beats["loop"], NOW + DAY - 1)
    assert not seat.expects(seat.beats["loop"], NOW + DAY)
    assert len(roster.seats(NOW + DAY + HOUR // 2)) == 1
    assert roster.seats(NOW + DAY + HOUR) == []
