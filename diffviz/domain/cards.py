"""Cards: what a model is, how it was trained and how good it is, in `card.json` beside its weights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from diffviz.domain import foreign, likelihoods, requests, sampling, serialization, tagged, weights_file
from diffviz.domain.errors import (
    DiffvizError,
    FileTooNew,
    ModelDamaged,
    ModelNotFound,
    ModelRefused,
    NotAChoice,
    PackageMissing,
)
from diffviz.domain.text import mark
from diffviz.domain.training import PREDICTIONS

CARD = "card.json"
TURNING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
TRACE = "trace.diffviz"
VERSION = 1
LIMIT = 1 << 20
CHANNELS = (1, 3)
LARGEST = 2048
FILES = (CARD, foreign.PIPELINE, foreign.CONFIG)
"""Files by which a model's folder is named."""
UNUSABLE = (ModelDamaged, FileTooNew, ModelRefused, PackageMissing)
"""What is wrong with a model that cannot be used."""
DENOISERS = ("diffusion", "planar")
IDEAL_NET = "ideal"
"""The architecture of an ideal denoiser, which no file has."""


@dataclass(frozen=True, slots=True)
class Card:
    """A model's card.

    `shape` is (C, H, W) of its images; `classes` are the names of its classes, empty for an unconditional model.
    `prediction` is a key of `PREDICTIONS` for a diffusion model, `likelihood` and `beta` are those of a VAE. `sha256`
    is that of the weights file, `before` that of the file which it takes the place of, should that not have happened
    yet. `raw` is the whole of card.json. A model of another program has no such file: its card is what its folder says,
    and `notes` what of that is guessed, left out or not understood.
    """

    id: str
    name: str
    family: str
    folder: Path
    shape: tuple[int, int, int]
    classes: tuple[str, ...] = ()
    prediction: str = ""
    schedule: sampling.ProcessSettings | None = None
    likelihood: likelihoods.Likelihood | None = None
    beta: float = 1.0
    architecture: Mapping[str, Any] = field(default_factory=dict)
    parameters: int = 0
    dataset: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    weights: str = "weights.safetensors"
    sha256: str = ""
    before: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def foreign(self) -> bool:
        """Whether another program wrote it."""
        return self.architecture.get("net") == foreign.NET

    @property
    def always_told(self) -> bool:
        """Whether there is no answer of it without a class."""
        return self.architecture.get("always_told") is True

    @property
    def conditional(self) -> bool:
        """Whether the model can be told a class."""
        return bool(self.classes)

    @property
    def pixels(self) -> tuple[int, ...]:
        """Shape of the pixels of its images, (H, W) or (H, W, 3)."""
        channels, height, width = self.shape
        return (height, width) if channels == 1 else (height, width, channels)

    @property
    def timesteps(self) -> int:
        """T of the model's noise schedule, 0 for a model without one, or of a process without whole timesteps."""
        return getattr(self.schedule, "timesteps", 0)

    @property
    def latent(self) -> int:
        """Number of latent dimensions of a VAE or an AE, 0 for another model."""
        found = self.architecture.get("latent")
        return found if type(found) is int else 0


class WeightsWire(serialization.Wire):
    """Which file holds the weights."""

    file: serialization.Line = "weights.safetensors"
    sha256: serialization.Line | None = None
    before: serialization.Line | None = None


class DatasetWire(serialization.Wire):
    """What a card says of the data, as far as the program reads it."""

    name: serialization.Line | None = None
    source: serialization.Text | None = None
    licence: serialization.Text | None = None
    images: serialization.Count | None = None
    part: serialization.Line | None = None
    points: dict[str, Any] | None = None


class TrainingWire(serialization.Wire):
    """What a card says of the training, as far as the program reads it."""

    images_seen: serialization.Count | None = None
    seconds: float | None = None


class OfPriorWire(serialization.Wire):
    """A figure of means and samples decoded from the prior, and its floor."""

    prior_mean: float | None = None
    prior_sample: float | None = None
    floor: float | None = None


class ElboWire(serialization.Wire):
    """The evidence lower bound, and of what."""

    of: serialization.Line | None = None
    bits_per_dimension: float | None = None


class QualityWire(serialization.Wire):
    """What a card says of the quality, as far as the program reads it."""

    sharpness: OfPriorWire | None = None
    frechet: OfPriorWire | None = None
    elbo: ElboWire | None = None


class CardWire(serialization.Wire):
    """A card as `card.json` holds it."""

    name: serialization.Line
    family: serialization.Line
    shape: tuple[serialization.Count, serialization.Count, serialization.Count]
    classes: serialization.Lines | None = None
    prediction: serialization.Line | None = None
    schedule: dict[str, Any] | None = None
    likelihood: dict[str, Any] | None = None
    beta: float = 1.0
    architecture: dict[serialization.Line, serialization.Option] | None = None
    parameters: serialization.Count | None = None
    dataset: DatasetWire | None = None
    training: TrainingWire | None = None
    quality: QualityWire | None = None
    licence: serialization.Text | None = None
    weights: WeightsWire | None = None


def read_card(folder: Path) -> Card:
    """The card in `folder`, or what is found out of a model there that another program wrote.

    Raises `ModelDamaged` where it is missing, unreadable, incomplete or impossible, `FileTooNew`, and for another
    program's `ModelRefused` and `PackageMissing`.
    """
    path = folder / CARD
    if foreign.is_foreign(folder) and not path.is_file():
        with serialization.reading(folder, ModelDamaged):  # its name may be none, and a part of it locked
            return _found_out(folder)
    with serialization.reading(path, ModelDamaged):
        raw = serialization.decode(serialization.read_bytes(path, LIMIT), LIMIT)
        serialization.check_version(raw, "version", VERSION)
        return _card(folder, serialization.convert(raw, CardWire), raw)


def find_cards(roots: Sequence[Path]) -> tuple[dict[str, Card], dict[str, DiffvizError]]:
    """All models in the folders `roots`, by id: those with a good card, and what is wrong with the others.

    An earlier folder wins where two have the same id.
    """
    cards: dict[str, Card] = {}
    damaged: dict[str, DiffvizError] = {}
    for root in roots:
        try:
            folders = sorted(f for f in root.iterdir() if f.is_dir()) if root.is_dir() else []
        except OSError as error:
            damaged.setdefault(root.name, ModelDamaged(root, error.strerror or str(error)))
            continue
        for folder in folders:
            try:
                cards.setdefault(folder.name, read_card(folder))
            except UNUSABLE as error:
                damaged.setdefault(folder.name, error)
    return cards, damaged


def card_of(model: str, cards: Mapping[str, Card]) -> Card:
    """Card of model id `model`. Raises `ModelNotFound`."""
    if model not in cards:
        raise ModelNotFound(model, tuple(cards))
    return cards[model]


def told_apart(card: Card, cards: Mapping[str, Card]) -> str:
    """What the model of `card` is called among `cards`: its name, and its id where another one has the same name."""
    same = any(other.name == card.name and other.id != card.id for other in cards.values())
    return f"{card.name} [{card.id}]" if same else card.name


def card_named(model: str, roots: Sequence[Path]) -> Card:
    """Card of `model`, a model's folder or its id in `roots`. Raises `ModelNotFound` or what is wrong with its card."""
    return card_among(model, roots, *find_cards(roots))


def card_among(
    model: str, roots: Sequence[Path], cards: Mapping[str, Card], damaged: Mapping[str, DiffvizError]
) -> Card:
    """Card of `model`, a model's folder, or an id of `cards` or `damaged`, which were found in `roots`.

    Raises `ModelNotFound` or what is wrong with its card.
    """
    if folder := model_folder(model):
        return read_card(folder)
    if model in cards:
        return cards[model]
    places = Path(model).absolute().parent, *roots
    raise damaged.get(model) or foreign.alone(Path(model)) or ModelNotFound(model, tuple(cards), places)


def model_folder(model: str | Path) -> Path | None:
    """The folder that `model` names, itself or its card or weights; None where it names none."""
    path = Path(model)
    folder = path.parent if path.name in FILES or path.suffix == weights_file.SAFE else path
    try:
        if not str(model):
            return None
        if not (folder / CARD).is_file() and foreign.is_foreign(folder := foreign.whole(folder)):
            return folder.resolve()
        return folder.resolve() if (folder / CARD).is_file() else None
    except (OSError, RuntimeError, ValueError):  # no file can have such a name, or it is a link to itself
        return None


def _card(folder: Path, wire: CardWire, raw: Mapping[str, Any]) -> Card:
    weights, family = wire.weights or WeightsWire(), wire.family
    architecture = dict(raw.get("architecture") or {})
    if family in DENOISERS and not wire.schedule:
        raise ValueError(mark("a diffusion model has a noise schedule"))
    if family == "vae" and not wire.likelihood:
        raise ValueError(mark("a VAE has a likelihood"))
    card = Card(
        id=_id(folder),
        name=wire.name,
        family=family,
        folder=folder,
        shape=_shape(wire.shape),
        classes=wire.classes or (),
        prediction=_prediction(wire.prediction) if family in DENOISERS else "",
        schedule=tagged.named(sampling.PROCESSES, wire.schedule) if wire.schedule else None,
        likelihood=tagged.named(likelihoods.LIKELIHOODS, wire.likelihood) if wire.likelihood else None,
        beta=wire.beta,
        architecture=architecture,
        parameters=wire.parameters or 0,
        dataset=dict(raw.get("dataset") or {}),
        training=dict(raw.get("training") or {}),
        quality=dict(raw.get("quality") or {}),
        licence=wire.licence or "",
        weights=_file_name(weights.file),
        sha256=weights.sha256 or "",
        before=weights.before or "",
        raw=raw,
    )
    if family in ("vae", "ae") and card.latent < 1:
        raise ValueError(mark("an autoencoder has at least one latent dimension"))
    if architecture.get("net") == IDEAL_NET:
        raise ValueError(mark("an ideal denoiser has no weights"))
    if architecture.get("net") == foreign.NET or "files" in architecture:
        raise ValueError(mark("its network is not one of this program's"))
    return card


def _found_out(folder: Path) -> Card:
    """The card of the model of another program in `folder`."""
    found = foreign.read(folder)
    if find_spec(foreign.NET) is None:
        raise PackageMissing(foreign.NET, "models")
    process = found.declared
    with serialization.reading(folder / found.files[0], ModelDamaged):
        sha256 = foreign.checksum(folder, found.files)
    return Card(
        id=_id(folder),
        name=found.name,
        family="diffusion",
        folder=folder,
        shape=found.shape,
        classes=tuple(map(str, range(found.classes))),
        prediction=process.prediction,
        schedule=process.process,
        architecture=found.architecture,
        parameters=found.parameters,
        licence=found.licence,
        weights=found.files[0],
        sha256=sha256,
        notes=found.notes,
    )


def _id(folder: Path) -> str:
    if folder.name.startswith(requests.IDEAL):
        raise ValueError(mark("its folder has the name of an ideal denoiser"))
    serialization.check_line(foreign.name_of(folder))
    return shown_name(folder)


def shown_name(folder: Path) -> str:
    """The name of `folder` as it is shown, with the characters that turn text around as their numbers."""
    return TURNING.sub(lambda found: f"<U+{ord(found[0]):04X}>", foreign.name_of(folder))


def _shape(shape: tuple[int, int, int]) -> tuple[int, int, int]:
    channels, height, width = shape
    if channels not in CHANNELS or not (1 <= height <= LARGEST and 1 <= width <= LARGEST):
        raise ValueError(f"images of {channels} × {height} × {width} are neither grey nor colour up to {LARGEST}")
    return shape


def _prediction(prediction: str | None) -> str:
    if prediction is None or prediction not in PREDICTIONS:
        raise NotAChoice("prediction", str(prediction), tuple(PREDICTIONS))
    return prediction


def _file_name(name: str) -> str:
    if Path(name).name != name:
        raise ValueError(f"weights file {name!r} lies outside the model's folder")
    return name
