"""The outline of the settings, read off their own types: which section a place in the file belongs to."""

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from nightdesk.app.settings.kinds import Section
from nightdesk.app.settings.lines import KeyPath
from nightdesk.app.settings.settings import Settings


def place(location: tuple[str | int, ...]) -> tuple[KeyPath, type[Section]]:
    """Turn pydantic's location into a path of keys as written, and find the section that the last key is in.

    Where a table is of several kinds the location names the kind as a step of its own, which nobody writes there.
    """
    here: Any = Settings
    section: type[Section] = Settings
    path: list[str | int] = []
    for step in location:
        if step == "[key]":
            continue
        kinds = kinds_of(here)
        if kinds:
            here = kinds.get(str(step))
            continue
        path.append(step)
        if _is_section(here):
            section = here
        here = _below(here, step)
    return tuple(path), section


def written(path: KeyPath) -> Any:
    """Return the type of what stands at a path of keys; None where the settings know no such place."""
    here: Any = Settings
    for step in path:
        here = _below(here, step)
    return here


def kinds_of(annotation: Any) -> Mapping[str, type[Section]]:
    """Return the sections of a table of several kinds by kind; empty for anything else."""
    members = [each for each in _members(annotation) if _is_section(each)]
    return {get_args(each.model_fields["kind"].annotation)[0]: each for each in members} if len(members) > 1 else {}


def names(section: type[Section]) -> list[str]:
    """Return the keys of a section as people write them."""
    return [field.alias or name for name, field in section.model_fields.items()]


def field_of(section: type[Section], name: str) -> FieldInfo | None:
    """Return the field of a key; None where the section has none of that name."""
    return next((field for key, field in section.model_fields.items() if name in (key, field.alias)), None)


def homes(name: str) -> list[str]:
    """Return the plain tables that know a key."""
    tables = [(head, field.annotation) for head, field in Settings.model_fields.items()]
    return [head for head, kind in tables if _is_section(kind) and name in names(kind)]


def _below(annotation: Any, step: str | int) -> Any:
    """Return the type of what a step leads to, from a table to its key or from a list to its entry."""
    if _is_section(annotation):
        field = field_of(annotation, str(step))
        return field.annotation if field else None
    for each in _members(annotation):
        if get_origin(each) in (dict, list):
            return get_args(each)[-1]
    return None


def _members(annotation: Any) -> tuple[Any, ...]:
    """Return the types that a value may have, without what is annotated to them."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _is_section(annotation: Any) -> TypeGuard[type[Section]]:
    return isinstance(annotation, type) and issubclass(annotation, Section)
