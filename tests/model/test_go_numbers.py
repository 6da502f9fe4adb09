"""Numbers as Go writes them: the digits of Python's shortest form, in the form that Go's rule chooses."""

import math
from decimal import ROUND_DOWN, ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nightdesk.model.go_numbers import go_decimal, go_text, open_metrics_text

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text", "decimal", "in_label"),
    [
        (0.0, "0", "0", "0.0"),
        (-0.0, "-0", "-0", "-0.0"),
        (1.0, "1", "1", "1.0"),
        (-12.5, "-12.5", "-12.5", "-12.5"),
        (0.1 + 0.2, "0.30000000000000004", "0.30000000000000004", "0.30000000000000004"),
        (123456.0, "123456", "123456", "123456.0"),
        (1e6, "1e+06", "1000000", "1e+06"),
        (1234567.0, "1.234567e+06", "1234567", "1.234567e+06"),
        (123456.789, "123456.789", "123456.789", "123456.789"),
        (0.0001, "0.0001", "0.0001", "0.0001"),
        (0.00001, "1e-05", "0.00001", "1e-05"),
        (1.5e-7, "1.5e-07", "0.00000015", "1.5e-07"),
        (1e22, "1e+22", "1" + "0" * 22, "1e+22"),
        (9.587020149082804e224, "9.587020149082804e+224", "9587020149082804" + "0" * 209, "9.587020149082804e+224"),
        (5e-324, "5e-324", "0." + "0" * 323 + "5", "5e-324"),
        (math.nan, "NaN", "NaN", "NaN"),
        (math.inf, "+Inf", "+Inf", "+Inf"),
        (-math.inf, "-Inf", "-Inf", "-Inf"),
    ],
)
def test_forms(value: float, text: str, decimal: str, in_label: str) -> None:
    """What Go prints for `%v`, for strconv's 'f' with precision -1, and what its client writes in labels."""
    assert (go_text(value), go_decimal(value), open_metrics_text(value)) == (text, decimal, in_label)


def fewest_digits(value: float) -> tuple[set[str], int]:
    """Find by trying the fewest significant digits that read back; and the power of ten of the first.

    There may be two such numbers as near to the value. Below a power of two the nearest with so many digits may not
    read back, and the one beyond the value does.
    """
    exact = abs(Decimal(value))
    with localcontext(prec=1000):
        for precision in range(17):
            last = Decimal((0, (1,), exact.adjusted() - precision))
            beside = {exact.quantize(last, rounding) for rounding in (ROUND_DOWN, ROUND_UP)}
            good = {each for each in beside if float(each) == abs(value)}
            if good:
                nearest = min(abs(each - exact) for each in good)
                found = [each for each in good if abs(each - exact) == nearest]
                return {"".join(map(str, each.normalize().as_tuple().digits)) for each in found}, found[0].adjusted()
    raise AssertionError(f"17 digits do not give {value!r}")


@given(FINITE.filter(bool))
@example(2.0**-24)
@example(9.5)
def test_the_fewest_digits_that_read_back(value: float) -> None:
    """Either form has them and no others, and the exponent is there from 1e6 on and below 1e-4."""
    digits, power = fewest_digits(value)
    mantissa, has_exponent, exponent = go_text(value).lstrip("-").partition("e")
    assert bool(has_exponent) == (not -4 <= power < 6)
    if has_exponent:
        assert mantissa.replace(".", "") in digits
        assert mantissa.find(".") in (-1, 1)
        assert (int(exponent), len(exponent)) == (power, max(3, len(str(abs(power))) + 1))
    spelled = go_decimal(value).lstrip("-")
    assert "e" not in spelled
    assert spelled.replace(".", "").strip("0") in {each.strip("0") for each in digits}


@given(FINITE)
def test_every_form_reads_back(value: float) -> None:
    """Nothing is lost, the sign of zero neither."""
    for write in (go_text, go_decimal, open_metrics_text):
        read = float(write(value))
        assert (read, math.copysign(1, read)) == (value, math.copysign(1, value))
    assert {".", "e"} & set(open_metrics_text(value))
