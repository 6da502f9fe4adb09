"""Rule files: Prometheus' form (`groups`) and ours (`desk_rules`), in one file or in two."""

from nightdesk.errors import RuleFileError
from nightdesk.model.instant import SECOND
from nightdesk.model.rule import RuleGroup
from nightdesk.rules.forms.desk import FILE_FIELDS, read_desk_rules
from nightdesk.rules.forms.prometheus import DEFAULT_INTERVAL, read_groups
from nightdesk.rules.forms.yaml_nodes import Reader

DESK_INTERVAL = SECOND
"""How often the desk collects, where the caller does not say."""


def load(
    text: str, file: str, *, desk_interval: int = DESK_INTERVAL, interval: int = DEFAULT_INTERVAL
) -> list[RuleGroup]:
    """Read a rule file.

    `desk_interval` in ms is what `interval: desk` means; `interval` is for groups of Prometheus' form that give none.

    Raises:
        RuleFileError: the file cannot be used; the first complaint, with file, line and what would be right.
    """
    groups, complaints = read(text, file, desk_interval=desk_interval, interval=interval)
    if complaints:
        raise complaints[0]
    return groups


def complaints_of(text: str, file: str) -> list[RuleFileError]:
    """Return all that is wrong with a rule file, in the order of its lines."""
    return read(text, file, desk_interval=DESK_INTERVAL, interval=DEFAULT_INTERVAL)[1]


def read(text: str, file: str, *, desk_interval: int, interval: int) -> tuple[list[RuleGroup], list[RuleFileError]]:
    """Read a rule file as far as it can be read; return its groups and its complaints in the order of its lines."""
    reader = Reader(text, file)
    groups: list[RuleGroup] = []
    if reader.root is not None:
        fields = reader.fields(reader.root, ("groups", *FILE_FIELDS), "a rule file")
        groups = read_groups(reader, fields.get("groups"), interval)
        groups += read_desk_rules(reader, fields, desk_interval)
        _check_names(reader, groups)
    return groups, sorted(reader.complaints, key=lambda complaint: complaint.line)


def _check_names(reader: Reader, groups: list[RuleGroup]) -> None:
    """Complain where the group of our own form takes the name of another: groups are told apart by file and name."""
    names = [group.name for group in groups]
    if names and names[-1] in names[:-1] and not reader.complaints:
        reader.complain(reader.root, f"two groups are named {names[-1]!r}: give one another name")
