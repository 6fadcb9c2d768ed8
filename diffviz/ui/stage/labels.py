"""Words under a sample: the class that was asked for, the class that a classifier sees, the loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diffviz.domain.queries import Recognised
from diffviz.domain.text import tr
from diffviz.ui.views.figures import NOTHING, figure, percent

TICK, CROSS = "✓", "✗"


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands under one sample.

    `asked` and `seen` are class names, None where nothing was asked or recognised; `share` is p(seen | x). `stale`
    says that it was recognised at another timestep than the one shown.
    """

    asked: str | None
    seen: str | None = None
    share: float = 0.0
    stale: bool = False

    @property
    def agrees(self) -> bool | None:
        """Whether what was asked for is seen; None where there is nothing to compare."""
        return None if self.asked is None or self.seen is None else self.asked == self.seen

    @property
    def mark(self) -> str:
        """A tick, a cross, or nothing where there is nothing to compare."""
        return {True: TICK, False: CROSS, None: ""}[self.agrees]

    def sentence(self) -> str:
        """All of it: asked Bag · seen Bag 98 %."""
        seen = tr("seen {name} {percent}").format(name=self.seen, percent=percent(self.share)) if self.seen else ""
        asked = tr("asked {name}").format(name=self.asked) if self.asked else ""
        return " · ".join(part for part in (asked, seen) if part)

    def meaning(self) -> str:
        """What these words say, in a sentence: the legend of the caption."""
        if self.seen is None:
            text = tr("{asked} is the class that the model was asked for.") if self.asked else ""
            return text.format(asked=self.asked)
        if self.agrees is None:
            text = tr("A classifier sees {seen} in this picture, with p(y | x) = {share}; no class was asked for.")
        elif self.agrees:
            text = tr("✓: the model was asked for {asked}, and a classifier sees it, with p(y | x) = {share}.")
        else:
            text = tr("✗: the model was asked for {asked}, but a classifier sees {seen}, with p(y | x) = {share}.")
        found = text.format(asked=self.asked, seen=self.seen, share=percent(self.share))
        return f"{found} {was_before()}" if self.stale else found

    def wordings(self) -> tuple[str, ...]:
        """The same in fewer and fewer words, the fullest first; the last fits anywhere."""
        if self.seen is None:
            return tuple(dict.fromkeys((self.sentence(), self.asked or "")))
        mark = f"{self.mark} " if self.mark else ""
        share = percent(self.share)
        return (f"{mark}{self.sentence()}", f"{mark}{self.seen} {share}", f"{mark}{share}", self.mark)


def labels_of(asked: tuple[str | None, ...], seen: Recognised | None, stale: bool = False) -> tuple[Caption, ...]:
    """One label per sample, `asked` already translated; `seen` is left out where it is of another number of samples."""
    if seen is None or len(seen.probabilities) != len(asked):
        return tuple(Caption(name) for name in asked)
    best = np.argmax(seen.probabilities, axis=1)
    return tuple(
        Caption(name, tr(seen.classes[int(at)]), float(row[at]), stale)
        for name, at, row in zip(asked, best, seen.probabilities, strict=True)
    )


def was_before() -> str:
    """Said of what was recognised at another timestep than the one shown."""
    return tr("This was at another timestep than the one shown.")


def loss_meaning() -> str:
    """What the loss under a sample is, in a sentence."""
    return tr(
        "The simple loss of this sample at this t: the mean of (ε − ε̂)² over its pixels (Ho et al. 2020, eq. 14)."
    )


def loss_wordings(loss: float) -> tuple[str, ...]:
    """The simple loss of one sample, in fewer and fewer words."""
    value, short = (NOTHING, NOTHING) if math.isnan(loss) else (figure(loss), f"{loss:.2f}")
    return (tr("simple loss {value}").format(value=value), tr("loss {value}").format(value=value), value, short, "")
