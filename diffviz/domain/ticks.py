"""Round numbers for axes."""

import math


def round_step(span: float, count: float) -> float:
    """1, 2 or 5 times a power of ten: the smallest that divides `span` into no more than `count` parts."""
    rough = span / max(count, 1e-9)
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next((power * n for n in (1, 2, 5) if power * n >= rough * 0.999), power * 10)


def ticks(low: float, high: float, step: float) -> list[float]:
    """Multiples of `step` from `low` to `high`, both included."""
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [i * step for i in range(first, last + 1)]
