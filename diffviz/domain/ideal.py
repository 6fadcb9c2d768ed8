"""The ideal denoiser: the exact E[x_0 | x_t] of a finite set of sample pictures, and what views ask it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffviz.domain import errors, messages, samples, sampling, serialization
from diffviz.domain.arrays import F32
from diffviz.domain.cards import IDEAL_NET, Card, find_cards
from diffviz.domain.requests import ALL_IMAGES, IDEAL, PARTS, TRAIN, Request


def is_ideal(card: Card) -> bool:
    """Whether the model of `card` is an ideal denoiser and not a network."""
    return card.architecture.get("net") == IDEAL_NET


def set_size(card: Card) -> int:
    """How many pictures the set of an ideal denoiser has."""
    return int(card.dataset.get("images") or 0)


def part_of(card: Card) -> str:
    """Which part of the sample data the set of an ideal denoiser is of, a key of `PARTS`."""
    return str(card.dataset.get("part") or TRAIN)


def sample_size(card: Card) -> int:
    """How many pictures there are that the set of an ideal denoiser can have."""
    return int(card.dataset["parts"][part_of(card)])


def suited(card: Card, request: Request) -> Card:
    """`card` as `request` asks for its model: an ideal denoiser has the pictures and the schedule of the request."""
    asked = request.ideal_set
    if asked is None or not is_ideal(card):
        return card
    there = card.dataset["parts"][asked.part]
    dataset = {**card.dataset, "part": asked.part, "images": min(asked.images, there)}
    schedule = card.schedule if isinstance(asked.process, sampling.OfNetwork) else asked.process
    return dataclasses.replace(card, dataset=dataset, schedule=schedule)


def card_for(request: Request, cards: Mapping[str, Card]) -> Card | None:
    """The card of the model of `request`, as the request asks for it; None where it has none that is known."""
    card = cards.get(getattr(request, "model", None) or "")
    return suited(card, request) if card else None


def known_cards(roots: Sequence[Path]) -> tuple[dict[str, Card], dict[str, errors.DiffvizError]]:
    """All models in the folders `roots` and an ideal denoiser of every sample data set; what is wrong with others."""
    cards, damaged = find_cards(roots)
    return {**cards, **ideal_cards(cards)}, damaged


def ideal_cards(cards: Mapping[str, Card]) -> dict[str, Card]:
    """A card for the ideal denoiser of each sample data set, by id ("ideal-fashion").

    Its noise schedule is that of the data set's first diffusion model in `cards`, so that both visit the same
    timesteps of the same process; the cosine schedule where there is none.
    """
    made = (_card(name, folder, cards) for name, folder in samples.folders())
    return {card.id: card for card in made if card is not None}


def _card(name: str, folder: Path, cards: Mapping[str, Card]) -> Card | None:
    data = hashlib.sha256()
    try:
        info = samples.read_info(folder / samples.ABOUT)
        for part in PARTS:
            data.update(serialization.read_bytes(samples.file_of(folder, part)))
    except (OSError, ValueError, errors.DataUnsuitable):
        return None
    parts = {part: (info.counts or {}).get(part, 0) for part in PARTS}
    if info.shape is None or not all(parts.values()):
        return None
    like = (c for _, c in sorted(cards.items()) if c.family == "diffusion" and c.dataset.get("name") == name)
    schedule = next((c.schedule for c in like if c.schedule), sampling.Cosine())
    dataset: dict[str, Any] = {"name": name, "source": info.source or "", "licence": info.licence or ""}
    dataset |= {"parts": parts, "part": TRAIN, "images": min(ALL_IMAGES, parts[TRAIN])}
    return Card(
        id=f"{IDEAL}{folder.name}",
        name=f"{folder.name.replace('-', ' ').capitalize()} ideal denoiser",
        family="diffusion",
        folder=folder,
        shape=info.shape,
        classes=info.classes or (),
        prediction="x0",
        schedule=schedule,
        architecture={"net": IDEAL_NET},
        dataset=dataset,
        licence=info.licence or "",
        weights=samples.file_of(folder, TRAIN).name,
        sha256=data.hexdigest(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class NearestImage(messages.Query):
    """The picture of sample data set `dataset` nearest to each of `images`, float32 (N, C, H, W) in [-1, 1], in pixels.

    `part` of the data is asked, the training pictures or the test pictures. `key` comes back in the answer.
    """

    dataset: str
    images: F32
    part: str = TRAIN
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NearestFound:
    """Answer to `NearestImage`.

    `distance` (N,) is the root mean square difference over the values of a picture, in the data range −1 … 1; `number`
    (N,) counts the pictures of the part; `images` (N, C, H, W) are those pictures; `count` is how many there are.
    """

    distance: F32
    number: NDArray[np.int64]
    images: F32
    count: int
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class AskIdeal(messages.Query):
    """E[x_0 | x_t = `x`] of `count` pictures of `part` of data set `dataset`, of class `label` where not None.

    `x` is float32 (C, H, W), x_t = `alpha` x_0 + `sigma` ε. `estimate` is what a network makes of it, in the same
    shape, where there is one. `key` comes back in the answer.
    """

    dataset: str
    x: F32
    alpha: float
    sigma: float
    part: str = TRAIN
    count: int = ALL_IMAGES
    label: int | None = None
    estimate: F32 | None = None
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class IdealFound:
    """Answer to `AskIdeal`.

    `mean` (C, H, W) is x itself where sigma is 0. `known` counts the pictures that it is the mean over. `estimate`
    says which of the training pictures is nearest to the network's estimate, `ideal` which is nearest to `mean`: their
    arrays are of one picture, and `estimate` is None where there was none.
    """

    mean: F32
    known: int
    ideal: NearestFound
    estimate: NearestFound | None
    key: tuple[object, ...] = ()
