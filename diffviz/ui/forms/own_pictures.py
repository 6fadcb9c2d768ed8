"""A person's own pictures on their way into the gallery: file, crop, gallery; what cannot be read is said there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.errors import DiffvizError
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.imaging.pictures import SUFFIXES, open_pictures
from diffviz.ui.picture_dialog import PictureDialog


class TakesPictures(Protocol):
    """Where pictures go."""

    @property
    def pictures_dropped(self) -> SignalInstance:
        """Carries paths of picture files."""

    def add_picture(self, pixels: U8, title: str) -> str:
        """Take a picture in; its name."""

    def show_error(self, text: str) -> None:
        """Say what is wrong; an empty text says nothing."""


Taken = Callable[[str], None]
"""Told the name of a picture that was taken in."""


class OwnPictures(QObject):
    """Takes pictures in for `gallery`, one dialog after the other. `dialog` is the one that is open."""

    def __init__(self, gallery: TakesPictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._gallery, self._window = gallery, parent
        self._waiting: list[tuple[Path, Taken | None]] = []
        self._refused: list[str] = []
        self._path = Path()
        self._taken: Taken | None = None
        self._shape: tuple[int, ...] = (28, 28)
        self._dark = True
        self.dialog: PictureDialog | None = None
        gallery.pictures_dropped.connect(self.take)

    def expect(self, shape: tuple[int, ...], *, dark: bool) -> None:
        """Bring pictures to `shape`, (H, W) or (H, W, 3), with a `dark` ground or a bright one."""
        self._shape, self._dark = shape, dark

    def ask(self) -> None:
        """Ask for files."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        files = QFileDialog(
            self._window, tr("Open a picture"), "", tr("Pictures ({patterns})").format(patterns=patterns)
        )
        files.setFileMode(QFileDialog.FileMode.ExistingFiles)
        files.filesSelected.connect(self._on_files_selected)
        files.finished.connect(files.deleteLater)
        files.open()

    @Slot(object)
    def take(self, paths: Sequence[Path], taken: Taken | None = None) -> None:
        """Take `paths` in, after those that wait already; `taken` is told the first where a person keeps it."""
        self._gallery.show_error("")
        self._refused.clear()
        self._waiting.extend((path, None if number else taken) for number, path in enumerate(paths))
        self._next()

    @Slot(list)
    def _on_files_selected(self, names: list[str]) -> None:
        self.take([Path(name) for name in names])

    def _next(self) -> None:
        if self.dialog is not None or not self._waiting:
            return
        self._path, self._taken = self._waiting.pop(0)
        try:
            [picture], notes = open_pictures([self._path])
        except DiffvizError as error:
            self._refused.append(sentence(error))
            self._gallery.show_error("\n".join(self._refused))
            self._next()
            return
        self.dialog = PictureDialog(picture, self._path.name, self._shape, notes, dark=self._dark, parent=self._window)
        self.dialog.finished.connect(self._on_finished)
        self.dialog.open()

    @Slot(int)
    def _on_finished(self, result: int) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is None:
            return
        if result == PictureDialog.DialogCode.Accepted:
            name = self._gallery.add_picture(dialog.pixels(), self._path.name)
            if self._taken is not None:
                self._taken(name)
        dialog.deleteLater()
        self._next()
