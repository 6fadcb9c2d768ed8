"""Cards: what a model is, how it was trained and how good it is, in `card.json` beside its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diffviz.domain import likelihoods, schedules
from diffviz.domain.errors import DiffvizError, ModelDamaged, ModelNotFound, NotAChoice, OutOfRange
from diffviz.domain.sentences import sentence
from diffviz.domain.settings import check
from diffviz.domain.text import mark, tr
from diffviz.domain.training import PREDICTIONS

CARD = "card.json"
TRACE = "trace.diffviz"
VERSION = 1
LIMIT = 1 << 20
CHANNELS = (1, 3)
LARGEST = 2048
DENOISERS = ("diffusion", "planar")


@dataclass(frozen=True, slots=True)
class Card:
    """A model's card.

    `shape` is (C, H, W) of its images; `classes` are the names of its classes, empty for an unconditional model.
    `prediction` is "eps", "v" or "x0" for a diffusion model, `likelihood` and `beta` are those of a VAE. `sha256` is
    that of the weights file. `raw` is the whole of card.json.
    """

    id: str
    name: str
    family: str
    folder: Path
    shape: tuple[int, int, int]
    classes: tuple[str, ...] = ()
    prediction: str = ""
    schedule: schedules.Schedule | None = None
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
    raw: Mapping[str, Any] = field(default_factory=dict)

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
        """T of the model's noise schedule, 0 for a model without one."""
        return self.schedule.timesteps if self.schedule else 0

    @property
    def latent(self) -> int:
        """Number of latent dimensions of a VAE or an AE, 0 for another model."""
        return int(self.architecture.get("latent") or 0)


def read_card(folder: Path) -> Card:
    """The card in `folder`. Raises `ModelDamaged` where it is missing, unreadable, incomplete or impossible."""
    path = folder / CARD
    try:
        if path.stat().st_size > LIMIT:
            raise ModelDamaged(path, mark("larger than any card"))
        raw = json.loads(path.read_text(encoding="utf-8"))
        return _card(folder, raw)
    except OSError as error:
        raise ModelDamaged(path, error.strerror or str(error)) from error
    except (OutOfRange, NotAChoice) as error:
        raise ModelDamaged(path, sentence(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelDamaged(path, _why(error)) from error


def find_cards(roots: Sequence[Path]) -> tuple[dict[str, Card], dict[str, DiffvizError]]:
    """All models in the folders `roots`, by id: those with a good card, and what is wrong with the others.

    An earlier folder wins where two have the same id.
    """
    cards: dict[str, Card] = {}
    damaged: dict[str, DiffvizError] = {}
    for folder in (f for root in roots if root.is_dir() for f in sorted(root.iterdir()) if f.is_dir()):
        try:
            card = read_card(folder)
            cards.setdefault(card.id, card)
        except ModelDamaged as error:
            damaged.setdefault(folder.name, error)
    return cards, damaged


def card_of(model: str, cards: Mapping[str, Card]) -> Card:
    """Card of model id `model`. Raises `ModelNotFound`."""
    if model not in cards:
        raise ModelNotFound(model, tuple(cards))
    return cards[model]


def card_named(model: str, roots: Sequence[Path]) -> Card:
    """Card of `model`, a model's folder or its id in `roots`. Raises `ModelNotFound` or what is wrong with its card."""
    return card_among(model, roots, *find_cards(roots))


def card_among(
    model: str, roots: Sequence[Path], cards: Mapping[str, Card], damaged: Mapping[str, DiffvizError]
) -> Card:
    """Card of `model`, a model's folder, or an id of `cards` or `damaged`, which were found in `roots`.

    Raises `ModelNotFound` or what is wrong with its card.
    """
    if folder := _model_folder(model):
        return read_card(folder)
    if model in cards:
        return cards[model]
    raise damaged.get(model) or ModelNotFound(model, tuple(cards), (Path(model).absolute().parent, *roots))


def _model_folder(model: str) -> Path | None:
    """The folder that `model` names, itself or its card or weights; None where it names none."""
    path = Path(model)
    folder = path.parent if path.name == CARD or path.suffix == ".safetensors" else path
    try:
        return folder.resolve() if model and (folder / CARD).is_file() else None
    except OSError:  # no file can have such a name
        return None


def _why(error: Exception) -> str:
    """What is wrong with a card: the sentence of a check of ours, or Python's own words."""
    match error:
        case KeyError():
            return tr("it does not say “{what}”").format(what=error.args[0] if error.args else "")
        case json.JSONDecodeError() | UnicodeDecodeError():
            return tr("it is not JSON: {error}").format(error=error)
        case ValueError():
            return str(error)
        case _:
            return f"{type(error).__name__}: {error}"


def _card(folder: Path, raw: Mapping[str, Any]) -> Card:
    if int(raw.get("version", VERSION)) > VERSION:
        raise ValueError(
            tr("it is of version {found}, this program knows {known}").format(found=raw["version"], known=VERSION)
        )
    weights, family = raw.get("weights") or {}, str(raw["family"])
    if family in DENOISERS and not raw.get("schedule"):
        raise ValueError(mark("a diffusion model has a noise schedule"))
    if family == "vae" and not raw.get("likelihood"):
        raise ValueError(mark("a VAE has a likelihood"))
    if family in ("vae", "ae") and int((raw.get("architecture") or {}).get("latent") or 0) < 1:
        raise ValueError(mark("an autoencoder has at least one latent dimension"))
    return Card(
        id=folder.name,
        name=str(raw["name"]),
        family=family,
        folder=folder,
        shape=_shape(raw["shape"]),
        classes=_classes(raw.get("classes") or []),
        prediction=_prediction(raw) if family in DENOISERS else "",
        schedule=schedule_of(raw["schedule"]) if raw.get("schedule") else None,
        likelihood=likelihoods.likelihood_of(raw["likelihood"]) if raw.get("likelihood") else None,
        beta=float(raw.get("beta", 1.0)),
        architecture=dict(raw.get("architecture") or {}),
        parameters=int(raw.get("parameters") or 0),
        dataset=dict(raw.get("dataset") or {}),
        training=dict(raw.get("training") or {}),
        quality=dict(raw.get("quality") or {}),
        licence=str(raw.get("licence") or ""),
        weights=_file_name(str(weights.get("file", "weights.safetensors"))),
        sha256=str(weights.get("sha256") or ""),
        raw=raw,
    )


def schedule_of(raw: Mapping[str, Any]) -> schedules.Schedule:
    """Schedule settings from a card's {"name": …, settings…}.

    Raises ValueError, TypeError or `OutOfRange` for what is not one.
    """
    settings = dict(raw)
    name = settings.pop("name")
    if name not in schedules.SCHEDULES:
        raise ValueError(f"unknown noise schedule {name!r}")
    schedule: schedules.Schedule = schedules.SCHEDULES[name](**settings)
    check(schedule)
    return schedule


def _shape(raw: Any) -> tuple[int, int, int]:
    channels, height, width = (int(n) for n in raw)
    if channels not in CHANNELS or not (1 <= height <= LARGEST and 1 <= width <= LARGEST):
        raise ValueError(f"images of {channels} × {height} × {width} are neither grey nor colour up to {LARGEST}")
    return channels, height, width


def _classes(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise TypeError("classes are a list of names")
    return tuple(str(name) for name in raw)


def _prediction(raw: Mapping[str, Any]) -> str:
    prediction = str(raw.get("prediction"))
    if prediction not in PREDICTIONS:
        raise NotAChoice("prediction", prediction, tuple(PREDICTIONS))
    return prediction


def _file_name(name: str) -> str:
    if Path(name).name != name:
        raise ValueError(f"weights file {name!r} lies outside the model's folder")
    return name
