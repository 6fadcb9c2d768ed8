"""Bytes, seconds and rates as people read them."""

from __future__ import annotations

from diffviz.domain.text import tr

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
