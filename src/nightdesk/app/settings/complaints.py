"""What pydantic found wrong, said so that a person knows what would be right."""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nightdesk.app.settings.kinds import Section
from nightdesk.app.settings.lines import KeyPath
from nightdesk.app.settings.outline import field_of, homes, kinds_of, names, place, written
from nightdesk.app.settings.settings import Settings
from nightdesk.model.vital import VitalName

_NATURES: Final[Mapping[str, str]] = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number that ends, neither nan nor inf",
    "bool_type": "true or false",
    "list_type": "a list in [ ]",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def complaints(error: ValidationError) -> list[tuple[KeyPath, str]]:
    """Return where each fault is and a sentence about it."""
    # A default that could not be worked out follows from another fault, which is listed.
    return [_complaint(details) for details in error.errors() if details["type"] != "default_factory_not_called"]


def closest(word: str, known: Iterable[str]) -> str:
    """Return a `did you mean` for a word that is not known, or the words that are."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"known here: {', '.join(words)}" if words else "none is known here"


def _complaint(details: ErrorDetails) -> tuple[KeyPath, str]:
    location = details["loc"]
    path, section = place(location)
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    match details["type"]:
        case "extra_forbidden":
            return path, _unknown(name, section, top=len(path) == 1)
        case "missing":
            return path[:-1], f"{name} is missing; write {_example(section, name)}"
        case "union_tag_not_found":
            return path, f"kind is missing; write {_kinds(path)}"
        case "union_tag_invalid":
            written = str(details.get("ctx", {}).get("tag", ""))
            return (*path, "kind"), f'kind "{written}" is not known; write {_kinds(path)}'
        case "literal_error" if location[-1] == "[key]":
            return path, f'"{name}" is not a vital; {closest(name, get_args(VitalName))}'
        case "value_error":
            return path, _own_words(name, section, details)
        case _:
            return path, _wrong_value(name, section, details)


def _unknown(name: str, section: type[Section], *, top: bool) -> str:
    tables = homes(name) if top else []
    if tables:
        return f'"{name}" belongs under [{tables[0]}]'
    return f'unknown setting "{name}"; {closest(name, names(section))}'


def _example(section: type[Section], name: str) -> str:
    field = field_of(section, name)
    examples = field.examples if field else None
    return f"{name} = {_toml(examples[0])}" if examples else name


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _kinds(path: KeyPath) -> str:
    return " or ".join(f'kind = "{kind}"' for kind in kinds_of(written(path)))


def _own_words(name: str, section: type[Section], details: ErrorDetails) -> str:
    """Our own validators say what would be right; their sentence gets the key in front."""
    reason = str(details.get("ctx", {}).get("error", details["msg"]))
    # About a table as a whole the line says which one is meant.
    return f"{name}: {reason}" if section is not Settings and field_of(section, name) else reason


def _wrong_value(name: str, section: type[Section], details: ErrorDetails) -> str:
    nature = _NATURES.get(details["type"])
    reason = f"must be {nature}" if nature else details["msg"].removeprefix("Input ").replace("should", "must")
    hint = f"; write e.g. {_example(section, name)}" if field_of(section, name) else ""
    return f"{name} {reason}{hint}" if name else reason
