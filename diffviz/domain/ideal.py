"""The ideal denoiser: the exact E[x_0 | x_t] of the finite set of sample pictures, as a model without weights."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diffviz.domain import samples, schedules
from diffviz.domain.cards import Card, find_cards
from diffviz.domain.errors import DataUnsuitable, DiffvizError
from diffviz.domain.queries import Query

NET = "ideal"


def is_ideal(card: Card) -> bool:
    """Whether the model of `card` is an ideal denoiser and not a network."""
    return card.architecture.get("net") == NET


def set_size(card: Card) -> int:
    """How many pictures the set of an ideal denoiser has."""
    return int(card.dataset.get("images") or 0)


def known_cards(roots: Sequence[Path]) -> tuple[dict[str, Card], dict[str, DiffvizError]]:
    """All models in the folders `roots` and an ideal denoiser of every sample data set; what is wrong with others."""
    cards, damaged = find_cards(roots)
    return {**cards, **ideal_cards(cards)}, damaged


def ideal_cards(cards: Mapping[str, Card]) -> dict[str, Card]:
    """A card for the ideal denoiser of each sample data set, by id ("ideal-fashion").

    Its noise schedule is that of the data set's first diffusion model in `cards`, so that both visit the same
    timesteps of the same process; the cosine schedule where there is none.
    """
    made = (_card(name, cards) for name in samples.datasets())
    return {card.id: card for card in made if card is not None}


def _card(name: str, cards: Mapping[str, Card]) -> Card | None:
    try:
        about, folder = samples.about(name), samples.folder_of(name)
        data = (folder / samples.IMAGES).read_bytes()
    except (OSError, DataUnsuitable):
        return None
    like = (c for _, c in sorted(cards.items()) if c.family == "diffusion" and c.dataset.get("name") == name)
    schedule = next((c.schedule for c in like if c.schedule), schedules.Cosine())
    channels, height, width = (int(n) for n in about["shape"])
    count = int(about["counts"]["test"])
    dataset = {"name": name, "source": about.get("source", ""), "licence": about.get("licence", ""), "images": count}
    return Card(
        id=f"ideal-{folder.name}",
        name=f"{folder.name.capitalize()} ideal denoiser",
        family="diffusion",
        folder=folder,
        shape=(channels, height, width),
        classes=tuple(str(c) for c in about.get("classes") or ()),
        prediction="x0",
        schedule=schedule,
        architecture={"net": NET},
        dataset=dataset,
        licence=str(about.get("licence") or ""),
        weights=samples.IMAGES,
        sha256=hashlib.sha256(data).hexdigest(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class NearestImage(Query):
    """The picture of sample data set `dataset` nearest to each of `images`, float32 (N, C, H, W) in [-1, 1], in pixels.

    `key` comes back in the answer.
    """

    dataset: str
    images: NDArray[np.float32]
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NearestFound:
    """Answer to `NearestImage`.

    `distance` (N,) is the root mean square difference over the values of a picture, in the data range −1 … 1; `number`
    (N,) counts the data set's pictures; `images` (N, C, H, W) are those pictures; `count` is the size of the set.
    """

    distance: NDArray[np.float32]
    number: NDArray[np.int64]
    images: NDArray[np.float32]
    count: int
    key: tuple[object, ...] = ()
