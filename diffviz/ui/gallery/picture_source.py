"""What places to choose real pictures have in common: a data set, its classes, pictures dropped, what is wrong.

Sample pictures of a card's data set, for labs and instruments, and which training pictures there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from diffviz import families, imaging
from diffviz.domain import errors, panes, requests, samples
from diffviz.domain.arrays import F32, U8
from diffviz.domain.cards import Card
from diffviz.domain.text import tr
from diffviz.export.reading import has_record
from diffviz.session import looks
from diffviz.session.session import Session
from diffviz.ui.forms.editors import SearchCombo
from diffviz.ui.widgets import controls, picture_grid, view

MOST_SHOWN = 128


class PictureSource(QWidget):
    """Offers pictures of a data set and a person's own. A subclass places `classes`, `shuffle` and `error`.

    Signals: `picture_asked` (open a file); `pictures_dropped(paths)`; `error_shown` (something wrong was said).
    """

    picture_asked = Signal()
    pictures_dropped = Signal(object)
    error_shown = Signal()

    def __init__(self, session: Session, rng: np.random.Generator | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rng = rng or np.random.default_rng()
        self._data: samples.Dataset | None = None
        self._only: frozenset[int] | None = None
        self._order: list[int] = []
        self.classes = SearchCombo()
        self.classes.setAccessibleName(tr("Class of the pictures shown"))
        self.classes.setToolTip(tr("Show pictures of one class"))
        self.shuffle = controls.IconButton("refresh-cw", tr("Show other pictures"))
        self.error = controls.label("", "error", wrap=True)
        self.error.hide()
        self.setAcceptDrops(True)
        self.classes.picked.connect(self._on_shuffle)
        self.shuffle.clicked.connect(self._on_shuffle)

    def set_data(self, data: samples.Dataset | None) -> None:
        """Offer the pictures of `data`."""
        self._data, self._only, self._order = data, None, []
        self.classes.clear()
        self.classes.addItem(tr("all classes"), None)
        for number, name in enumerate(data.classes if data else ()):
            self.classes.addItem(tr(name), number)
        self.classes.set_data(None)
        self.classes.setVisible(data is not None and len(data.classes) > 1)
        self.shuffle.setVisible(data is not None)

    def look(self) -> looks.Look:
        """The class that pictures are shown of, and which others were asked for last."""
        return {"class": self.classes.currentData(), "order": self._order}

    def take_look(self, look: looks.Look) -> None:
        """Show pictures of the same class, and the same ones."""
        count = len(self._data.images) if self._data is not None else 0
        label = looks.number(look, "class", 0, self.classes.count() - 2)
        self.classes.set_data(None if label is None else int(label))
        order = looks.indices(look, "order", count)
        if order:
            self._order = list(order)
            self._show_others(self._order)

    def add_picture(self, pixels: U8, title: str) -> str:
        """Take a person's own picture in; its name."""
        raise NotImplementedError

    def show_error(self, text: str) -> None:
        """Say in place what is wrong with a picture; an empty text says nothing."""
        self.error.setText(text)
        self.error.setVisible(bool(text))
        if text:
            self.error_shown.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if pictures_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.pictures_dropped.emit(pictures_in(event.mimeData()))

    def _show_others(self, numbers: Sequence[int]) -> None:
        """Show other pictures beside those chosen: the first of `numbers` that are none of these."""
        raise NotImplementedError

    def _tile(self, number: int) -> picture_grid.Tile:
        assert self._data is not None
        pixels, classes = self._data.images[number], self._data.classes
        return picture_grid.Tile(
            requests.digest(pixels), pixels, tr(classes[self._data.labels[number]]) if classes else ""
        )

    @Slot()
    def _on_shuffle(self) -> None:
        if self._data is not None:
            numbers = self._rng.permutation(self._data.indices(self.classes.currentData())).tolist()
            wanted = [n for n in numbers if self._only is None or n in self._only]
            self._order = wanted[:MOST_SHOWN]
            self._show_others(wanted)


def pictures_in(data: QMimeData) -> list[Path]:
    """Picture files among what is dragged; those with a run inside are the window's to open."""
    local = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return [path for path in local if imaging.named_as_picture(path) and not has_record(path)]


def material(card: Card) -> tuple[object, ...]:
    """What decides which pictures fit a model."""
    return str(card.dataset.get("name")), card.shape


def pictures_of(card: Card) -> samples.Dataset | None:
    """The sample pictures of the data that the model was trained on; None where there are none of its shape.

    Raises `DiffvizError` where they cannot be read.
    """
    name = str(card.dataset.get("name"))
    data = samples.load(name) if samples.has(name) else None
    return data if data is not None and data.shape == card.pixels else None


def data_of(card: Card | None) -> samples.Dataset | None:
    """The sample pictures of the data set of `card`'s model, where there are some of its size."""
    name = str(card.dataset.get("name", "")) if card else ""
    if card is None or not samples.has(name):
        return None
    try:
        data = samples.load(name)
    except errors.DiffvizError:
        return None
    return data if data.images.shape[1:3] == card.shape[1:] else None


def pictures(data: samples.Dataset) -> F32:
    """All pictures of `data` as a network sees them: float32 (N, C, H, W) in −1 … 1, made once and read-only."""
    return _pictures(data.name)


@lru_cache(maxsize=2)
def _pictures(name: str) -> F32:
    images = samples.load(name).images
    images = images[..., None] if images.ndim == 3 else images
    made = images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(127.5) - 1
    made.flags.writeable = False
    return made


def originals(shown: view.Shown, card: Card | None, most: int = 256) -> F32 | None:
    """x_0: the shown forward run's own pictures, else pictures of the data set; None where there are none."""
    first = shown.a.at(0.0) if shown.a else None
    if (
        first is not None
        and first.position == 0
        and any(pane.role is panes.Role.ORIGINAL for pane in families.panes_of(first))
    ):
        given: F32 = first.arrays()["x"]
        return given
    data = data_of(shown.card or card)
    return pictures(data)[:most] if data is not None else None


def training_pictures(count: int, trained: int) -> str:
    """`count` pictures of the `trained` ones that a network was trained on; 0 where that is not known."""
    if trained > count:
        return tr("{n} of the {all} training pictures").format(n=f"{count:,}", all=f"{trained:,}")
    if trained == count:
        return tr("all {n} training pictures").format(n=f"{count:,}")
    return tr("{n} training pictures").format(n=f"{count:,}")
