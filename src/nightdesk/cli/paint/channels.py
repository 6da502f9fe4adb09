"""Channels for people: one line each, and what became of a test with what to do now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from nightdesk.cli.paint.folded import print_folded
from nightdesk.cli.paint.paint import Row, clock_time, printable

_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "local": ("on this machine", "dim"),
    "confirmed": ("confirmed", "green"),
    "changed": ("settings changed since it was confirmed", "yellow"),
    "unconfirmed": ("not confirmed", "yellow"),
}
_CURES: Final[Mapping[str, str]] = {
    "unreachable": "look at host, port and network of the channel; nightdesk doctor tries each",
    "deadline": "the other side takes the connection and does not answer: look at it, or at a firewall on the way",
    "auth": "the login, token or key was refused: write the right one into its file, then: nightdesk reload",
    "rate_limited": "too many messages in a short time: wait, then test again",
    "refused": "the other side says no for good: look at recipient and address in the channel's settings",
    "server": "the other side failed and may recover: test again later",
    "tls": "no trust, or no encryption: look at tls and ca_file of the channel",
    "crashed": "the sender process ended without an answer: the desk's log says more; please report it",
    "config": "the settings of the channel cannot work: nightdesk check says what would be right",
}
"""What a person can do about each reason of a failure; docs/channels.md says more."""


def print_channels(console: Console, channels: Sequence[Row], now: int) -> None:
    """Print every channel: name, kind, which severities go there, and what is known of it."""
    width = max(len(channel["name"]) for channel in channels)
    for channel in channels:
        word, style = _STATES[channel["state"]]
        told = ", ".join(channel["severities"]) or "no severity by itself"
        when = f" {clock_time(channel['confirmed_at'], now)}" if channel["confirmed_at"] is not None else ""
        name = (f"{printable(channel['name']):<{width}}", "bold")
        line = Text.assemble(name, f"  {channel['kind']:<8}", f"  {told:<24}  ", (word + when, style))
        print_folded(console, line, width + 2)
        for note in _notes(channel, now):
            print_folded(console, Text(f"{'':<{width}}  {printable(note)}", "dim"), width + 2)


def print_test(console: Console, channel: Row) -> None:
    """Print what became of a test, and what to do now."""
    test, name = channel["last_test"], printable(channel["name"])
    if test["state"] == "sent":
        console.print(Text.assemble((name, "bold"), ": ", ("the other side took the test", "green")), soft_wrap=True)
        console.print("once it has arrived, give its code back: nightdesk channels confirm CODE", soft_wrap=True)
        if not channel["off_machine"]:
            console.print(Text("it is shown on this machine alone: away from it you hear nothing", "dim"))
    elif test["failure"] is None:
        console.print(Text.assemble((name, "bold"), ": the test still waits, behind other messages of the channel"))
        console.print("nightdesk channels tells what becomes of it")
    else:
        why = f"{test['failure']}: {printable(test['detail'])}"
        console.print(Text.assemble((name, "bold"), ": ", ("the test failed: ", "bold red"), why), soft_wrap=True)
        console.print(_CURES.get(test["failure"], "docs/channels.md says what that means"), soft_wrap=True)


def _notes(channel: Row, now: int) -> Iterator[str]:
    test = channel["last_test"]
    if test is not None:
        why = f": {test['failure']}: {test['detail']}" if test["failure"] else ""
        yield f"last test {clock_time(test['at'], now)} {test['state']}{why}"
    if channel["state"] in ("unconfirmed", "changed"):
        yield f"test it: nightdesk channels test {channel['name']}"
