"""Measuring a network for points in the plane: where its particles arrive, beside those of the exact score."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from diffviz.domain.cards import Card
from diffviz.domain.evaluation import EvaluateRequest
from diffviz.domain.messages import RunInputs
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.samplers import SAMPLERS
from diffviz.domain.settings import variant_key
from diffviz.engine.engine import LocalEngine
from diffviz.families.planar import data_of
from diffviz.theory.gan.distributions import Coverage, coverage, mixture_of, modes_of

MOST = 2000


def evaluate(card: Card, request: EvaluateRequest) -> dict[str, Any]:
    """Figures of `card` for its card.

    `within_3_deviations` and `modes` are the quality and the covered modes of `theory.gan.distributions.Coverage`, of
    the network's particles, of those of the exact score with the same sampler, and of as many draws of the data.
    `noise_error` is the root mean square of ε̂ − E[ε | x_t] at the exact particles, over all visited t.
    """
    count, cards = min(MOST, request.samples), {card.id: card}
    asked = PlanarRequest(
        model=card.id, sampler=request.sampler, steps=request.steps, particles=count, seed=request.seed
    )
    made: list[Any] = list(LocalEngine(cards, "cpu").frames(asked, RunInputs()))
    data, last = data_of(asked, cards), made[-1]
    draws = mixture_of(data).sample(count, np.random.default_rng(request.seed))
    modes = modes_of(data)
    found: dict[str, Coverage] = {"exact": coverage(last.x, modes), "data": coverage(draws, modes)}
    if last.learnt_x is not None:
        found = {"network": coverage(last.learnt_x, modes), **found}
    errors = [(frame.sigma * frame.error) ** 2 for frame in made[:-1]]
    return {
        "sampler": variant_key(SAMPLERS, request.sampler),
        "settings": dataclasses.asdict(request.sampler),
        "steps": request.steps,
        "seed": request.seed,
        "particles": count,
        "within_3_deviations": {name: each.quality for name, each in found.items()},
        "modes": {**{name: each.covered for name, each in found.items()}, "of": modes.count},
        "noise_error": float(np.sqrt(np.mean(errors))),
    }
