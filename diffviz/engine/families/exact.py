"""What the ideal denoiser makes of one x_t, beside a network's estimate, and the training pictures nearest to both."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

import torch

from diffviz.domain import samples
from diffviz.domain.arrays import F32
from diffviz.domain.nearest import AskIdeal, IdealFound, NearestFound, NearestImage
from diffviz.domain.queries import Later
from diffviz.domain.requests import TRAIN
from diffviz.engine.families import neighbours
from diffviz.engine.nets.ideal import FiniteSet, finite_set
from diffviz.engine.tensors import array


class Exact:
    """Answers `AskIdeal`; what has to be read first is read one thing an answer."""

    def __init__(self) -> None:
        self._read: set[Hashable] = set()

    def answer(self, query: AskIdeal) -> IdealFound | Later:
        """The answer to `query`. Raises `DataUnsuitable` without the data set, `ImageWrongSize`."""
        for name, read in _needed(query).items():
            if name not in self._read:
                read()
                self._read.add(name)
                return Later()
        images = finite_set(query.dataset, query.part, query.count)
        mean = _mean(query, images)
        estimate = None if query.estimate is None else _nearest(query.dataset, query.estimate)
        return IdealFound(mean, images.known(query.label), _nearest(query.dataset, mean), estimate, query.key)


def _needed(query: AskIdeal) -> Mapping[Hashable, Callable[[], object]]:
    """What is read for `query`, by name; each is kept by those who read it."""
    name, part, count = query.dataset, query.part, query.count
    return {
        (name, part): lambda: samples.load(name, part),
        (name, part, count): lambda: finite_set(name, part, count),
        (name, TRAIN): lambda: samples.load(name, TRAIN),
        (name,): lambda: neighbours.kept(name, TRAIN),
    }


@torch.inference_mode()
def _mean(query: AskIdeal, images: FiniteSet) -> F32:
    if query.sigma == 0:
        return query.x
    label = None if query.label is None else torch.tensor([query.label])
    alpha, sigma = (torch.tensor([[value]], dtype=torch.float64) for value in (query.alpha, query.sigma))
    found: F32 = array(images.mean(torch.tensor(query.x)[None], alpha, sigma, label))[0]
    return found


def _nearest(dataset: str, image: F32) -> NearestFound:
    return neighbours.answer(NearestImage(dataset, image[None], TRAIN))
