"""A word that is no command, and what was meant: `delete` is an action of `nightdesk samples`."""

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, get_args

from typer.core import TyperGroup


class Commands(TyperGroup):
    """The commands of `nightdesk`; who takes an action for a command is told whose action it is."""

    # The parser's own types are private to typer: its context and its commands pass through as they are.
    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command; the nearest names are told where none has this one."""
        word = args[0]
        owners = [] if word in self.commands else owners_of(word, self.commands)
        if owners:
            meant = " or ".join(f"nightdesk {owner} {word}" for owner in owners)
            ctx.fail(f"No such command '{word}'. Did you mean {meant}?")
        return super().resolve_command(ctx, args)


def owners_of(action: str, commands: Mapping[str, Any]) -> list[str]:
    """Return the commands that have an action of this name, in their order."""
    return [name for name, command in commands.items() if action in _actions(command.callback)]


def _actions(command: Callable[..., None]) -> list[str]:
    """Return the words that a command's `action` may be, none where it takes no action."""
    return [
        word.value
        for each in inspect.signature(command).parameters.values()
        for kind in get_args(each.annotation)[:1]
        if each.name.strip("_") == "action" and isinstance(kind, type) and issubclass(kind, Enum)
        for word in kind
    ]
