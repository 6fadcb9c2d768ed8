"""An engine that can run the bare sampler loop: the same evaluations, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator

from diffviz.domain.cards import card_of
from diffviz.domain.frames import Checkpoint, Frame, ReverseFrame
from diffviz.domain.messages import Later, RunInputs
from diffviz.domain.requests import Plan, Request, ReverseRequest, labels_of
from diffviz.domain.sampling import Ddim
from diffviz.engine import device_context
from diffviz.engine.denoiser import visits_of
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families import reverse
from diffviz.engine.samplers import ddim
from diffviz.engine.tensors import array, tensor
from diffviz.families import plan_of


class Probe(LocalEngine):
    """Computes runs; while `bare`, a DDIM run without noise yields its last frame only."""

    bare = False

    def frames(
        self, request: Request, materials: RunInputs, plan: Plan | None = None
    ) -> Iterator[Frame | Checkpoint | Later]:
        """As the engine does, or the bare loop."""
        if self.bare and isinstance(request, ReverseRequest):
            yield self._loop(request)
        else:
            yield from super().frames(request, materials, plan)

    def _loop(self, request: ReverseRequest) -> ReverseFrame:
        card, device = card_of(request.model, self._cards), device_context.choose("cpu")
        path = visits_of(plan_of(request, self._cards))
        labels = labels_of(request.label, request.samples, len(card.classes))
        denoise = self.models.denoiser(card, labels, request.guidance, clip=request.clip)
        x = tensor(reverse.beginning(request, card.shape, None), device)
        for step in ddim(denoise, x, path, Ddim(0.0), lambda _: x):
            last = step
        return ReverseFrame(0.0, 1.0, 0.0, 0.0, array(last.x), array(last.x0), array(last.eps))
