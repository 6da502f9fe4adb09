"""What figures need to know of an account: its days, its periods a year, and the balance a person stated."""

from dataclasses import dataclass, field
from decimal import Decimal

from nightdesk.analytics.local_days import DayRule


@dataclass(frozen=True, slots=True)
class Account:
    """Of an account without settings: days in UTC from midnight, nothing stated."""

    days: DayRule = field(default_factory=DayRule)
    periods_per_year: float | None = None
    starting_balance: Decimal | None = None
    currency: str = ""


def without_settings(_name: str | None) -> Account:
    """Know nothing of any account, where there is no settings file."""
    return Account()
