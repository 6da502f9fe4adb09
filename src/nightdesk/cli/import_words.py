"""The options of every import, declared once: a command that takes `words` has them all."""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The options as they were typed; each field is one of them."""

    mapping: Annotated[
        str,
        typer.Option("--mapping", metavar="M", help="A known layout by name, or a TOML file that maps the columns."),
    ] = ""
    starting_balance: Annotated[
        str, typer.Option("--starting-balance", metavar="X", help="What the account held before its first trade.")
    ] = ""
    account: Annotated[str, typer.Option("--account", metavar="A", help="The account whose rows they are.")] = "main"
    bot: Annotated[str | None, typer.Option("--bot", metavar="B", help="The bot; without it what the file says.")] = (
        None
    )
    mode: Annotated[
        str, typer.Option("--mode", metavar="MODE", help="live, paper or backtest, where the file is silent.")
    ] = ""
    currency: Annotated[
        str, typer.Option("--currency", metavar="C", help="The currency, where the file names none.")
    ] = ""
    timezone: Annotated[
        str, typer.Option("--timezone", metavar="Z", help="The zone of times without one, UTC by default.")
    ] = ""


def with_words(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the options of `Words` in the place of its parameter `words`."""
    names = [field.name for field in dataclasses.fields(Words)]

    @functools.wraps(command)
    def gathered(**given: object) -> None:
        told = {name: given.pop(name) for name in names}
        command(words=Words(**told), **given)  # type: ignore[arg-type]  # typer gives each what its field declares

    # The parser reads the signature: it has to be this function's, not that of the one it wraps.
    del gathered.__dict__["__wrapped__"]
    parameters = list(_parameters(command))
    gathered.__dict__["__signature__"] = inspect.Signature(parameters)
    gathered.__annotations__ = {each.name: each.annotation for each in parameters}
    return gathered


def _parameters(command: Callable[..., None]) -> Iterator[inspect.Parameter]:
    for each in inspect.signature(command).parameters.values():
        if each.name != "words":
            yield each
            continue
        for field in dataclasses.fields(Words):
            yield inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type
            )
