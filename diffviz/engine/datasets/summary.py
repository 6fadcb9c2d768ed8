"""What a data set holds, said before it is trained on."""

from __future__ import annotations

from typing import Any

import numpy as np

from diffviz.domain.text import tr, trn
from diffviz.engine.datasets.dataset import TrainingSet

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
