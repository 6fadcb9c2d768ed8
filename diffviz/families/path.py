"""Paths through the latent spaces of one or two models."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from diffviz.domain import latent, panes, requests
from diffviz.domain.cards import Card, card_of
from diffviz.domain.errors import CardMismatch, ModelNotFound, NoPictures, OutOfRange
from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.glossary import meaning
from diffviz.domain.latent import PathRequest
from diffviz.domain.plots import ColumnReader, FigureColumns, Plot, PlotData, Series
from diffviz.domain.text import mark, tr
from diffviz.families import family
from diffviz.families.family import SEED, Cards, Family, NamePart, Shape, Shapes
from diffviz.theory.latent import shares

FLOAT, FEWEST = 4, 2


def plan(request: PathRequest, cards: Cards, parent: requests.Plan | None) -> requests.Plan:
    """The plan of `request`. Raises `CardMismatch` too, where its models or its points do not go together."""
    models = [_model(name, cards) for name in request.models]
    if len(request.anchors) < FEWEST:
        raise NoPictures(FEWEST)
    if len(request.anchors) > latent.MAX_ANCHORS:
        raise OutOfRange("anchors", len(request.anchors), FEWEST, latent.MAX_ANCHORS)
    dims = [card.latent for card in models]
    for anchor in request.anchors:
        if anchor.codes and [len(code) for code in anchor.codes] != dims:
            text = tr("a latent point needs {dims} coordinates").format(dims=" + ".join(map(str, dims)))
            raise CardMismatch(models[0].folder, text)
    if any(card.shape != models[0].shape for card in models):
        raise CardMismatch(models[-1].folder, mark("models that are compared make images of one size"))
    positions = shares(request.frames)
    frame = len(models) * (math.prod(models[0].shape) + max(dims) + 4) * FLOAT
    return requests.Plan(0.0, 1.0, positions, len(models) * request.frames, frame)


def _model(name: str, cards: Cards) -> Card:
    card = card_of(name, cards)
    if card.family not in latent.FAMILIES:
        raise ModelNotFound(name, tuple(sorted(c.id for c in cards.values() if c.family in latent.FAMILIES)))
    return card


def alike(shapes: Shapes) -> bool:
    """All fields are like the pictures x, or one number for each, or numbers; z has a point for each."""
    picture: Shape = shapes.get("x", ())
    points: Shape = (*picture[:1], *shapes.get("z", ())[1:2])
    fits = all(s in ((), picture, picture[:1]) or (name == "z" and s == points) for name, s in shapes.items())
    return "x" in shapes and fits


def fits(frame: PathFrame, request: PathRequest, cards: Cards) -> bool:
    """Whether `frame` has a picture and a point for each model of `request`."""
    models = [cards[name] for name in request.models]
    longest = max(card.latent for card in models)
    return frame.x.shape == (len(models), *models[0].shape) and frame.z.shape == (len(models), longest)


def names_of(request: PathRequest, cards: Cards) -> tuple[str, ...]:
    """The models that walk."""
    return tuple(family.model_name(model, cards) for model in request.models)


def name_parts(request: PathRequest, cards: Cards) -> tuple[NamePart, ...]:
    """The curve, the models and the pictures at its ends; nothing is drawn, so that there is no seed to tell."""
    models = (NamePart(f"model.{i}", name, lead=True) for i, name in enumerate(names_of(request, cards)))
    kind = NamePart("kind", tr("Path"), lead=True)
    return kind, NamePart("curve", request.curve, lead=True), *models, *family.start_parts(request)


FIGURES = ("nearest", "sharpness", "norm", "cycle")
"""Fields of `PathFrame`, a number for each model."""
MODELS = 2


def reader() -> ColumnReader:
    """Reads `FIGURES` of each frame, nan for a model that there is not."""
    return ColumnReader([key_of(name, model) for name in FIGURES for model in range(MODELS)], _values)


def _values(frame: Frame) -> list[float]:
    arrays, found = frame.arrays(), []
    for name in FIGURES:
        known = arrays[name].tolist() if name in arrays else []
        found += [*known, *([np.nan] * (MODELS - len(known)))]
    return found


def key_of(name: str, model: int) -> str:
    """What the figure `name` of model number `model` is called in a table."""
    return name if model == 0 else f"{name}_{model + 1}"


def plots(data: PlotData) -> tuple[Plot, ...]:
    """One plot for each of `FIGURES`: solid for the first model, dashed for the one beside."""
    figures = reader().figures if data.figures is None else data.figures
    return (
        _plot(figures, data.models, "nearest", "d_{real}", on=True),
        _plot(figures, data.models, "sharpness", tr("sharpness"), on=True),
        _plot(figures, data.models, "norm", "‖z‖"),
        _plot(figures, data.models, "cycle", "‖E(D(z))−z‖"),
    )


def _plot(figures: FigureColumns, models: Sequence[str], key: str, label: str, *, on: bool = False) -> Plot:
    title = meaning("vae", key)
    names, looks = _names(label, models), (("text", "solid"), ("quiet", "dashed"))
    keys = [key_of(key, model) for model in range(MODELS)]
    series = (
        Series(column, name, title, hue, figures.positions, figures[column], style, on=on)
        for column, name, (hue, style) in zip(keys, names, looks, strict=True)
    )
    return Plot(key, label, tuple(series), together=True)


def _names(label: str, models: Sequence[str]) -> tuple[str, str]:
    """A name for the curve of each model: the first says what is measured too. "_" would begin an index."""
    if len(models) != MODELS:
        return label, f"{label}_2"
    first, second = (model.replace("_", " ") for model in models)
    return " · ".join(filter(None, (label, first))), second or label


FAMILY = Family(
    name="path",
    request=PathRequest,
    frame=PathFrame,
    lab="vae",
    plan=plan,
    frame_tag="PathFrame",
    alike=alike,
    fits=fits,
    parts=name_parts,
    file_name=lambda request, card: f"path-{'-'.join(request.models)}-{request.curve}",
    sample_names=names_of,
    panes=(panes.ExportPane("x", "x′"),),
    matters=lambda setting, request, card: setting.path != SEED,
    plots=plots,
    reader=reader,
)
