"""What a data set's classifier makes of images."""

from __future__ import annotations

import torch

from diffviz.domain.arrays import F32
from diffviz.domain.errors import ModelNotFound
from diffviz.domain.messages import Recognise, Recognised
from diffviz.engine.families.gan.evaluate import Classify
from diffviz.engine.tensors import array, tensor
from diffviz.engine.zoo import Models


@torch.inference_mode()
def answer(query: Recognise, models: Models) -> Recognised:
    """The probabilities of the classes. Raises `ModelNotFound` where no classifier knows the data set."""
    card = models.classifier(query.dataset)
    logits = models.net(card)(tensor(query.images, models.device))
    return Recognised(array(logits.softmax(1)), card.classes, query.key)


def counting(dataset: str, models: Models) -> Classify | None:
    """What counts images of `dataset` by class; None where no classifier knows it."""
    try:
        card = models.classifier(dataset)
    except ModelNotFound:
        return None

    @torch.inference_mode()
    def count(images: F32) -> F32:
        seen = models.net(card)(tensor(images, models.device)).argmax(1)
        return torch.bincount(seen, minlength=len(card.classes)).float().cpu().numpy()

    return count
