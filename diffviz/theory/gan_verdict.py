"""The verdict on a GAN's training: a table of rules over the evaluations so far. The first that holds is given.

Equilibrium is said only where the best possible D's accuracy is known and near ½ and D is within its interval of it;
an accuracy of 50 % alone never is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from diffviz.domain.gan import GanFrame
from diffviz.domain.gan_curves import covered
from diffviz.domain.gan_verdicts import Verdict

NEAR = 0.04
WINDOW = 5
MOST = 4
WINS = 0.95
CHANCE = 0.02
LAG = 0.05
FEW = 0.5
SWING = 0.15
REVERSALS = 3
LOOK_BACK = 16
HALF = 0.5
UNSURE = 0.05

Frames = Sequence[GanFrame]


def verdict(frames: Frames) -> Verdict:
    """What the evaluations `frames` of one run, oldest first and up to the cursor, say; "undetermined" for none."""
    if not frames:
        return Verdict("undetermined", MappingProxyType({"accuracy": math.nan, "low": math.nan, "high": math.nan}))
    kind = next((kind for kind, holds in RULES if holds(frames)), "undetermined")
    evidence = _evidence(frames)
    if kind == "drifting":
        evidence["since"] = _since(frames) or 0.0
    return Verdict(kind, MappingProxyType(evidence))


def known(frame: GanFrame) -> bool:
    """Whether the best possible D's accuracy is known: in two dimensions."""
    return math.isfinite(frame.best)


def at_bound(frame: GanFrame) -> bool:
    """Whether D's interval holds the best possible accuracy."""
    return frame.low <= frame.best <= frame.high


def near(frame: GanFrame) -> bool:
    """Whether the best possible accuracy is near ½, with no mode missing."""
    return frame.best <= HALF + NEAR and frame.covered == len(frame.per_mode)


def settled(frame: GanFrame) -> bool:
    """Whether this one evaluation is as at equilibrium."""
    return known(frame) and at_bound(frame) and near(frame)


def untrained(frames: Frames) -> bool:
    """Nothing was updated yet, or D has in its first evaluations not once been better than chance."""
    if frames[-1].updated == 0:
        return True
    fresh = frames[0].updated == 0 and len(frames) <= WINDOW
    return fresh and not settled(frames[-1]) and all(frame.low <= HALF + CHANCE for frame in frames)


def d_wins(frames: Frames) -> bool:
    """D has been right nearly always in the last evaluations."""
    return all(frame.accuracy >= WINS for frame in frames[-WINDOW:]) and len(frames) >= MOST


def equilibrium(frames: Frames) -> bool:
    """This evaluation is as at equilibrium, and most of the last ones are: it is not by chance."""
    recent = frames[-WINDOW:]
    return settled(frames[-1]) and 2 * sum(map(settled, recent)) > len(recent)


def drifting(frames: Frames) -> bool:
    """It was at equilibrium earlier in this run, and by now the best possible D is above ½ most of the time."""
    return _bad(frames) and _since(frames) is not None


def oscillating(frames: Frames) -> bool:
    """D's accuracy on generated samples went up and down several times, far, and the samples are bad or not known."""
    count, size = _swings(frames)
    good = known(frames[-1]) and any(f.best <= HALF + 2 * NEAR for f in frames[-WINDOW:])
    return count >= REVERSALS and size >= SWING and not good


def collapse(frames: Frames) -> bool:
    """Most modes (or classes) have been missing for some time, and in two dimensions D is below its bound."""
    recent = frames[-2 * WINDOW :]
    few = [f for f in recent if len(f.per_mode) > 1 and covered(f) <= FEW * len(f.per_mode)]
    missed = not known(frames[-1]) or lagging(frames)
    return len(recent) == len(few) == 2 * WINDOW and missed


def lagging(frames: Frames) -> bool:
    """D has been below the best possible accuracy by more than its interval in most of the last evaluations."""
    recent = frames[-WINDOW:]
    below = [f for f in recent if f.high < f.best and f.best - f.accuracy >= LAG]
    return len(recent) == WINDOW and len(below) >= MOST


def d_lags(frames: Frames) -> bool:
    """D is near chance while the samples are bad, and they are not getting better."""
    recent = frames[-WINDOW:]
    return (
        _bad(frames)
        and lagging(frames)
        and sum(f.accuracy <= HALF + LAG for f in recent) >= MOST
        and not improving(frames)
    )


def cannot_tell(frames: Frames) -> bool:
    """The bound is not known, and D's interval holds ½ (or lies below it) in most of the last evaluations."""
    recent = frames[-WINDOW:]
    return not known(frames[-1]) and sum(f.low <= HALF for f in recent) >= min(MOST, len(recent))


def learning(frames: Frames) -> bool:
    """D is better than chance, or the samples come nearer to the data."""
    return frames[-1].low > HALF or improving(frames)


def improving(frames: Frames) -> bool:
    """Whether the best possible accuracy has fallen over the last evaluations; too few of them count as yes."""
    recent, before = frames[-WINDOW:], frames[-2 * WINDOW : -WINDOW]
    if len(before) < WINDOW:
        return True
    if known(frames[-1]):
        return _mean([f.best for f in recent]) < _mean([f.best for f in before]) - 0.01
    return _mean([covered(f) for f in recent]) > _mean([covered(f) for f in before])


RULES: tuple[tuple[str, Callable[[Frames], bool]], ...] = (
    ("untrained", untrained),
    ("equilibrium", equilibrium),
    ("d_wins", d_wins),
    ("drifting", drifting),
    ("collapse", collapse),
    ("oscillating", oscillating),
    ("d_lags", d_lags),
    ("cannot_tell", cannot_tell),
    ("learning", learning),
)


def _bad(frames: Frames) -> bool:
    """Whether the samples are known not to be like the data in this evaluation and most of the last ones."""
    recent = frames[-WINDOW:]
    few = 2 * sum(map(near, recent)) < len(recent)
    return known(frames[-1]) and not near(frames[-1]) and few


def _evidence(frames: Frames) -> dict[str, float]:
    newest, recent = frames[-1], frames[-LOOK_BACK:]
    reversals, swing = _swings(frames)
    largest = max((f.gradient for f in frames if math.isfinite(f.gradient)), default=0.0)
    found = {
        "accuracy": newest.accuracy,
        "low": newest.low,
        "high": newest.high,
        "best": newest.best,
        "quality": newest.quality,
        "covered": float(covered(newest)),
        "modes": float(len(newest.per_mode)),
        "gradient": newest.gradient / largest if largest > 0 else math.nan,
        "evaluations": float(len(recent)),
        "reversals": float(reversals),
        "swing": swing,
    }
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _since(frames: Frames) -> float | None:
    """Training steps since the newest stretch of evaluations as at equilibrium; None where there was none."""
    for end in range(len(frames), 0, -1):
        if frames[end - 1].updated > 0 and equilibrium(frames[max(0, end - WINDOW) : end]):
            return frames[-1].position - frames[end - 1].position
    return frames[-1].position - frames[0].position if settled(frames[0]) and frames[0].updated == 0 else None


def _swings(frames: Frames) -> tuple[int, float]:
    """Reversals of D's accuracy on generated samples by more than `SWING`, and the largest way between two of them."""
    turns = [_on_fake(frames[max(0, len(frames) - LOOK_BACK)])]
    for value in map(_on_fake, frames[-LOOK_BACK:]):
        if len(turns) > 1 and (turns[-1] - turns[-2]) * (value - turns[-1]) >= 0:
            turns[-1] = value  # on in the same direction
        elif abs(value - turns[-1]) >= SWING:
            turns.append(value)
    return max(0, len(turns) - 2), max((abs(b - a) for a, b in pairwise(turns)), default=0.0)


def _on_fake(frame: GanFrame) -> float:
    """D's accuracy on generated samples; ½ where it hardly decides: a constant about ½ is right always or never."""
    sure = float(np.abs(frame.d_fake - np.float32(frame.threshold)).mean()) >= UNSURE
    return frame.accuracy_fake if sure else HALF


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
