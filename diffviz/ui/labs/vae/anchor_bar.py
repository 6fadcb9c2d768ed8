"""The anchors of a path: A and B, and C and D between them where a person wants them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.text import tr
from diffviz.ui.gallery.picture_picker import IMAGE
from diffviz.ui.gallery.picture_source import pictures_in
from diffviz.ui.widgets.controls import IconButton, label
from diffviz.ui.widgets.pixmaps import thumbnail

ORDER = ("A", "C", "D", "B")
OPTIONAL = ("C", "D")
SIDE = 36


def names_of(count: int) -> tuple[str, ...]:
    """Names of `count` anchors in the order of the path: A B, A C B, A C D B."""
    return ("A", *OPTIONAL[: count - 2], "B")


class AnchorButton(QToolButton):
    """One anchor: its letter over its picture; a picture can be dropped on it.

    Signals: `dropped(sha256)`; `files_dropped(paths)` of picture files.
    """

    dropped = Signal(str)
    files_dropped = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setText(name)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("padding: 5px 2px;")
        self.setAcceptDrops(True)
        self.setAccessibleName(tr("Anchor {name}").format(name=name))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(IMAGE) or pictures_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        if event.mimeData().hasFormat(IMAGE):
            self.dropped.emit(bytes(event.mimeData().data(IMAGE).data()).decode())
        else:
            self.files_dropped.emit(pictures_in(event.mimeData()))


class AnchorBar(QWidget):
    """The anchors in a row.

    Signals: `set_asked(name, sha256)`, an empty sha256 being the selected picture; `files_dropped(name, paths)`;
    `remove_asked(name)`.
    """

    set_asked = Signal(str, str)
    files_dropped = Signal(str, object)
    remove_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = {name: AnchorButton(name) for name in ORDER}
        self.removes = {name: IconButton("x", tr("Take {name} out").format(name=name), 18, 11) for name in OPTIONAL}
        row = QHBoxLayout()
        row.setSpacing(4)
        for name, button in self.buttons.items():
            row.addLayout(self._column(name, button))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(label(tr("Click puts the selected picture there."), "quiet", wrap=True))

    def show_anchors(self, pictures: Mapping[str, U8 | None]) -> None:
        """Show the anchors there are, each with its picture where it is one."""
        ratio = self.devicePixelRatioF()
        for name, button in self.buttons.items():
            there, pixels = name in pictures, pictures.get(name)
            picture = thumbnail(pixels, SIDE, ratio) if pixels is not None else _nothing(ratio)
            button.setIcon(QIcon(picture))
            button.setText(name if there else f"+ {name}")
            button.setToolTip(_tip(name, there))
            if name in self.removes:
                self.removes[name].setVisible(there and not (name == "C" and "D" in pictures))

    def _column(self, name: str, button: AnchorButton) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(button)
        button.clicked.connect(lambda: self.set_asked.emit(name, ""))
        button.dropped.connect(lambda sha256: self.set_asked.emit(name, sha256))
        button.files_dropped.connect(lambda paths: self.files_dropped.emit(name, paths))
        if name in self.removes:
            remove = self.removes[name]
            remove.clicked.connect(lambda: self.remove_asked.emit(name))
            column.addWidget(remove, 0, Qt.AlignmentFlag.AlignHCenter)
            remove.hide()
        column.addStretch(1)
        return column


def _tip(name: str, there: bool) -> str:
    if there:
        return tr("Put the selected picture at {name}; drag {name} on a map to move it freely").format(name=name)
    return tr("Let the path go through the selected picture as {name}").format(name=name)


def _nothing(ratio: float) -> QPixmap:
    pixmap = QPixmap(round(SIDE * ratio), round(SIDE * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
