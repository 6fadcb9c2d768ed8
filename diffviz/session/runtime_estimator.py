"""What runs have cost so far on this machine, to say beforehand what the next one will."""

from __future__ import annotations

from diffviz.domain.gan import GanRequest, planar
from diffviz.domain.objective import MOST_ROWS, ObjectiveRequest
from diffviz.domain.plan import Plan
from diffviz.domain.requests import ForwardRequest, Image, Request
from diffviz.session.run import Run

FEW_FRAMES = 3


class RuntimeEstimator:
    """Measured seconds per network evaluation, by model and number of samples."""

    def __init__(self) -> None:
        self._seconds: dict[str, dict[int, float]] = {}

    def observe(self, run: Run) -> None:
        """Learn from what `run` has computed so far."""
        model = networks_of(run.request)
        frames = len(run.store)
        if not model or frames < FEW_FRAMES or run.seconds <= 0:
            return
        per_frame = run.plan.evaluations / max(1, len(run.plan.positions) - 1)
        evaluations = per_frame * frames
        self._seconds.setdefault(model, {})[samples_of(run.request)] = run.seconds / max(1.0, evaluations)

    def estimate(self, request: Request, plan: Plan) -> float | None:
        """Seconds that `request` will take; None where nothing like it was measured yet."""
        known = self._seconds.get(networks_of(request))
        if not known or not plan.evaluations:
            return None
        samples = samples_of(request)
        nearest = min(known, key=lambda n: abs(n - samples))
        larger = max(1.0, samples / nearest)
        return known[nearest] * larger * plan.evaluations


def networks_of(request: Request) -> str:
    """A name for the networks that `request` computes with; trainings with networks alike have the same."""
    if isinstance(request, GanRequest):
        return f"gan/{'points' if planar(request) else request.data}/{request.capacity}"
    return getattr(request, "model", None) or ""


def samples_of(request: Request) -> int:
    """How many images `request` computes at once."""
    if isinstance(request, ObjectiveRequest):
        pictures = max(1, len(request.start.sha256)) if isinstance(request.start, Image) else 1
        return pictures * min(request.draws, max(1, MOST_ROWS // pictures))
    if isinstance(request, ForwardRequest):
        return len(request.start.sha256) if isinstance(request.start, Image) else 1
    if isinstance(request, GanRequest):
        return request.batch
    return int(getattr(request, "samples", 1))
