"""The forward process: pictures that are noised."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from diffviz.domain import errors, panes, sampling
from diffviz.domain.cards import Card
from diffviz.domain.frames import ForwardFrame, Frame
from diffviz.domain.panes import ExportPane, exported
from diffviz.domain.requests import NO_CLASS, ForwardRequest, Image, Plan
from diffviz.domain.text import tr
from diffviz.families import diffusion, family
from diffviz.families.family import Cards, Family, NamePart, Numbers, pixel_numbers, there
from diffviz.theory.processes import process_of


def schedule_of(request: ForwardRequest, cards: Cards) -> sampling.ProcessSettings:
    """What pictures are noised by: the request's own process, or its model's."""
    return request.schedule if request.model is None else diffusion.schedule_of_model(request, cards)


def plan(request: ForwardRequest, cards: Cards, parent: Plan | None) -> Plan:
    """The plan of `request`."""
    schedule = schedule_of(request, cards)
    process = process_of(schedule)
    positions = process.kept(request.steps)
    if not isinstance(request.start, Image):
        raise errors.NoSuchStep(0)
    if not request.start.sha256:
        raise errors.NoPictures
    if request.model is not None:
        diffusion.check_class(request.label, cards[request.model])
    size = math.prod(request.start.shape) * len(request.start.sha256) * diffusion.FLOAT
    arrays = 2 + (request.path == "chain") + 2 * (request.model is not None)
    evaluations = len(positions) if request.model is not None else 0
    return Plan(0.0, process.T, positions, evaluations, arrays * size, schedule=schedule)


def fits(frame: ForwardFrame, request: ForwardRequest, cards: Cards) -> bool:
    """Whether `frame` has as many pictures as `request` starts from, of their size, at a time of its process."""
    if not isinstance(request.start, Image):
        return False
    height, width, channels = (*request.start.shape, 1)[:3]
    shape = (len(request.start.sha256), channels, height, width)
    return frame.x.shape == shape and diffusion.on_process(frame, schedule_of(request, cards))


def _guesses(frame: ForwardFrame) -> tuple[panes.Pane, ...]:
    return () if frame.eps_hat is None else (panes.NOISE_GUESS, panes.CLEAN_GUESS)


def _noise(frame: ForwardFrame, step_noise: bool) -> panes.Pane:
    if frame.step_noise is None:
        return panes.FIXED_NOISE
    return panes.STEP_NOISE if step_noise else panes.COMBINED_NOISE


def pictures(frame: ForwardFrame, step_noise: bool) -> tuple[panes.Pane, ...]:
    """x_0, x_t, the noise, and what a model makes of x_t."""
    return panes.ORIGINAL, panes.NOISED, _noise(frame, step_noise), *_guesses(frame)


def panes_there(first: ForwardFrame, every: tuple[ExportPane, ...]) -> tuple[ExportPane, ...]:
    """Those of the run with frame `first`; its noise is called ε where it is one for all t."""
    fixed = exported(panes.FIXED_NOISE)
    alone = first.step_noise is None
    return tuple(fixed if alone and pane.key == fixed.key else pane for pane in there(first, every))


def name_parts(request: ForwardRequest, cards: Cards) -> tuple[NamePart, ...]:
    """The noise schedule or the model, the pictures, the path, and what the model is told."""
    card = cards.get(request.model or "")
    schedule = tr(sampling.PROCESS_LABELS[sampling.process_key(request.schedule)])
    noise = NamePart("schedule", schedule, lead=True)
    told = family.class_words(request.label, card.classes) if card and request.label != NO_CLASS else ""
    return (
        NamePart("kind", tr("Forward"), lead=True),
        noise if request.model is None else family.model_part(request.model, cards, lead=True),
        *family.start_parts(request),
        NamePart("path", tr("one ε") if request.path == "fixed" else ""),
        NamePart("label", told),
        family.seed_part(request),
    )


def file_name(request: ForwardRequest, card: Card | None) -> str:
    """The model or the noise schedule, and the seed."""
    return f"forward-{card.id if card else sampling.process_key(request.schedule)}-seed{request.seed}"


def command(request: ForwardRequest, cards: Cards) -> Sequence[str] | None:
    """All of it is said where its pictures are bundled."""
    found, model = family.pictures(request), ("--model", request.model) if request.model else ()
    if found is None:
        return None
    return "forward", *model, *found, *family.options(request, cards.get(request.model or ""))


def samples_of(request: ForwardRequest) -> int:
    """How many pictures are noised."""
    return len(request.start.sha256) if isinstance(request.start, Image) else 1


def fit(request: ForwardRequest, card: Card | None) -> ForwardRequest:
    """No class that the model does not know."""
    label = request.label if family.known(request.label, card) else 0 if card and card.always_told else NO_CLASS
    model = card.id if card and request.model is not None else None
    return dataclasses.replace(request, model=model, label=label)


def numbers(frames: Sequence[Frame]) -> Numbers:
    """Those of x, and the mean loss of a network that looks on."""
    pixels = pixel_numbers(frames)

    def of(frame: Frame) -> dict[str, float]:
        loss = frame.arrays().get("loss")
        return {**pixels(frame), **({} if loss is None else {"loss": float(loss.mean(dtype=np.float64))})}

    return of


FAMILY = Family(
    name="forward",
    request=ForwardRequest,
    frame=ForwardFrame,
    lab="diffusion",
    plan=plan,
    schedule=schedule_of,
    samples=samples_of,
    instant=lambda request: request.model is None,
    denoisable=True,
    moment=lambda at: tr("forward run at t = {t}").format(t=f"{at:g}"),
    frame_tag="ForwardFrame",
    alike=diffusion.pictures_alike,
    fits=fits,
    told=lambda request, count: family.told(request.label, samples_of(request), count),
    parts=name_parts,
    file_name=file_name,
    command=command,
    panes=(
        exported(panes.ORIGINAL, panes.ORIGINAL_KEY),
        exported(panes.NOISED),
        exported(panes.COMBINED_NOISE),
        exported(panes.STEP_NOISE),
        exported(panes.CLEAN_GUESS),
        exported(panes.NOISE_GUESS),
    ),
    panes_there=panes_there,
    pictures=pictures,
    fit=fit,
    plots=diffusion.plots,
    numbers=numbers,
)
