"""`nightdesk channels`: where messages can go, whether they reach you there, and proving it."""

import time
from enum import Enum
from typing import Annotated, Any, Final

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.exits import FOUND
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor
from nightdesk.errors import Refused

WAIT_SECONDS: Final = 45.0
"""Twice the deadline of an attempt: another message of the channel may be on its way before the test."""
_LOOK_SECONDS: Final = 0.1
_PATH: Final = "/api/desk/channels"


class Action(Enum):
    """What to do."""

    LIST = "list"
    TEST = "test"
    CONFIRM = "confirm"


def channels(
    action: Annotated[Action, typer.Argument(metavar="[ACTION]", help="list, test or confirm.")] = Action.LIST,
    what: Annotated[str, typer.Argument(metavar="[NAME]", help="The channel to test, or the code to confirm.")] = "",
    *,
    data: Data = DEFAULT_DATA,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """List channels, test one, confirm a test.

    A test is a real message through the channel's own way. It carries a code, good for a day and for one use: giving it
    back says that messages reach you there. Until one channel that critical alerts take away from this machine is
    confirmed, the desk says that they cannot reach you. The exit code of a test that fails is 1.

    Examples:
        nightdesk channels
        nightdesk channels test phone
        nightdesk channels confirm K7M4-9QXC
    """
    if (action is Action.LIST) == bool(what):
        raise Refused(
            "list takes no name" if what else "write: nightdesk channels test NAME, or: nightdesk channels confirm CODE"
        )
    desk = RunningDesk.needed_on(data.expanduser())
    match action:
        case Action.LIST:
            _show(desk.get(_PATH), json=json, no_color=no_color)
        case Action.TEST:
            _test(desk, what, json=json, no_color=no_color)
        case Action.CONFIRM:
            _confirm(desk, what, json=json)


def _show(answer: dict[str, Any], *, json: bool, no_color: bool) -> None:
    from nightdesk.cli.paint.channels import print_channels
    from nightdesk.cli.paint.paint import console, print_json

    if json:
        print_json(answer)
    else:
        print_channels(console(no_color=no_color), answer["channels"], time.time_ns() // 1_000_000)


def _test(desk: RunningDesk, name: str, *, json: bool, no_color: bool) -> None:
    from nightdesk.cli.paint.channels import print_test
    from nightdesk.cli.paint.paint import console, print_json

    channel = desk.post(f"{_PATH}/test", channel=name)
    until = time.monotonic() + WAIT_SECONDS
    while channel["last_test"]["state"] in ("queued", "leased") and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
        channel = next(each for each in desk.get(_PATH)["channels"] if each["name"] == name)
    if json:
        print_json(channel)
    else:
        print_test(console(no_color=no_color), channel)
    if channel["last_test"]["state"] != "sent":
        raise typer.Exit(FOUND)


def _confirm(desk: RunningDesk, code: str, *, json: bool) -> None:
    from nightdesk.cli.paint.paint import print_json, printable

    answer = desk.post(f"{_PATH}/confirm", code=code)
    if json:
        print_json(answer)
    else:
        typer.echo(f"confirmed: {printable(answer['channel'])} reaches you")
