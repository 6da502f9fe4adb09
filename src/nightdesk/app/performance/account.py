"""What figures need to know of an account: its days, its periods a year, and the balance a person stated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from nightdesk.analytics.local_days import DayRule
from nightdesk.app.settings.accounts import AccountSettings


@dataclass(frozen=True, slots=True)
class Account:
    """Of an account without settings: days in UTC from midnight, nothing stated."""

    days: DayRule = field(default_factory=DayRule)
    periods_per_year: float | None = None
    starting_balance: Decimal | None = None
    currency: str = ""

    @classmethod
    def of(cls, settings: AccountSettings) -> "Account":
        """Take what a person wrote under `[accounts.NAME]`."""
        return cls(
            days=DayRule.of(settings.timezone, settings.day_start),
            periods_per_year=settings.periods_per_year,
            starting_balance=settings.starting_balance,
            currency=settings.currency,
        )


Accounts = Callable[[str | None], Account]
"""What is known of an account by its name; None: of several at once, of which nothing is."""


def accounts_of(settings: Mapping[str, AccountSettings]) -> Accounts:
    """Answer from the settings; an account that they do not name has none."""
    known = {name: Account.of(each) for name, each in settings.items()}
    return lambda name: known.get(name or "", Account())


class KnownAccounts:
    """`Accounts` by the settings in use; a reload changes it."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known = accounts_of({})

    def use(self, settings: Mapping[str, AccountSettings]) -> None:
        """Go by these settings from now on."""
        self._known = accounts_of(settings)

    def __call__(self, name: str | None) -> Account:
        """Return what is known of an account; of several accounts at once nothing is."""
        return self._known(name)


def without_settings(_name: str | None) -> Account:
    """Know nothing of any account, where there is no settings file."""
    return Account()
