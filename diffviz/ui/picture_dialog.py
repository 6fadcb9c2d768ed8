"""Taking in a person's own picture: crop, turn, invert, and see it at the model's size."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.text import tr
from diffviz.imaging.crop import pixels_of
from diffviz.imaging.pictures import bright_ground
from diffviz.ui.forms.controls import IconButton, heading, label
from diffviz.ui.gallery.crop_view import CropView
from diffviz.ui.thumbnails import thumbnail

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
