"""Rule groups page by page, as `/api/v1/rules` gives them to clients that ask with `group_limit`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.model.rule import RuleGroup


@dataclass(frozen=True, slots=True)
class GroupPage:
    """At most `limit` groups (0: all) from the one that `token` names on."""

    limit: int
    token: str

    @classmethod
    def by(cls, asked: Parameters) -> "GroupPage":
        """Read `group_limit` and `group_next_token`."""
        limit, token = asked.count("group_limit"), asked.text("group_next_token")
        if asked.text("group_limit") and not limit:
            raise bad_parameter("group_limit", "group_limit needs to be a valid number and greater than 0")
        if token and not limit:
            message = "group_limit needs to be specified in order to paginate over the rule groups"
            raise bad_parameter("group_limit", message)
        return cls(limit, token)

    def cut(self, groups: Sequence[RuleGroup]) -> tuple[slice, str]:
        """Return which groups to show, and the token of the first one after them, empty at the end.

        Raises Refused where no group has the token: the groups changed meanwhile.
        """
        tokens = [token_of(group) for group in groups]
        if self.token and self.token not in tokens:
            message = f"invalid group_next_token '{self.token}'. were rule groups changed?"
            raise bad_parameter("group_next_token", message)
        start = tokens.index(self.token) if self.token else 0
        end = start + self.limit if self.limit else len(tokens)
        return slice(start, end), tokens[end] if end < len(tokens) else ""


def token_of(group: RuleGroup) -> str:
    """Name a group by file and name, as opaque text."""
    return hashlib.sha1(f"{group.file};{group.name}".encode(), usedforsecurity=False).hexdigest()
