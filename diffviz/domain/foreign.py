"""Models that diffusers wrote: what their folders say, read without that library and without running anything.

A folder is a pipeline in the new layout (`model_index.json` and a folder for each component) or the old one (everything
beside it), or a component alone. A stranger wrote it: classes are names to look up in a table, never programs to load,
links lead inside the folder or the cache of the hub that it is part of, and pickles are not opened.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diffviz.domain import declared, serialization, unet_config, weights_file
from diffviz.domain.declared import Declared
from diffviz.domain.errors import ModelDamaged, ModelRefused
from diffviz.domain.text import mark, tr
from diffviz.domain.weights_file import SAFE, StoredTensor, name_words

PIPELINE, CONFIG, SCHEDULER, README = "model_index.json", "config.json", "scheduler_config.json", "README.md"
WEIGHTS = "diffusion_pytorch_model"
NET = "diffusers"
"""The architecture of a network of diffusers: "class" is its name there, "config" what it is made of."""
UNET = "UNet2DModel"
NOT_LOADED = frozenset(("safety_checker", "feature_extractor"))
LIBRARIES = frozenset(("diffusers", "transformers"))
FILE = re.compile(rf"{WEIGHTS}(?:\.(?P<variant>[\w-]+))?(?:-(?P<part>\d{{5}})-of-(?P<of>\d{{5}}))?\.safetensors")
LICENCE = re.compile(r"^license(?:_name)?:\s*['\"]?([\w .+-]{1,60})", re.MULTILINE)
CACHE = "models--"
CHECKED_BYTES = 64 << 20
"""Weights up to this size are read at once, to know which they are."""


@dataclass(frozen=True, slots=True)
class ForeignModel:
    """What the folder of a denoiser says.

    `shape` is (C, H, W); `classes` is how many it is told of; `files` hold its weights, `tensors` are theirs. `notes`
    say what is guessed, left out or not understood.
    """

    name: str
    shape: tuple[int, int, int]
    classes: int
    declared: Declared
    architecture: Mapping[str, Any]
    files: tuple[str, ...]
    tensors: Mapping[str, StoredTensor]
    licence: str = ""
    notes: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """How many numbers its tensors have."""
        return sum(tensor.numbers for tensor in self.tensors.values())


def is_foreign(folder: Path) -> bool:
    """Whether `folder` looks like one that diffusers wrote: that it can be opened is not said."""
    try:
        if (folder / PIPELINE).is_file():
            return True
        there = (folder / CONFIG).is_file()
        return there and any(entry.name.startswith(WEIGHTS) for entry in folder.iterdir())
    except (OSError, ValueError):  # no folder can have such a name, or it does not answer
        return False


def alone(path: Path) -> ModelRefused | None:
    """What is said where the file `path` is asked for as a model and is a pickle, or weights without what describes
    them; None for another one."""
    if path.suffix in weights_file.PICKLES and path.is_file():
        return weights_file.refused_pickle(path)
    if path.suffix == weights_file.SAFE and path.is_file():
        return ModelRefused(
            path, mark("weights alone do not say what they are of: open the folder with its config.json")
        )
    return None


def whole(folder: Path) -> Path:
    """`folder`; the pipeline that it is the denoiser of; the main branch, where it is a repository in a hub's cache."""
    if folder.name == "unet" and (folder.parent / PIPELINE).is_file():
        return folder.parent
    main = folder / "refs" / "main"
    if not folder.name.startswith(CACHE) or not main.is_file():
        return folder
    commit = serialization.read_bytes(main, 256).decode("ascii", "replace").strip()
    return folder / "snapshots" / commit if commit.isalnum() else folder


def name_of(folder: Path) -> str:
    """What the model in `folder` is called: the name of the folder, or of the repository in the hub's cache."""
    root = root_of(folder)
    return root.name.rpartition("--")[2] if root != folder else folder.name


def root_of(folder: Path) -> Path:
    """Where the files of `folder` may lie: it, or the repository in the hub's cache that it is a snapshot of."""
    cached = folder.parent.name == "snapshots" and folder.parent.parent.name.startswith(CACHE)
    return folder.parent.parent if cached else folder


def read(folder: Path) -> ForeignModel:
    """The denoiser in `folder`.

    Raises `ModelRefused` for what is not opened here, and `ModelDamaged` for files that are missing or cut short.
    """
    home, notes = _component(folder)
    raw = declared.read_config(_inside(home / CONFIG, folder))
    files, others = _weights(home, folder)
    with serialization.reading(home / CONFIG, ModelRefused):
        _check_class(raw)
        wire, shape = unet_config.read(raw)
        notes += tuple(unet_config.notes_of(raw, wire))
    process = _process(folder)
    tensors = {name: found for file in files for name, found in weights_file.read_header(folder / file).items()}
    return ForeignModel(
        name=name_of(folder),
        shape=shape,
        classes=wire.num_class_embeds or 0,
        declared=process,
        architecture={
            "net": NET,
            "class": UNET,
            "config": serialization.builtins(wire),
            "told": process.told,
            "sigmas": list(process.sigmas),
            "scheduler": process.own,
            "spacing": process.spacing,
            "variants": list(others),
            "files": list(files),
            "always_told": bool(wire.num_class_embeds),
        },
        files=files,
        tensors=tensors,
        licence=_licence(folder),
        notes=(*process.notes, *notes),
    )


def places(folder: Path) -> tuple[Path, ...]:
    """Where the files of the model in `folder` lie."""
    return folder, folder / "unet", folder / "scheduler"


def read_index(folder: Path) -> dict[str, Any]:
    """What `model_index.json` in `folder` says of its parts. Raises `ModelRefused`."""
    return declared.read_config(_inside(folder / PIPELINE, folder))


def stamped(folder: Path) -> Iterator[Path]:
    """Files of `folder` whose change makes it another model."""
    for home in places(folder):
        for name in (PIPELINE, CONFIG, SCHEDULER):
            yield home / name
        if home.is_dir():
            yield from sorted(path for path in home.iterdir() if path.name.startswith(WEIGHTS))


def _component(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder of the denoiser of the pipeline in `folder`, and what is to be said of the others."""
    if not (folder / PIPELINE).is_file():
        return folder, ()
    index = read_index(folder)
    parts = {name: part for name, part in index.items() if isinstance(part, list) and len(part) == 2}
    with serialization.reading(folder / PIPELINE, ModelRefused):
        _check_parts({name: part for name, part in parts.items() if part != [None, None]})
    unloaded = sorted(NOT_LOADED & parts.keys())
    notes = (tr("left out, as it only judges or prepares pictures: {names}").format(names=", ".join(unloaded)),)
    home = folder / "unet"
    return (home if (home / CONFIG).is_file() else folder), notes if unloaded else ()


def _check_parts(parts: Mapping[str, list[Any]]) -> None:
    """Raise ValueError for a pipeline that has other parts than are opened here."""
    for name, (library, kind) in parts.items():
        if library not in LIBRARIES and name not in NOT_LOADED:
            text = tr("its {part} is a class of its own, {name}, and no program that comes with a model is run")
            raise ValueError(text.format(part=name_words(name), name=name_words(f"{library}.{kind}")))
    others = {name: kind for name, (_, kind) in parts.items() if name not in {"unet", "scheduler"} | NOT_LOADED}
    if "unet" not in parts or others:
        text = tr("a pipeline with {parts} is not opened yet; one of a UNet2DModel and a scheduler is")
        listed = ", ".join(f"{name_words(name)} ({name_words(str(kind))})" for name, kind in others.items())
        raise ValueError(text.format(parts=listed or mark("no unet")))


def _check_class(raw: Mapping[str, Any]) -> None:
    kind = raw.get("_class_name")
    if kind != UNET:
        text = tr("its network is of the class {name}, which is not opened yet; {known} is")
        raise ValueError(text.format(name=name_words(str(kind)), known=UNET))


def _process(folder: Path) -> Declared:
    for path in (folder / "scheduler" / SCHEDULER, folder / SCHEDULER):
        if path.is_file():
            return declared.read_scheduler(_inside(path, folder))
    return declared.undeclared()


def _weights(home: Path, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files of the weights in `home`, seen from `folder`, and the names of variants that are there beside."""
    names = sorted(entry.name for entry in home.iterdir()) if home.is_dir() else []
    found: dict[str, dict[int, str]] = {}
    parts: dict[str, int] = {}
    for name in names:
        if match := FILE.fullmatch(name):
            variant = match["variant"] or ""
            number, of = int(match["part"] or 1), int(match["of"] or 1)
            if not match["of"]:  # whole; parts that lie beside it are the same once more
                found[variant], parts[variant] = {1: name}, 1
            elif parts.get(variant, of) == of and 1 <= number <= of:
                found.setdefault(variant, {})[number], parts[variant] = name, of
    if not found:
        raise _without_weights(home, names)
    chosen, *others = sorted(found)
    if len(found[chosen]) != parts[chosen]:
        text = tr("{n} of its {of} parts are missing, as of a download that was broken off: load it again")
        raise ModelDamaged(home, text.format(n=parts[chosen] - len(found[chosen]), of=parts[chosen]))
    files = [_inside(home / name, folder) for _, name in sorted(found[chosen].items())]
    return tuple(file.relative_to(folder).as_posix() for file in files), tuple(others)


def _without_weights(home: Path, names: list[str]) -> ModelRefused | ModelDamaged:
    pickles = [name for name in names if Path(name).suffix in weights_file.PICKLES]
    if pickles:
        return weights_file.refused_pickle(home / pickles[0])
    return ModelDamaged(home / f"{WEIGHTS}{SAFE}", mark("it is not there"))


def _inside(path: Path, folder: Path) -> Path:
    """`path`. Raises `ModelRefused` where a link leads from it out of where the files of `folder` may lie."""
    with serialization.reading(path, ModelRefused):
        if not path.resolve().is_relative_to(root_of(folder.resolve()) if folder.exists() else folder):
            raise ValueError(mark("a link leads out of its folder"))
    return path


def checksum(folder: Path, files: Sequence[str]) -> str:
    """SHA-256 of the only one of `files` in `folder`; empty where there are several, or where it takes long to read."""
    path = folder / files[0]
    if len(files) > 1 or path.stat().st_size > CHECKED_BYTES:
        return ""
    with serialization.opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _licence(folder: Path) -> str:
    """The licence that the page of the model names in its head; empty where there is none that can be read."""
    try:
        text = serialization.read_bytes(_inside(folder / README, folder)).decode("utf-8", "replace")
    except (OSError, ValueError, ModelRefused):
        return ""
    head = text.split("---", 2)[1] if text.startswith("---") and text.count("---") > 1 else ""
    found = LICENCE.search(head)
    return found[1].strip() if found else ""
