"""Verdicts on a GAN's training: why D is as accurate as it is. The rules are in `diffviz.theory.gan.verdict`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from diffviz.domain.text import mark as _
from diffviz.domain.text import tr


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is the matter, by its `kind` (a key of `LABELS`), and the figures that say so.

    `evidence` has, where they are known: `accuracy`, `low`, `high` (D and its 95 % interval), `best` (the best possible
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
        case _:
            return tr("No rule fits: D is right {accuracy} of the time (95 %: {low} to {high}).")


def _learning(plane: bool) -> str:
    if plane:
        return tr("D is right {accuracy} of the time, the best possible D would be {best}: there is more to learn.")
    return tr("D is right {accuracy} of the time (95 %: {low} to {high}): it still tells the samples from real images.")


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
_SHARES = ("accuracy", "low", "high", "best", "quality", "gradient", "swing")


_COUNTS = ("covered", "modes", "evaluations", "reversals", "since")
_UNKNOWN = "—"


def _words(evidence: Mapping[str, float]) -> dict[str, str]:
    """What a sentence has in place of each name; a dash where the figure is not known."""
    known = {name: f"{value:.1%}" if name in _SHARES else f"{value:,.0f}" for name, value in evidence.items()}
    return dict.fromkeys((*_SHARES, *_COUNTS), _UNKNOWN) | known
