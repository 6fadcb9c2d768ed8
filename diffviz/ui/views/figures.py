"""Numbers as they are written everywhere on the screen: a fixed number of digits, a real minus sign."""

import math

MINUS = "−"
FIGURE_SPACE = "\u2007"
NOTHING = "—"
DIGITS = 4
DECIMALS = 5
SMALL, LARGE = 1e-4, 1e6


def figure(value: float) -> str:
    """`value` to four significant digits and at most five decimals: 0.7058, 2.399, 0.00201; 1.2e−9 where it is tiny.

    nan is a dash, infinity its sign.
    """
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    size = abs(value)
    if size == 0:
        return "0"
    if size < SMALL or size >= LARGE:
        return scientific(value)
    before = math.floor(math.log10(size)) + 1
    return _minus(f"{value:.{min(DECIMALS, max(0, DIGITS - before))}f}")


def scientific(value: float, decimals: int = 1) -> str:
    """`value` as 1.2e−9."""
    digits, _, exponent = f"{value:.{decimals}e}".partition("e")
    return _minus(f"{digits}e{int(exponent)}")


def signed(value: float, decimals: int = 3) -> str:
    """`value` with room for its sign, so that a column of them does not move: −0.231, 0.950."""
    if not math.isfinite(value):
        return FIGURE_SPACE + figure(value)
    text = f"{abs(value):.{decimals}f}"
    negative = value < 0 and float(text) != 0
    return (MINUS if negative else FIGURE_SPACE) + text


def timestep(t: float) -> str:
    """A timestep: whole where it is, else to one decimal."""
    return str(int(t)) if t == int(t) else f"{t:.1f}"


def percent(share: float) -> str:
    """A share as a whole percentage; neither 0 nor 100 where it is not quite."""
    rounded = round(100 * share)
    if rounded == 100 and share < 0.9995:
        return ">99 %"
    if rounded == 0 and share > 0:
        return "<1 %"
    return f"{rounded} %"


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
