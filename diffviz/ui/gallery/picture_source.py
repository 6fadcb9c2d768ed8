"""What places to choose real pictures have in common: a data set, its classes, pictures dropped, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.requests import digest
from diffviz.domain.samples import Dataset
from diffviz.domain.text import tr
from diffviz.export.reading import has_record
from diffviz.imaging.pictures import named_as_picture
from diffviz.session.session import Session
from diffviz.ui.forms.class_picker import SearchCombo
from diffviz.ui.widgets.controls import IconButton, label
from diffviz.ui.widgets.picture_grid import Tile


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
        self._data: Dataset | None = None
        self.classes = SearchCombo()
        self.classes.setAccessibleName(tr("Class of the pictures shown"))
        self.classes.setToolTip(tr("Show pictures of one class"))
        self.shuffle = IconButton("refresh-cw", tr("Show other pictures"))
        self.error = label("", "error", wrap=True)
        self.error.hide()
        self.setAcceptDrops(True)
        self.classes.picked.connect(self._on_shuffle)
        self.shuffle.clicked.connect(self._on_shuffle)

    def set_data(self, data: Dataset | None) -> None:
        """Offer the pictures of `data`."""
        self._data = data
        self.classes.clear()
        self.classes.addItem(tr("all classes"), None)
        for number, name in enumerate(data.classes if data else ()):
            self.classes.addItem(tr(name), number)
        self.classes.set_data(None)
        self.classes.setVisible(data is not None and len(data.classes) > 1)
        self.shuffle.setVisible(data is not None)

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

    def _tile(self, number: int) -> Tile:
        assert self._data is not None
        pixels, classes = self._data.images[number], self._data.classes
        return Tile(digest(pixels), pixels, tr(classes[self._data.labels[number]]) if classes else "")

    @Slot()
    def _on_shuffle(self) -> None:
        if self._data is not None:
            numbers = self._rng.permutation(self._data.indices(self.classes.currentData()))
            self._show_others(numbers.tolist())


def pictures_in(data: QMimeData) -> list[Path]:
    """Picture files among what is dragged; those with a run inside are the window's to open."""
    local = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return [path for path in local if named_as_picture(path) and not has_record(path)]
