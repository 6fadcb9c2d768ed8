"""Numbers, bytes, seconds and rates as they are written everywhere on the screen."""

from __future__ import annotations

import math

from diffviz.domain.text import tr

MINUS = "−"
FIGURE_SPACE = "\u2007"
NOTHING = "—"
DIGITS = 4
DECIMALS = 5
SMALL, LARGE = 1e-4, 1e6
HUNDRED = 100


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
    """A time of diffusion: whole where it is, else to three digits or one decimal: 360, 0.36, 12.4, 0.002."""
    return str(int(t)) if t == int(t) else f"{t:.1f}" if t >= HUNDRED else f"{t:.3g}"


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


UNITS = ("B", "kB", "MB", "GB", "TB")
THOUSAND = 1000
MINUTE = 60
HOUR = 3600


def size(nbytes: int) -> str:
    """Bytes with two digits or more, in powers of a thousand."""
    value, unit = float(nbytes), 0
    while value >= THOUSAND - 0.5 and unit < len(UNITS) - 1:
        value, unit = value / THOUSAND, unit + 1
    return _together(f"{quantity(value)} {UNITS[unit]}" if unit else f"{nbytes} B")


def duration(seconds: float) -> str:
    """Seconds below a minute, then minutes and seconds, then hours and minutes."""
    if seconds < MINUTE - 0.5:
        return _together(tr("{n} s").format(n=quantity(seconds)))
    whole = round(seconds)
    if whole < HOUR:
        return _together(tr("{m} min {s} s").format(m=whole // MINUTE, s=whole % MINUTE))
    return _together(tr("{h} h {m} min").format(h=whole // HOUR, m=whole % HOUR // MINUTE))


def quantity(value: float) -> str:
    """One decimal below 10, else a whole number with thousands separators."""
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def _together(text: str) -> str:
    """A line may not break between a number and its unit."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")
