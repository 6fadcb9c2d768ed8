"""Verdicts on a GAN's training: why D is as accurate as it is. The rules are in `diffviz.theory.gan_verdict`.

What D says as a leaning, from −1, surely generated, to 1, surely real: the scale of its colours, for every picture.

The loss decides whether D's answer is a probability, and so how far from its threshold it is sure; the answers do not:
a critic's may happen to lie between 0 and 1. A WGAN critic is never sure, and is measured by its own answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from diffviz.domain.arrays import F64
from diffviz.domain.gan import GanFrame
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is the matter, by its `kind` (a key of `LABELS`), and the figures that say so.

    `evidence` has, where they are known: `accuracy`, `low`, `high` (D and its 95 % interval), `real` and `fake` (D on
    samples of each kind), `best` (the best possible
    D), `covered` and `modes`, `quality`, `gradient` (the one G receives, as a share of the largest of this run),
    `evaluations` (how many the rule looked at), `reversals` and `swing` (how often and how far D's accuracy on
    generated samples went up and down), `since` (training steps since equilibrium was last seen).
    """

    kind: str
    evidence: Mapping[str, float] = field(default_factory=dict)


LABELS: Mapping[str, str] = MappingProxyType(
    {
        "untrained": _("Untrained"),
        "learning": _("Learning"),
        "d_wins": _("D wins"),
        "equilibrium": _("Equilibrium"),
        "collapse": _("Mode collapse"),
        "d_lags": _("D lags behind"),
        "oscillating": _("Oscillating"),
        "drifting": _("Drifting after equilibrium"),
        "cannot_tell": _("This D cannot tell"),
        "one_answer": _("D says one thing of all"),
        "undetermined": _("Undetermined"),
    }
)


def label(verdict: Verdict) -> str:
    """The verdict in a word or two, translated."""
    return tr(LABELS[verdict.kind])


def explanation(verdict: Verdict) -> str:
    """The verdict in one or two translated sentences, with its evidence."""
    return _template(verdict).format(**_words(verdict.evidence))


def _template(verdict: Verdict) -> str:
    plane = "best" in verdict.evidence
    match verdict.kind:
        case "untrained":
            return tr("D has not learnt anything yet: its {accuracy} says nothing about the samples.")
        case "learning":
            return _learning(plane)
        case "d_wins":
            return _d_wins(verdict.evidence)
        case "equilibrium":
            return tr(
                "The best possible D would be right {best} of the time, and this D is right {accuracy} "
                "(95 %: {low} to {high}): the samples are as good as real ones, D can only guess."
            )
        case "collapse":
            return _collapse(plane)
        case "d_lags":
            return tr(
                "D is right only {accuracy} of the time, but the best possible D would be right {best}: the samples "
                "are not like the data, this D does not see it."
            )
        case "oscillating":
            return tr(
                "D's accuracy on generated samples went up and down {reversals} times, by up to {swing}: G and D chase "
                "each other."
            )
        case "drifting":
            return tr(
                "It was at equilibrium {since} steps ago; now the best possible D would be right {best} of the time. "
                "At equilibrium the feedback is noise only, nothing holds G there."
            )
        case "cannot_tell":
            return tr(
                "This D is right {accuracy} of the time (95 %: {low} to {high}), no better than guessing. How good the "
                "best possible D would be is not known for images: the samples may be good, or this D may be weak."
            )
        case "one_answer":
            return _one_answer(plane)
        case _:
            return _undetermined(plane)


def _undetermined(plane: bool) -> str:
    if plane:
        return tr(
            "Not decided yet: D is right {accuracy} of the time (95 %: {low} to {high}), which may be chance, where "
            "the best possible D would be right {best}. Whether this D lags behind or is on its way shows in the next "
            "evaluations."
        )
    return tr(
        "Not decided yet: D is right {accuracy} of the time (95 %: {low} to {high}), which may be chance, and the last "
        "evaluations point both ways. The next ones will tell."
    )


def _learning(plane: bool) -> str:
    if plane:
        return tr("D is right {accuracy} of the time, the best possible D would be {best}: there is more to learn.")
    return tr("D is right {accuracy} of the time (95 %: {low} to {high}): it still tells the samples from real images.")


def _one_answer(plane: bool) -> str:
    said = tr("D says the same of nearly everything: it is right on {real} of real and on {fake} of generated samples.")
    if plane:
        return said + " " + tr("So its {accuracy} says nothing about them; the best possible D would be right {best}.")
    return said + " " + tr("So its {accuracy} says nothing about the samples.")


def _d_wins(evidence: Mapping[str, float]) -> str:
    if evidence.get("gradient", 1.0) < VANISHED:
        return tr(
            "D is right {accuracy} of the time, and the gradient that G receives has shrunk to {gradient} of its "
            "largest: G no longer learns."
        )
    return tr(
        "D is right {accuracy} of the time. The gradient that G receives is still {gradient} of its largest, so G can "
        "learn from it."
    )


def _collapse(plane: bool) -> str:
    if plane:
        return tr(
            "The samples lie on {covered} of {modes} modes. The best possible D would be right {best} of the time; "
            "this one, right {accuracy} of the time, lags behind."
        )
    return tr("The classifier sees {covered} of {modes} classes among the samples: G makes only some of the data.")


VANISHED = 0.1
_SHARES = ("accuracy", "real", "fake", "low", "high", "best", "quality", "gradient", "swing")


_COUNTS = ("covered", "modes", "evaluations", "reversals", "since")
_UNKNOWN = "—"


def _words(evidence: Mapping[str, float]) -> dict[str, str]:
    """What a sentence has in place of each name; a dash where the figure is not known."""
    known = {name: f"{value:.1%}" if name in _SHARES else f"{value:,.0f}" for name, value in evidence.items()}
    return dict.fromkeys((*_SHARES, *_COUNTS), _UNKNOWN) | known


PROBABILITIES = frozenset({"saturating", "non_saturating"})
"""Losses whose D says a probability."""
REACHES: Mapping[str, float] = MappingProxyType(
    {"saturating": 0.5, "non_saturating": 0.5, "least_squares": 0.5, "hinge": 1.0}
)
"""How far from the threshold D is sure, by loss; a WGAN critic has no such value."""
MOST = 0.9


@dataclass(frozen=True, slots=True)
class Leaning:
    """Answers `centre` ± `reach` as −1 … 1; `bounded` where they are probabilities."""

    centre: float = 0.5
    reach: float = 0.5
    bounded: bool = True

    def of(self, answers: ArrayLike) -> F64:
        """The leanings of `answers`, in their shape; 0 where one is not a number."""
        shares = (np.asarray(answers, np.float64) - self.centre) / self.reach
        found: F64 = np.clip(np.nan_to_num(shares, nan=0.0), -1, 1)
        return found


def leaning(loss: str, frame: GanFrame, reach: float | None = None) -> Leaning:
    """How what D says in `frame` is to be coloured; `reach` is that of a film, see `reach_of`."""
    bounded = loss in PROBABILITIES
    return Leaning(0.5 if bounded else frame.threshold, reach or reach_of(loss, (frame,)), bounded)


def reach_of(loss: str, frames: Iterable[GanFrame]) -> float:
    """How far from the threshold D is sure, one for all `frames`; of a critic what nine in ten answers keep within."""
    if loss in REACHES:
        return REACHES[loss]
    gaps = [np.abs(np.concatenate([frame.d_real, frame.d_fake]) - frame.threshold) for frame in frames]
    known = np.concatenate([np.empty(0), *(gap[np.isfinite(gap)] for gap in gaps)])
    return max(float(np.quantile(known, MOST)) if len(known) else 1.0, 1e-6)
