"""What a measurement of the objective has come to so far, in words."""

from __future__ import annotations

import math

from diffviz.domain.cards import Card
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.objective_curves import WAYS, ObjectiveTerms
from diffviz.domain.requests import NO_CLASS, Image
from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.ui.forms.naming import class_name
from diffviz.ui.views.figures import figure


def setup(request: ObjectiveRequest, card: Card | None) -> str:
    """What `request` measures, and how: pictures, class, variance, clipping, draws."""
    parts = [pictures_text(request)]
    if card is not None and card.conditional:
        parts.append(class_name(request.label, card.classes))
    parts.append("σ_t² = β̃_t" if request.variance == "posterior" else "σ_t² = β_t")
    parts.append(tr("x̂_0 clipped") if request.clip else tr("x̂_0 not clipped"))
    parts.append(tr("{n} draws").format(n=request.draws))
    if request.every > 1:
        parts.append(tr("every {n} t").format(n=request.every))
    return " · ".join(parts)


def pictures_text(request: ObjectiveRequest) -> str:
    """How many pictures `request` is about."""
    count = len(request.start.sha256) if isinstance(request.start, Image) else 0
    return tr("1 picture") if count == 1 else tr("{n} pictures").format(n=count)


def verdict(run: Run, terms: ObjectiveTerms, card: Card | None) -> str:
    """What a finished measurement says, and of which pictures."""
    request = run.request
    assert isinstance(request, ObjectiveRequest)
    total, low, high = (float(ends[-1]) for ends in (terms.total.mean, terms.total.low, terms.total.high))
    every = request.every == 1 and len(run.store) == len(run.plan.positions)
    rest = tr("L_T {prior}, L_0 {first} bits/dim; {setup}.").format(
        prior=figure(terms.prior), first=figure(float(terms.term.mean[0])), setup=setup(request, card)
    )
    if not every or math.isnan(total):
        return tr("Terms of a part of the timesteps: their sum bounds nothing.") + " " + rest
    what = "−log p(x_0)" if request.label == NO_CLASS else "−log p(x_0 | y)"
    text = tr("Bound on {what}: {total} bits/dim (95 %: {low} to {high}, of the noise drawn; mean over the pictures).")
    bound = text.format(what=what, total=f"{total:.3f}", low=f"{low:.3f}", high=f"{high:.3f}")
    return f"{bound} {rest} {tr(WAYS)}"
