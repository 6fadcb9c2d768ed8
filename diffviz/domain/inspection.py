"""What a file or folder says of the model in it, and what is wrong with it: as much as can be said without its numbers.

Nothing of the model is run, and only the heads of its files are read, for the checksum all bytes.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from diffviz.domain import cards, errors, foreign, serialization, weights_file
from diffviz.domain.cards import Card
from diffviz.domain.ideal import is_ideal
from diffviz.domain.sentences import sentence
from diffviz.domain.text import mark, tr
from diffviz.domain.training import PREDICTIONS
from diffviz.domain.weights_file import SAFE, StoredTensor, name_words

FACTS: Mapping[str, str] = MappingProxyType(
    {
        "name": mark("Name"),
        "family": mark("Family"),
        "network": mark("Network"),
        "shape": mark("Pictures"),
        "classes": mark("Classes"),
        "process": mark("Process"),
        "prediction": mark("Prediction"),
        "scheduler": mark("Own scheduler"),
        "spacing": mark("Own spacing"),
        "parameters": mark("Parameters"),
        "numbers": mark("Numbers"),
        "bytes": mark("Size"),
        "files": mark("Files"),
        "variants": mark("Other variants"),
        "sha256": "SHA-256",
        "licence": mark("Licence"),
    }
)
"""What is said of a model, in this order, and how it is called."""


DEEPEST = 12
"""How far the tree of a network's blocks goes: a stranger's names may have thousands of dots."""


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """A part of a network: how many numbers it has, its shape where it is one tensor, and what it is made of."""

    name: str
    parameters: int
    shape: tuple[int, ...] | None = None
    blocks: tuple[NetworkPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of the model at `path`: `facts` by the keys of `FACTS`, its `blocks`, what is wrong (`problems`),
    and what is guessed, left out or not understood (`notes`). `card` is that of one that can be used."""

    path: Path
    facts: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[NetworkPart, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    card: Card | None = None


def inspect(path: Path) -> Inspection:
    """What can be said of the model whose folder, card or weights `path` is. Raises `ModelNotFound`, and OSError."""
    folder = cards.model_folder(path)
    if folder is None:
        return _file(path)
    try:
        card = cards.read_card(folder)
    except cards.UNUSABLE as error:
        return Inspection(folder, _parts(folder), problems=(sentence(error),))
    files = [] if is_ideal(card) else [folder / name for name in card.architecture.get("files", [card.weights])]
    try:
        tensors = {name: found for file in files for name, found in weights_file.read_header(file).items()}
    except errors.ModelDamaged as error:
        return Inspection(folder, _of_card(card), problems=(sentence(error),), notes=card.notes)
    facts = {**_of_card(card), **_of_files(files, folder), **_of_tensors(tensors)}
    return Inspection(folder, facts, tree(tensors), notes=card.notes, card=card)


def tree(tensors: Mapping[str, StoredTensor]) -> tuple[NetworkPart, ...]:
    """`tensors` by the dots in their names."""
    return _block("", tensors).blocks if tensors else ()


def as_json(found: Inspection) -> dict[str, Any]:
    """`found` as JSON values."""
    process = found.facts.get("process")
    told = {} if process is None else {"process": {"kind": type(process).__name__, **dataclasses.asdict(process)}}
    return {
        "path": str(found.path),
        "facts": {**found.facts, **told},
        "blocks": [dataclasses.asdict(block) for block in found.blocks],
        "problems": list(found.problems),
        "notes": list(found.notes),
    }


def _block(name: str, parts: Mapping[str, StoredTensor], depth: int = 0) -> NetworkPart:
    numbers = sum(tensor.numbers for tensor in parts.values())
    if list(parts) == [""]:
        return NetworkPart(name, numbers, parts[""].shape)
    if depth >= DEEPEST:
        return NetworkPart(name, numbers)
    inside: dict[str, dict[str, StoredTensor]] = defaultdict(dict)
    for rest, tensor in parts.items():
        head, _, further = rest.partition(".")
        inside[head][further] = tensor
    blocks = tuple(_block(name_words(head), rest, depth + 1) for head, rest in inside.items())
    return NetworkPart(name, numbers, None, blocks)


def _file(path: Path) -> Inspection:
    """What a file of weights alone says, or why it is not opened."""
    error = foreign.alone(path)
    if error is None:
        raise errors.ModelNotFound(str(path), (), (path.absolute().parent,))
    if path.suffix != SAFE:
        return Inspection(path, problems=(sentence(error),))
    try:
        tensors = weights_file.read_header(path)
    except errors.ModelDamaged as damaged:
        return Inspection(path, problems=(sentence(damaged),))
    facts = {**_of_files([path], path.parent), **_of_tensors(tensors)}
    return Inspection(path, facts, tree(tensors), (sentence(error),))


def _parts(folder: Path) -> dict[str, Any]:
    """The parts of a pipeline that is not opened, as it names them."""
    try:
        index = foreign.read_index(folder)
    except errors.ModelRefused:
        return {}
    parts = {name: part[1] for name, part in index.items() if isinstance(part, list) and len(part) == 2}
    said = ", ".join(f"{name_words(name)} ({name_words(str(kind))})" for name, kind in parts.items() if kind)
    return {"name": foreign.name_of(folder), "network": said} if said else {}


def _of_card(card: Card) -> dict[str, Any]:
    kind = card.architecture.get("class") or card.architecture.get("net") or ""
    facts = {
        "name": card.name,
        "family": card.family,
        "network": str(kind),
        "shape": list(card.shape),
        "classes": len(card.classes),
        "process": card.schedule,
        "prediction": PREDICTIONS.get(card.prediction, card.prediction),
        "scheduler": card.architecture.get("scheduler", ""),
        "spacing": card.architecture.get("spacing", ""),
        "variants": card.architecture.get("variants", []),
        "licence": card.licence,
    }
    return {key: value for key, value in facts.items() if value not in (None, "", [], 0)}


def _of_files(files: list[Path], folder: Path) -> dict[str, Any]:
    """Names, bytes and checksums."""
    if not files:
        return {}
    sums = dict(_sums(files, folder))
    one = next(iter(sums.values())) if len(sums) == 1 else sums
    return {"files": list(sums), "bytes": sum(file.stat().st_size for file in files), "sha256": one}


def _sums(files: list[Path], folder: Path) -> Iterator[tuple[str, str]]:
    for path in files:
        with serialization.opened(path) as file:
            yield path.relative_to(folder).as_posix(), hashlib.file_digest(file, "sha256").hexdigest()


def _of_tensors(tensors: Mapping[str, StoredTensor]) -> dict[str, Any]:
    kinds = sorted({tensor.dtype for tensor in tensors.values()})
    return {"parameters": sum(tensor.numbers for tensor in tensors.values()), "numbers": ", ".join(kinds)}


def words(facts: Mapping[str, Any], process: str) -> Iterator[tuple[str, str]]:
    """Each of `facts` by its name and in words; `process` is that of its process."""
    for key, name in FACTS.items():
        value = facts.get(key)
        match value:
            case None:
                continue
            case int():
                text = f"{value:,}"
            case list() if key == "shape":
                text = weights_file.shape_words(tuple(value))
            case list():
                text = ", ".join(map(str, value))
            case dict():
                text = ", ".join(f"{digest} ({file})" for file, digest in value.items())
            case _:
                text = process if key == "process" else str(value)
        yield tr(name), text
