"""Measuring models of pixel faces: their samples are read back and counted, no classifier is needed."""

from __future__ import annotations

import dataclasses
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from diffviz.domain import samples
from diffviz.domain.arrays import F32, U8
from diffviz.domain.cards import Card
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.evaluation import EvaluateRequest, FaceQuality
from diffviz.domain.levels import levels
from diffviz.domain.regular_files import opened
from diffviz.domain.requests import PARTS, TEST, TRAIN
from diffviz.domain.samplers import SAMPLERS
from diffviz.domain.settings import variant_key
from diffviz.domain.text import mark
from diffviz.engine.evaluation.denoiser import Progress, asked, at_scales, drawing
from diffviz.theory.pixel_faces.design import FOLDER, SIDE, bundled_design
from diffviz.theory.pixel_faces.judge import FaceJudge


def are_faces(card: Card) -> bool:
    """Whether the model of `card` was trained on the pixel faces that ship."""
    return (
        card.shape == (3, SIDE, SIDE) and samples.has(FOLDER) and card.dataset.get("name") == samples.about(FOLDER).name
    )


def judge_of(data: Path | None) -> FaceJudge:
    """The judge that knows the pictures in folder `data`, or those that ship. Raises `DataUnsuitable`."""
    tables = {part: _attributes(samples.file_of(data or samples.folder_of(FOLDER), part)) for part in PARTS}
    return FaceJudge(bundled_design(), tables[TRAIN], tables[TEST])


def evaluate(
    net: torch.nn.Module, card: Card, judge: FaceJudge, request: EvaluateRequest
) -> Iterator[Progress | FaceQuality]:
    """Draw samples and count; the last item is the `FaceQuality`. Closing the iterator gives up."""
    images = np.empty((request.samples, *card.shape), np.float32)
    yield from drawing(net, card, request, images)
    yield measure(images, card, judge, request)


def measure(images: F32, card: Card, judge: FaceJudge, request: EvaluateRequest) -> FaceQuality:
    """The figures of samples (N, 3, 16, 16) in −1 … 1 that were drawn as `request` says."""
    classes = asked(len(images), len(card.classes)) if card.conditional else None
    return FaceQuality(
        sampler=variant_key(SAMPLERS, request.sampler),
        settings=dataclasses.asdict(request.sampler),
        steps=request.steps,
        guidance=request.guidance,
        seed=request.seed,
        faces=judge.counts(levels(images).transpose(0, 2, 3, 1), classes),
    )


def sweep(
    net: torch.nn.Module, card: Card, judge: FaceJudge, request: EvaluateRequest, scales: Sequence[float]
) -> Iterator[Progress | FaceQuality]:
    """Measure `request` at each of the guidance `scales`; yields a `FaceQuality` for each."""
    return at_scales(partial(evaluate, net, card, judge), request, scales)


def best(found: Sequence[FaceQuality]) -> FaceQuality:
    """The one with the most valid faces, of the class asked for where one was; the first of equals."""
    return max(found, key=lambda q: (q.faces.as_asked or q.faces.valid).value)


def _attributes(path: Path) -> U8:
    """The attributes of the pictures in `path`. Raises `DataUnsuitable`."""
    try:
        with opened(path) as raw, np.load(raw, allow_pickle=False) as file:
            table = np.asarray(file["attributes"])
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataUnsuitable(path, mark("it does not say which attributes its faces have")) from error
    if table.dtype != np.uint8 or table.ndim != 2 or table.shape[1] != len(bundled_design().names) or not len(table):
        raise DataUnsuitable(path, mark("it does not say which attributes its faces have"))
    return table
