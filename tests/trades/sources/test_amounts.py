"""Amounts as people and programs write them are read to the digit; what could mean two numbers is none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.trades.sources.amounts import amount
from nightdesk.trades.sources.reading import RowFault


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("0.03500000 USDT", "0.03500000", "USDT"),
        ("\N{MINUS SIGN}0.085 USDT", "-0.085", "USDT"),
        ("['0.025 USDT']", "0.025", "USDT"),
        ("['0.02 USDT', '1,000.01 USDT']", "1000.03", "USDT"),
        ("[]", "0", ""),
        ("1,000", "1000", ""),
        ("-1,234,567.8", "-1234567.8", ""),
        ("1\N{NO-BREAK SPACE}195.00", "1195.00", ""),
        ("1\N{NARROW NO-BREAK SPACE}195", "1195", ""),
        ("1\N{RIGHT SINGLE QUOTATION MARK}234.5", "1234.5", ""),
        ("1'234'567", "1234567", ""),
        ("$5.00", "5.00", ""),
        ("-$5.00", "-5.00", ""),
        ("US$ 5", "5", "USD"),
        ("5 €", "5", "EUR"),
        ("EUR 5", "5", "EUR"),
        ("(5.00)", "-5.00", ""),
        ("($1,234.50)", "-1234.50", ""),
        ("5.00-", "-5.00", ""),
        (".5", "0.5", ""),
        ("1e-7", "0.0000001", ""),
    ],
)
def test_what_an_amount_may_look_like(text: str, value: str, currency: str) -> None:
    """Groups, typeset signs, parentheses, lists, and a currency on either side."""
    assert amount(text) == (Decimal(value), currency)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.000,5", "1000.5"),
        ("1.195,00", "1195"),
        ("1 195,00", "1195"),
        ("\N{MINUS SIGN}1,00", "-1"),
        ("1'234,5 €", "1234.5"),
        ("1.234", "1234"),
        ("12", "12"),
        ("1.234,56-", "-1234.56"),
    ],
)
def test_a_decimal_comma(text: str, value: str) -> None:
    """The point groups, the comma divides."""
    assert amount(text, decimal_comma=True)[0] == Decimal(value)


@pytest.mark.parametrize(
    ("text", "decimal_comma", "reason"),
    [
        ("1234.56", True, "with a decimal comma; say decimal = '.'"),
        ("0.123", True, "with a decimal comma"),
        ("12.34", True, "with a decimal comma"),
        ("1.000.5", True, "is not a number"),
        ("10,25", False, "with a decimal point; say decimal = ','"),
        ("0,123", False, "with a decimal point"),
        ("1,00,000", False, "is not a number"),
        ("1,0000", False, "with a decimal point"),
        ("1,000 000", False, "is not a number"),
        ("--5", False, "'--5' is not a number"),
        ("$", False, "'$' is not a number"),
        ("(-5)", False, "is not a number"),
        ("$5 USD", False, "is not a number"),
        ("5%", False, "is not a number"),
        ("USD", False, "is not a number"),
        ("", False, "is not a number"),
        ("-inf", False, "-inf is not a finite number"),
        ("['1 BTC', '2 USDT']", False, "several currencies, BTC, USDT"),
        ("['x']", False, "'x' is not a number"),
    ],
)
def test_what_could_be_meant_otherwise_is_no_number(text: str, decimal_comma: bool, reason: str) -> None:
    """A wrong decimal mark never turns into another amount: it is a reason that says what to state."""
    with pytest.raises(RowFault) as fault:
        amount(text, decimal_comma=decimal_comma)
    assert reason in str(fault.value)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12), st.booleans()
)
def test_grouped_and_plain_are_the_same_amount(value: Decimal, decimal_comma: bool) -> None:
    """Whatever the marks, an amount written with groups is the amount written without."""
    grouped, plain = f"{value:,f}", f"{value:f}"
    if decimal_comma:
        grouped, plain = (text.translate(str.maketrans(",.", ".,")) for text in (grouped, plain))
    assert amount(grouped, decimal_comma=decimal_comma) == amount(plain, decimal_comma=decimal_comma) == (value, "")


@given(st.text(st.sampled_from("0123456789.,'- +()[]$€eEUSDT\u00a0\u2212"), max_size=14), st.booleans())
def test_any_text_is_an_amount_or_a_reason(text: str, decimal_comma: bool) -> None:
    """Nothing but a reason ever comes of a cell that is no amount, and every amount is finite."""
    try:
        value, _ = amount(text, decimal_comma=decimal_comma)
    except RowFault:
        return
    assert value.is_finite()
