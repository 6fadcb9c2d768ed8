"""Labels as numbers of classes: whichever way they are written, where their meaning is plain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.text import mark, tr
from diffviz.engine.datasets.part import Values

MOST_CLASSES = 1000
FEW = 10


def natural(name: str) -> tuple[object, ...]:
    """Key that puts names in the order in which people count: 0, 1, 2, 10."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return (*(int(part) if i % 2 else part for i, part in enumerate(parts)), name)


def values_of(labels: NDArray[np.generic], count: int, path: Path) -> Values:
    """One number or name for each of `count` pictures, from `labels` (N,), (N, 1) or one-hot (N, K).

    Raises `DataUnsuitable` for what cannot be understood so.
    """
    if labels.ndim == 0:
        raise DataUnsuitable(path, tr("its labels are one value, and {n} are needed: one a picture").format(n=count))
    flat = labels.reshape(-1) if labels.ndim > 1 and labels.size == max(labels.shape) else labels
    if flat.ndim == 2 and len(flat) == count:
        flat = _from_one_hot(flat, path)
    if flat.shape != (count,):
        text = tr("its labels are of shape {shape}, and {n} are needed: one number or name a picture")
        raise DataUnsuitable(path, text.format(shape=tuple(map(int, labels.shape)), n=count))
    return _plain(flat, path)


def classes_of(values: Values, path: Path) -> tuple[str, ...]:
    """Names of the classes that occur in `values`, in natural order; numbers without a gap from 0 on are all there.

    Raises `DataUnsuitable` where they are no classes.
    """
    found = np.unique(values)
    if len(found) > MOST_CLASSES:
        text = tr("it has {n:,} classes, at most {most:,} can be learnt: are the labels something else?")
        raise DataUnsuitable(path, text.format(n=len(found), most=MOST_CLASSES))
    if found.dtype.kind == "i":
        gaps = found[0] != 0 or found[-1] != len(found) - 1
        if gaps and len(found) == len(values) > FEW:
            text = tr("each of its {n} pictures has a label of its own ({first}, {second}, …): these are no classes")
            raise DataUnsuitable(path, text.format(n=len(values), first=found[0], second=found[1]))
        return tuple(str(value) for value in found)
    return tuple(sorted((str(value) for value in found), key=natural))


def numbered(values: Values, classes: Sequence[str], path: Path) -> NDArray[np.int64]:
    """The number of each of `values` among `classes`. Raises `DataUnsuitable` for one that is not among them."""
    found, places = np.unique(values, return_inverse=True)
    known = {name: number for number, name in enumerate(classes)}
    unknown = [str(value) for value in found if str(value) not in known]
    if unknown:
        text = tr("a label, {label}, lies outside its {n} classes")
        raise DataUnsuitable(path, text.format(label=unknown[0], n=len(classes)))
    return np.array([known[str(value)] for value in found], np.int64)[places]


def _from_one_hot(labels: NDArray[np.generic], path: Path) -> NDArray[np.generic]:
    numbers = labels.dtype.kind in "buif"
    if not numbers or not ((labels == 0) | (labels == 1)).all() or not (labels.sum(1) == 1).all():
        text = tr("its labels are of shape {shape} and not one-hot: one number or name a picture is needed")
        raise DataUnsuitable(path, text.format(shape=tuple(map(int, labels.shape))))
    return np.asarray(labels.argmax(1))


def _plain(labels: NDArray[np.generic], path: Path) -> Values:
    kind = labels.dtype.kind
    if kind == "S":
        return np.char.decode(labels.astype(np.bytes_), "utf-8", "replace")
    if kind == "U":
        return labels.astype(np.str_)
    if kind not in "buif" or not np.isfinite(labels.astype(np.float64)).all():
        raise DataUnsuitable(path, mark("its labels are neither whole numbers nor names"))
    broken = labels[labels.astype(np.float64) != np.rint(labels.astype(np.float64))]
    if len(broken) or abs(labels.astype(np.float64)).max(initial=0) >= 2**62:
        text = tr("a label is {label}: whole numbers or names of classes are needed")
        raise DataUnsuitable(path, text.format(label=broken[0] if len(broken) else labels.max()))
    numbers = labels.astype(np.int64)
    if numbers.min(initial=0) < 0 and set(np.unique(numbers).tolist()) != {-1, 1}:
        text = tr("a label is {label}, and classes are numbered from 0 on: take such pictures out, or name the class")
        raise DataUnsuitable(path, text.format(label=numbers.min()))
    return numbers
