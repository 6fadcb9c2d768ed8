"""Import of a person's own pictures: file, crop, turn, invert, gallery; and what cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PIL import Image
from PySide6.QtCore import QObject, Qt, SignalInstance, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.errors import DiffvizError
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.imaging import SUFFIXES, bright_ground, open_pictures, pixels_of
from diffviz.session import folders
from diffviz.ui.gallery.crop_view import CropView
from diffviz.ui.widgets.controls import IconButton, heading, label
from diffviz.ui.widgets.pixmaps import thumbnail

PREVIEW = 140
WHITE = 255


class PictureDialog(QDialog):
    """Asks which part of `picture` becomes an image of `shape`, (H, W) grey or (H, W, 3) colour.

    `dark` says that the model's images have a dark ground: a picture on a bright one is then inverted at first. `notes`
    say what was guessed when it was read.
    """

    def __init__(
        self,
        picture: Image.Image,
        name: str,
        shape: tuple[int, ...],
        notes: Sequence[str] = (),
        *,
        dark: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.picture, self._shape, self._dark = picture, shape, dark
        self.setWindowTitle(tr("Take in {name}").format(name=name))
        self.view = CropView(picture, shape[1] / shape[0])
        self.preview = QLabel()
        self.notes = label("\n".join(notes), "quiet", wrap=True)
        self.notes.setVisible(bool(notes))
        self.invert = QCheckBox(tr("Invert light and dark"))
        self.left = IconButton("rotate-ccw", tr("Turn to the left"))
        self.right = IconButton("rotate-cw", tr("Turn to the right"))
        self.use = QPushButton(tr("Use picture"))
        self.cancel = QPushButton(tr("Cancel"))
        self.invert.setChecked(len(shape) == 2 and dark and bright_ground(picture))
        self._arrange()
        self._connect()
        self._show_preview()

    def pixels(self) -> U8:
        """The picture as it was adjusted, uint8 of the shape asked for."""
        invert = self.invert.isChecked()
        ground = 0 if self._dark != invert else WHITE
        return pixels_of(self.picture, self.view.crop, self._shape, invert=invert, ground=ground)

    def _arrange(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(heading(tr("What the model sees")))
        self.preview.setFixedSize(PREVIEW, PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setAccessibleName(tr("The picture at the model's size"))
        side.addWidget(self.preview)
        side.addWidget(label(self._size_text(), "quiet"))
        turns = QHBoxLayout()
        for button in (self.left, self.right):
            turns.addWidget(button)
        turns.addStretch(1)
        side.addLayout(turns)
        side.addWidget(self.invert)
        side.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.view, 1)
        top.addLayout(side)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(top, 1)
        column.addWidget(label(tr("Drag the frame or its corners; arrow keys, + and − work too."), "quiet", wrap=True))
        column.addWidget(self.notes)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        self.use.setProperty("role", "primary")
        self.use.setDefault(True)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.use)
        return row

    def _size_text(self) -> str:
        kind = tr("grey") if len(self._shape) == 2 else tr("colour")
        return tr("{height} × {width} pixels, {kind}").format(height=self._shape[0], width=self._shape[1], kind=kind)

    def _connect(self) -> None:
        self.view.crop_changed.connect(self._show_preview)
        self.invert.toggled.connect(self._show_preview)
        self.left.clicked.connect(self._on_left)
        self.right.clicked.connect(self._on_right)
        self.use.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)

    @Slot()
    def _show_preview(self) -> None:
        self.preview.setPixmap(thumbnail(self.pixels(), PREVIEW, self.devicePixelRatioF()))

    @Slot()
    def _on_left(self) -> None:
        self._turn(Image.Transpose.ROTATE_90)

    @Slot()
    def _on_right(self) -> None:
        self._turn(Image.Transpose.ROTATE_270)

    def _turn(self, how: Image.Transpose) -> None:
        self.picture = self.picture.transpose(how)
        self.view.set_picture(self.picture)


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
        folder = str(folders.current.first(folders.PICTURES, folders.ANY))
        files = QFileDialog(
            self._window, tr("Open a picture"), folder, tr("Pictures ({patterns})").format(patterns=patterns)
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
            folders.current.succeeded(self._path, folders.PICTURES)
            if self._taken is not None:
                self._taken(name)
        dialog.deleteLater()
        self._next()
