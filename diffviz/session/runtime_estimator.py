"""What runs have cost so far on this machine, to say beforehand what the next one will."""

from __future__ import annotations

from diffviz.domain.plan import Plan
from diffviz.domain.requests import Request
from diffviz.families import family_of
from diffviz.session.run import Run

FEW_FRAMES = 3


class RuntimeEstimator:
    """Measured seconds per network evaluation, by model and number of samples."""

    def __init__(self) -> None:
        self._seconds: dict[str, dict[int, float]] = {}

    def observe(self, run: Run) -> None:
        """Learn from what `run` has computed so far."""
        family = family_of(run.request)
        model = family.networks(run.request)
        frames = len(run.store)
        if not model or frames < FEW_FRAMES or run.seconds <= 0:
            return
        per_frame = run.plan.evaluations / max(1, len(run.plan.positions) - 1)
        evaluations = per_frame * frames
        self._seconds.setdefault(model, {})[family.samples(run.request)] = run.seconds / max(1.0, evaluations)

    def estimate(self, request: Request, plan: Plan) -> float | None:
        """Seconds that `request` will take; None where nothing like it was measured yet."""
        known = self._seconds.get(family_of(request).networks(request))
        if not known or not plan.evaluations:
            return None
        samples = family_of(request).samples(request)
        nearest = min(known, key=lambda n: abs(n - samples))
        larger = max(1.0, samples / nearest)
        return known[nearest] * larger * plan.evaluations
