"""Accounts and the sources of their trades, as settings."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from nightdesk.analytics.local_days import DayRule
from nightdesk.app.settings.kinds import Duration, FilePath, Section, at_least
from nightdesk.model.instant import SECOND


def _zone(value: str) -> str:
    DayRule.of(zone=value)
    return value


def _hour(value: str) -> str:
    DayRule.of(begins_at=value)
    return value


def _money(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError('write an amount, e.g. 10000 or "10000.50"')  # noqa: TRY004 - pydantic's kind of finding
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f'"{value}" is not an amount; write e.g. 10000 or "10000.50"') from None
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f'"{value}" is no balance; it has to be above zero')
    return amount


AccountName = Annotated[str, Field(min_length=1, max_length=200)]


class AccountSettings(Section):
    """What a person knows of an account, under `[accounts.NAME]`."""

    currency: str = Field(default="", description="The account's currency.", examples=["EUR"])
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="The time zone in which its days are counted.", examples=["America/New_York"]
    )
    day_start: Annotated[str, AfterValidator(_hour)] = Field(
        default="00:00", description="The hour at which its day begins, as `HH:MM` of its clocks.", examples=["17:00"]
    )
    periods_per_year: float | None = Field(
        default=None,
        gt=0,
        le=1_000_000,
        description="Periods a year, 252 for exchange days; without it figures say what they assumed.",
        examples=[252.0],
    )
    starting_balance: Annotated[Decimal, BeforeValidator(_money)] | None = Field(
        default=None,
        description="What it held before its first trade, for where there is no equity; never guessed.",
        examples=[10_000],
    )


class TradeSourceSettings(Section):
    """A database of trades that is followed while its bot runs, under `[[trades]]`."""

    kind: Literal["freqtrade"] = Field(
        description="The kind of source; `freqtrade` is its database.", examples=["freqtrade"]
    )
    file: FilePath = Field(description="The database; it is only read.", examples=["freqtrade/tradesv3.sqlite"])
    account: str = Field(
        default="main", min_length=1, description="The account whose trades they are.", examples=["main"]
    )
    bot: str = Field(
        default="", description="The bot; empty takes the name of the strategy that traded.", examples=["maker"]
    )
    mode: Literal["live", "paper", "backtest"] | None = Field(
        default=None,
        description="Whether money is at stake; without it dry-run orders are known by their ids and all else is live.",
        examples=["paper"],
    )
    interval: Annotated[Duration, at_least(SECOND)] = Field(
        default=5 * SECOND, description="How often it is looked at.", examples=["5s"]
    )
