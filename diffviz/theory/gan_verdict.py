"""The verdict on a GAN's training: a table of rules over the evaluations so far. The first that holds is given.

Equilibrium is said only where the best possible D's accuracy is known and near ½ and D is within its interval of it;
an accuracy of 50 % alone never is.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from diffviz.domain.gan import GanFrame
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


@dataclass(frozen=True, slots=True)
class Past:
    """What a verdict needs of all evaluations of a run so far; of the others it looks at the last few only.

    `largest` is the largest gradient that G received, 0 for none. `settled` is the position of the newest stretch of
    evaluations as at equilibrium, or of a beginning there; nan where there was none.
    """

    largest: float = 0.0
    settled: float = math.nan


class PastReader:
    """Reads the evaluations of a run one after the other, oldest first, each in the same time."""

    def __init__(self) -> None:
        self._recent: deque[GanFrame] = deque(maxlen=WINDOW)
        self._past = Past()

    def take(self, frame: GanFrame) -> Past:
        """The past up to and with the next `frame`."""
        first = not self._recent
        self._recent.append(frame)
        begins = first and settled(frame) and frame.updated == 0
        if begins or (frame.updated > 0 and equilibrium(tuple(self._recent))):
            self._past = replace(self._past, settled=frame.position)
        if self._past.largest < frame.gradient < math.inf:
            self._past = replace(self._past, largest=frame.gradient)
        return self._past


def verdict(frames: Frames, past: Past | None = None) -> Verdict:
    """What the evaluations `frames` of one run, oldest first and up to the cursor, say; "undetermined" for none.

    `past` is what a `PastReader` says of all of them; without it they are read.
    """
    if not frames:
        return Verdict("undetermined", MappingProxyType({"accuracy": math.nan, "low": math.nan, "high": math.nan}))
    known_past = past_of(frames) if past is None else past
    last = frames[-LOOK_BACK:]  # no rule looks further back, but for the past
    kind = next((kind for kind, holds in RULES if holds(last, known_past)), "undetermined")
    evidence = _evidence(last, known_past)
    if kind == "drifting":
        evidence["since"] = last[-1].position - known_past.settled
    return Verdict(kind, MappingProxyType(evidence))


def past_of(frames: Frames) -> Past:
    """The past of all `frames`, read anew."""
    reader, past = PastReader(), Past()
    for frame in frames:
        past = reader.take(frame)
    return past


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


def drifting(frames: Frames, past: Past) -> bool:
    """It was at equilibrium earlier in this run, and by now the best possible D is above ½ most of the time."""
    return _bad(frames) and not math.isnan(past.settled)


def oscillating(frames: Frames) -> bool:
    """D's accuracy on generated samples went up and down several times, far, and the samples are bad or not known."""
    count, size = _swings(frames)
    good = known(frames[-1]) and any(f.best <= HALF + 2 * NEAR for f in frames[-WINDOW:])
    return count >= REVERSALS and size >= SWING and not good


def collapse(frames: Frames) -> bool:
    """Most modes (or classes) have been missing for some time, and in two dimensions D is below its bound."""
    recent = frames[-2 * WINDOW :]
    few = [f for f in recent if len(f.per_mode) > 1 and f.covered_modes <= FEW * len(f.per_mode)]
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


def one_answer(frames: Frames) -> bool:
    """D has said the same of nearly everything, real or generated, in most of the last evaluations."""
    recent = frames[-WINDOW:]
    return sum(map(_same_of_all, recent)) >= min(MOST, len(recent))


def _same_of_all(frame: GanFrame) -> bool:
    """Whether D is right on nearly all of one kind and on next to none of the other."""
    rare, often = sorted((frame.accuracy_real, frame.accuracy_fake))
    return rare <= 1 - WINS and often >= WINS


def improving(frames: Frames) -> bool:
    """Whether the best possible accuracy has fallen over the last evaluations; too few of them count as yes."""
    recent, before = frames[-WINDOW:], frames[-2 * WINDOW : -WINDOW]
    if len(before) < WINDOW:
        return True
    if known(frames[-1]):
        return _mean([f.best for f in recent]) < _mean([f.best for f in before]) - 0.01
    return _mean([f.covered_modes for f in recent]) > _mean([f.covered_modes for f in before])


def _of_frames(holds: Callable[[Frames], bool]) -> Callable[[Frames, Past], bool]:
    """A rule that looks at the last evaluations only."""
    return lambda frames, _past: holds(frames)


RULES: tuple[tuple[str, Callable[[Frames, Past], bool]], ...] = (
    ("untrained", _of_frames(untrained)),
    ("equilibrium", _of_frames(equilibrium)),
    ("d_wins", _of_frames(d_wins)),
    ("drifting", drifting),
    ("collapse", _of_frames(collapse)),
    ("oscillating", _of_frames(oscillating)),
    ("d_lags", _of_frames(d_lags)),
    ("cannot_tell", _of_frames(cannot_tell)),
    ("learning", _of_frames(learning)),
    ("one_answer", _of_frames(one_answer)),
)


def _bad(frames: Frames) -> bool:
    """Whether the samples are known not to be like the data in this evaluation and most of the last ones."""
    recent = frames[-WINDOW:]
    few = 2 * sum(map(near, recent)) < len(recent)
    return known(frames[-1]) and not near(frames[-1]) and few


def _evidence(frames: Frames, past: Past) -> dict[str, float]:
    newest, recent = frames[-1], frames[-LOOK_BACK:]
    reversals, swing = _swings(frames)
    found = {
        "accuracy": newest.accuracy,
        "real": newest.accuracy_real,
        "fake": newest.accuracy_fake,
        "low": newest.low,
        "high": newest.high,
        "best": newest.best,
        "quality": newest.quality,
        "covered": float(newest.covered_modes),
        "modes": float(len(newest.per_mode)),
        "gradient": newest.gradient / past.largest if past.largest > 0 else math.nan,
        "evaluations": float(len(recent)),
        "reversals": float(reversals),
        "swing": swing,
    }
    return {name: value for name, value in found.items() if math.isfinite(value)}


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
