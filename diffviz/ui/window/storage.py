"""The dialog on what is kept on disk: what it is for, how much it is, and a button that clears it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.text import tr
from diffviz.session.storage import CACHES, FRAMES, KINDS, RECOVERY, Storage
from diffviz.ui.widgets import controls, layout
from diffviz.ui.widgets.format import size

TEXT_WIDTH = 400
BESIDE = QSize(40, 90)


def _told() -> dict[str, tuple[str, str, str]]:
    """Title, what it is for, and what its button does, of each kind that is kept."""
    return {
        RECOVERY: (
            tr("Runs in case of a crash"),
            tr("What is not saved, of windows that are open; and what was left behind, until it is restored."),
            tr("Delete what windows have left behind that are closed"),
        ),
        FRAMES: (
            tr("Frames that memory has no room for"),
            tr("They go with their runs: delete runs, or give frames more memory in the settings."),
            tr("Delete what is left of programs that have ended"),
        ),
        CACHES: (
            tr("Caches"),
            tr("What was computed once and is needed again, such as features of training pictures."),
            tr("Delete it; what is needed is computed again"),
        ),
    }


class StorageDialog(QDialog):
    """Shows what `storage` counts, and clears it. `sizes` and `buttons` are by kind."""

    def __init__(self, storage: Storage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._storage = storage
        storage.setParent(self)
        self.setWindowTitle(tr("Kept on disk"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sizes = {kind: controls.label("…", "value") for kind in KINDS}
        self.buttons = {kind: QPushButton(tr("Clear")) for kind in KINDS}
        self.close_button = QPushButton(tr("Close"))
        self.close_button.setToolTip(tr("Close (Esc)"))
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        self._arrange()
        storage.changed.connect(self._show)
        storage.count()
        self._show()

    def done(self, result: int) -> None:
        """Close, and count no more."""
        self._storage.close()
        super().done(result)

    def _arrange(self) -> None:
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(14)
        grid.setColumnStretch(0, 1)
        for row, (kind, (title, what, clears)) in enumerate(_told().items()):
            grid.addLayout(_text(title, what), row, 0)
            grid.addWidget(self.sizes[kind], row, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(self._button(kind, title, clears), row, 2, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 18)
        column.setSpacing(16)
        column.addWidget(layout.Fitting(rows, BESIDE), 1)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.close_button)
        column.addLayout(below)

    def _button(self, kind: str, title: str, clears: str) -> QPushButton:
        button = self.buttons[kind]
        button.setToolTip(clears)
        button.setAutoDefault(False)
        button.setAccessibleName(f"{tr('Clear')}: {title}")
        button.clicked.connect(partial(self._on_clear, kind))
        self.sizes[kind].setAccessibleName(title)
        return button

    def _on_clear(self, kind: str) -> None:
        for button in self.buttons.values():
            button.setEnabled(False)
        self._storage.clear(kind)

    @Slot()
    def _show(self) -> None:
        for kind in KINDS:
            kept = self._storage.found.get(kind)
            self.sizes[kind].setText("…" if kept is None else size(kept.nbytes))
            self.buttons[kind].setEnabled(kept is not None and kept.free > 0)


def _text(title: str, what: str) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(2)
    said: QLabel = controls.label(what, "quiet", wrap=True)
    said.setMinimumWidth(TEXT_WIDTH)
    for widget in (controls.label(title, "text"), said):
        column.addWidget(widget)
    return column
