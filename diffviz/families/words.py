"""Words that several families say of their runs: classes, samplers, branches, options of the command line."""

from __future__ import annotations

from collections.abc import Iterator

from diffviz.domain import samplers, samples
from diffviz.domain.cards import Card
from diffviz.domain.objective import OWN
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import EACH, NO_CLASS, Image, Request, ReverseRequest, Step, labels_of
from diffviz.domain.settings import settings_of, value_at, variant_key
from diffviz.domain.text import tr
from diffviz.families.family import Cards


def class_name(label: str | int, classes: tuple[str, ...]) -> str:
    """Name of what a model is told."""
    if label == EACH:
        return tr("one of each class")
    if label == OWN:
        return tr("each picture's own class")
    if label == NO_CLASS or not isinstance(label, int) or label >= len(classes):
        return tr("none · p(x)")
    return tr(classes[label])


def told(label: str | int, samples: int, count: int) -> tuple[int | None, ...]:
    """The class that each of `samples` is told; nothing for one that a model of `count` classes does not have."""
    try:
        return labels_of(label, samples, count)
    except ValueError:
        return ()


def known(label: str | int, card: Card | None) -> bool:
    """Whether the model of `card` can be told `label`."""
    return not isinstance(label, int) or (card is not None and label < len(card.classes))


def model_name(model: str, cards: Cards) -> str:
    """What model `model` is called."""
    return cards[model].name if model in cards else model


def sampler_words(request: ReverseRequest | PlanarRequest) -> str:
    """How `request` samples: sampler, steps, and η where it has one."""
    sampler = request.sampler
    name = tr(samplers.names_for(request)[variant_key(samplers.SAMPLERS, sampler)])
    eta = getattr(sampler, "eta", 0.0)
    return f"{name} {request.steps:,}{f' η {eta:g}' if eta else ''}"


def sampler_key(request: ReverseRequest | PlanarRequest) -> str:
    """How `request` samples, for the name of a file."""
    return f"{variant_key(samplers.SAMPLERS, request.sampler)}-{request.steps}-seed{request.seed}"


def branch_words(request: Request) -> str:
    """Where `request` goes on from another run: as a branch of one of its kind, or from one of another."""
    if not isinstance(request.start, Step):
        return ""
    same = type(request.start.of) is type(request)
    text = tr("branch at t = {t}") if same else tr("from t = {t}")
    return text.format(t=f"{request.start.at:g}")


def options(request: Request, card: Card | None) -> Iterator[str]:
    """The settings of `request` as options of the command line."""
    for setting in settings_of(request):
        value = value_at(request, setting.path)
        if setting.name == "class" and value == NO_CLASS and not (card and card.conditional):
            continue
        if setting.name == "guidance" and value == 1.0:
            continue
        if isinstance(value, bool):
            yield f"--{setting.name}" if value else f"--no-{setting.name}"
        else:
            yield from (f"--{setting.name}", f"{value!r}" if isinstance(value, float) else str(value))


def pictures(request: Request) -> tuple[str, ...] | None:
    """The pictures that `request` starts from as options; None where they are not bundled."""
    found = samples.located(request.start.sha256) if isinstance(request.start, Image) else None
    return ("--dataset", found[0], "--index", *map(str, found[1])) if found else None
