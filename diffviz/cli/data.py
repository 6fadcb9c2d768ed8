"""What commands say of the data that they read, before anything is done with it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diffviz.domain.cards import Card
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.text import tr

if TYPE_CHECKING:
    from diffviz.engine.datasets import TrainingSet

FEW = 5


def say_data(data: TrainingSet, *, quiet: bool) -> None:
    """Say on stderr what `data` holds; where `quiet` only what was guessed, changed or left out of it."""
    from diffviz.engine.datasets.summary import headline

    if not quiet:
        print(tr("{name}: {what}").format(name=data.name, what=headline(data)), file=sys.stderr)
    say_notes(data.notes if quiet else (*data.notes, *data.passed_over))


def say_notes(notes: Sequence[str]) -> None:
    """Say sentences on what was read, a line each."""
    for note in notes:
        print(f"  {note}", file=sys.stderr)


def data_for(path: Path, split: str, card: Card) -> TrainingSet:
    """The `split` of the data at `path` in the shape, and with the classes in the order, of the model of `card`.

    Raises `DataUnsuitable`, for other classes too.
    """
    from diffviz.engine.datasets import load

    data = load(path, split, shape=card.shape).in_order(card.classes)
    numbers = all(name.isdecimal() for name in data.classes) and len(data.classes) == len(card.classes)
    if card.classes and data.classes != card.classes and not numbers:
        text = tr("its classes ({found}) are not those of {model} ({known})")
        shown = text.format(found=_few(data.classes), model=card.id, known=_few(card.classes))
        raise DataUnsuitable(path, shown)
    return data


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:FEW]) + (" …" if len(names) > FEW else "") or "–"
