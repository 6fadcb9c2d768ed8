"""Data to train on and to measure with: folders of pictures or of IDX files, IDX files, .npz and .npy files.

Nothing is unpickled, and no array is made before it is known to fit. What can be understood is read, and what was
guessed, changed or left out is said in the notes of the `TrainingSet`; all else raises `DataUnsuitable` with what was
found and what is needed.

What a data set holds, said before it is trained on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import U8
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.samples import ABOUT, Info, read_info
from diffviz.domain.serialization import check_line, reading
from diffviz.domain.text import mark, tr, trn
from diffviz.engine.datasets import idx, npz
from diffviz.engine.datasets.arrays import MOST_CLASSES, classes_of, numbered
from diffviz.engine.datasets.folders import PictureFolder, hidden, holds_pictures, unwrapped
from diffviz.engine.datasets.part import (
    TEST,
    TRAIN,
    DataPart,
    Target,
    TrainingSet,
    are_parts,
    best,
    part_of,
    stem,
    to_unit,
    unreadable,
)
from diffviz.imaging import is_picture

__all__ = ["TrainingSet", "load", "to_unit"]

ARCHIVES = frozenset({".zip", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz"})
LONGEST_NAME = 200
DARK = 12


def load(path: Path, split: str = TRAIN, size: int = 0, shape: tuple[int, int, int] | None = None) -> TrainingSet:
    """Read the `split` ("train" or "test") of the data at `path`.

    Without parts, all of it is for training. Pictures are brought to `size` × `size`, 0 for their own size, or to
    `shape` (C, H, W), that of a model. Both parts number their classes as the training part has them.
    """
    with reading(path, unreadable):
        there = path.exists()
    if not there:
        raise DataUnsuitable(path, mark("there is no such file or folder"))
    root = unwrapped(path) if path.is_dir() else path
    sources, unused = _sources(root)
    if split not in sources:
        raise DataUnsuitable(path, _LACKING[split])
    source, about = sources[split], _about(root if root.is_dir() else root.parent)
    classes, labels = _labelled(source, sources.get(TRAIN, source), about)
    _check_names((_name(path), *classes), path)
    made = source.pictures(Target(shape[1:], shape[0]) if shape else Target((size, size) if size else None))
    return TrainingSet(
        name=about.name or _name(path),
        images=np.ascontiguousarray(made.images),
        labels=np.zeros(len(made.images), np.int64) if labels is None else labels,
        classes=classes,
        source=about.source or "",
        licence=about.licence or "",
        notes=(*made.notes, *_darkness(made.images)),
        passed_over=(*made.passed_over, *_unused(unused)),
    )


def has_test(path: Path) -> bool:
    """Whether the data at `path`, which can be read, have a test part."""
    return TEST in _sources(unwrapped(path) if path.is_dir() else path)[0]


_LACKING = {
    TRAIN: mark("it has no training part: put its pictures into a folder named train"),
    TEST: mark("it has no test part: put other images into a folder named test beside train"),
}


def _sources(path: Path) -> tuple[Mapping[str, DataPart], list[str]]:
    """The parts of the data at `path`, and the names of what is not used of it."""
    if not path.is_dir():
        return _of_file(path)
    files = [file for file in sorted(path.iterdir()) if file.is_file() and not hidden(file.name)]
    archives = [file for file in files if file.suffix.lower() == ".npz"]
    found, left = best((stem(file), file) for file in archives if part_of(stem(file)))
    if found:
        parts = {part: npz.sources(npz.members_of(file), file)[0].get(TRAIN) for part, file in found.items()}
        return {part: source for part, source in parts.items() if source}, left
    if named := idx.files_in(path):
        return idx.sources(named, path), []
    folders, left = _part_folders(path)
    if folders:
        return {part: PictureFolder(folder) for part, folder in folders.items()}, left
    arrays = archives if len(archives) == 1 else [path] if any(f.suffix.lower() == ".npy" for f in files) else []
    if arrays and not holds_pictures(path):
        return npz.sources(npz.members_of(arrays[0]), arrays[0])
    return {TRAIN: PictureFolder(path)}, []


def _of_file(path: Path) -> tuple[Mapping[str, DataPart], list[str]]:
    """The parts of the data in the file `path`, and the names of what is not used of it. Raises `DataUnsuitable`."""
    if path.suffix.lower() in (".npz", ".npy"):
        return npz.sources(npz.members_of(path), path)
    if name := idx.named(path):
        beside = [n for n in idx.files_in(path.parent) if n.series == name.series]
        return idx.sources(beside, path.parent), []
    if idx.is_idx(path):
        return {TRAIN: idx.IdxFiles(idx.IdxName(path, "", TRAIN, "images"), None)}, []
    reason = mark("it is neither a folder of pictures nor IDX, .npz or .npy")
    if is_picture(path):
        reason = mark("it is one picture: put pictures into a folder, and name the folder")
    elif path.suffix.lower() in ARCHIVES:
        reason = mark("it is an archive: unpack it, and name the folder")
    raise DataUnsuitable(path, reason)


def _part_folders(path: Path) -> tuple[dict[str, Path], list[str]]:
    """The folders of the parts where all folders with pictures are such, and the names of those that are not used."""
    folders = [folder for folder in sorted(path.iterdir()) if folder.is_dir() and not hidden(folder.name)]
    filled = [folder for folder in folders if holds_pictures(folder)]
    if not are_parts(folder.name for folder in filled):
        return {}, []
    return best((folder.name, folder) for folder in filled)


def _unused(names: Sequence[str]) -> list[str]:
    return [tr("Not used: {names}.").format(names=", ".join(names))] if names else []


def _darkness(images: U8) -> list[str]:
    top = int(images.max())
    text = tr("The images are black to the eye: their largest value is {top} of 255.")
    return [text.format(top=top)] if top < DARK else []


def _name(path: Path) -> str:
    """What data at `path` is called that does not say it."""
    if path.is_file() and not part_of(stem(path)) and not idx.named(path):
        return stem(path)
    folder = (path if path.is_dir() else path.parent).resolve()
    return folder.parent.name if folder.name == "raw" else folder.name


def _labelled(source: DataPart, training: DataPart, about: Info) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
    """The classes, as `training` numbers them, and the class of each picture of `source`; None without classes.

    Names in dataset.json or beside the labels come first, unless folders say them. Raises `DataUnsuitable`.
    """
    known, values = training.labels(), source.labels()
    if known is None or values is None:
        return (), None
    said = about.classes if not isinstance(source, PictureFolder) else None
    names = tuple(said or training.class_names())
    if len(names) > MOST_CLASSES:
        text = tr("it has {n:,} classes, at most {most:,} can be learnt: are the labels something else?")
        raise DataUnsuitable(source.path, text.format(n=len(names), most=MOST_CLASSES))
    if not names:
        names = classes_of(known, source.path)
    elif values.dtype.kind == "i":
        if values.min() < 0 or values.max() >= len(names):
            raise DataUnsuitable(source.path, tr("a label lies outside its {n} classes").format(n=len(names)))
        return names, np.asarray(values, np.int64)
    return names, numbered(values, names, source.path)


def _about(folder: Path) -> Info:
    """What dataset.json in `folder` says. Raises `DataUnsuitable`."""
    path = folder / ABOUT
    return read_info(path) if path.exists() else Info()


def _check_names(names: Sequence[str], path: Path) -> None:
    """Raise `DataUnsuitable` for names that the card of a model cannot keep."""
    for name in names:
        with reading(path, DataUnsuitable):
            check_line(name)
        if len(name) > LONGEST_NAME:
            text = tr("a name of a class has {n:,} characters: are the labels something else?")
            raise DataUnsuitable(path, text.format(n=len(name)))


MOST_SHOWN = 12


def summary(data: TrainingSet) -> dict[str, Any]:
    """Number, size and colour of the pictures, how many each class has, what was guessed and what was passed over."""
    channels, height, width = data.shape
    return {
        "name": data.name,
        "pictures": len(data),
        "size": [height, width],
        "colour": channels == 3,
        "classes": _counts(data),
        "notes": list(data.notes),
        "passed_over": list(data.passed_over),
    }


def headline(data: TrainingSet) -> str:
    """Pictures, size, colour, and classes with their counts, in one line."""
    channels, height, width = data.shape
    text = trn("{n:,} picture of {width} × {height}, {kind}", "{n:,} pictures of {width} × {height}, {kind}", len(data))
    kind = tr("grey") if channels == 1 else tr("colour")
    return f"{text.format(n=len(data), width=width, height=height, kind=kind)}; {_classes(data)}"


def _counts(data: TrainingSet) -> dict[str, int]:
    counts = np.bincount(data.labels, minlength=len(data.classes)).tolist() if data.classes else []
    return dict(zip(data.classes, counts, strict=True))


def _classes(data: TrainingSet) -> str:
    counts = _counts(data)
    if not counts:
        return tr("no classes")
    shown = ", ".join(f"{name}: {count:,}" for name, count in list(counts.items())[:MOST_SHOWN])
    if len(counts) > MOST_SHOWN:
        least, most = min(counts.values()), max(counts.values())
        more = tr("and {n} more, from {least:,} to {most:,} pictures each")
        shown = f"{shown} {more.format(n=len(counts) - MOST_SHOWN, least=least, most=most)}"
    return trn("{n} class ({classes})", "{n} classes ({classes})", len(counts)).format(n=len(counts), classes=shown)
