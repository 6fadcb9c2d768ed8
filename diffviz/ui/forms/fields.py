"""Which settings of a request a form shows for a model, and within which bounds."""

from __future__ import annotations

import dataclasses
import math

from diffviz.domain.cards import Card
from diffviz.domain.ideal import is_ideal, sample_size, suited
from diffviz.domain.latent import PathRequest
from diffviz.domain.objective import ObjectiveRequest, with_own_classes
from diffviz.domain.requests import EACH, NO_CLASS, ForwardRequest, Request, ReverseRequest
from diffviz.domain.settings import Bounds, Setting, settings_of, value_at

SEED, EVERY, IMAGES = ("seed",), ("every",), ("images",)
LARGE_BYTES = 128 << 20
ARRAYS, FLOAT = 3, 4


def fields_of(request: Request, card: Card | None) -> tuple[Setting, ...]:
    """Settings to show, the seed last: those that have an effect, within the bounds of the model of `card`."""
    card = suited(card, request) if card else None
    shown = [_bounded(s, request, card) for s in settings_of(request) if _matters(s, request, card)]
    return tuple(sorted(shown, key=lambda setting: setting.path == SEED))


def fitted(request: Request, card: Card | None) -> Request:
    """`request` for the model of `card`: no more steps than it has timesteps, no class that it does not know."""
    card = suited(card, request) if card else None
    match request:
        case ReverseRequest():
            steps = min(request.steps, card.timesteps) if card and card.timesteps else request.steps
            label = request.label if _known(request.label, card) else EACH
            return dataclasses.replace(request, model=card.id if card else "", steps=steps, label=label)
        case ForwardRequest():
            label = request.label if _known(request.label, card) else NO_CLASS
            model = card.id if card and request.model is not None else None
            return dataclasses.replace(request, model=model, label=label)
        case ObjectiveRequest():
            conditional = card is not None and card.conditional
            asked = request.label if conditional and _known(request.label, card) else NO_CLASS
            dataset = str(card.dataset.get("name")) if card else ""
            return with_own_classes(dataclasses.replace(request, label=asked), dataset)
        case _:
            return request


def is_class(setting: Setting) -> bool:
    """Whether the setting is the class that a model is told."""
    return setting.name == "class"


def _known(label: str | int, card: Card | None) -> bool:
    return not isinstance(label, int) or (card is not None and label < len(card.classes))


def _matters(setting: Setting, request: Request, card: Card | None) -> bool:
    conditional = card is not None and card.conditional
    if isinstance(request, PathRequest) and setting.path == SEED:
        return False
    if is_class(setting):
        return conditional
    if setting.name == "guidance":
        return conditional and value_at(request, ("label",)) != NO_CLASS
    if setting.path == EVERY and isinstance(request, ReverseRequest):
        return request.every != setting.default or _full_bytes(request, card) > LARGE_BYTES
    return True


def _full_bytes(request: ReverseRequest, card: Card | None) -> int:
    """Bytes of a run that keeps every frame: leaving some out is offered where that is much."""
    size = math.prod(card.shape) if card else 0
    return size * request.samples * request.steps * ARRAYS * FLOAT


def _bounded(setting: Setting, request: Request, card: Card | None) -> Setting:
    """A reverse run visits each of the model's timesteps at most once; there are only so many pictures."""
    if setting.path == IMAGES and setting.bounds and card is not None and is_ideal(card):
        return _limited(setting, setting.bounds, sample_size(card))
    reverse = isinstance(request, ReverseRequest) and setting.path == ("steps",)
    if not (reverse and setting.bounds and card and card.timesteps):
        return setting
    return _limited(setting, setting.bounds, card.timesteps)


def _limited(setting: Setting, bounds: Bounds, most: int) -> Setting:
    high = min(bounds.high, most)
    bounds = dataclasses.replace(bounds, high=high)
    return dataclasses.replace(setting, bounds=bounds, default=min(setting.default, high))
