"""Keys: the list of all shortcuts, and the line of hints.

The list of all keyboard shortcuts, read from what has them.

The line at the bottom of the window: what keys and pointer do, or what the pointer is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.text import tr
from diffviz.ui.widgets import controls, layout, math_label

Rows = Sequence[tuple[str, str]]
ARROWS = {"Left": "←", "Right": "→"}
GAP = 14
BESIDE = QSize(44, 90)  # margins and the button


class ShortcutsDialog(QDialog):
    """Groups of shortcuts in two columns: keys on the left, what they do on the right."""

    def __init__(self, groups: Mapping[str, Rows], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 18)
        column.setSpacing(GAP)
        listed = QWidget()
        beside = QHBoxLayout(listed)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(40)
        titles = list(groups)
        half = (len(titles) + 1) // 2
        for some in (titles[:half], titles[half:]):
            beside.addLayout(_column({title: groups[title] for title in some}))
        column.addWidget(layout.Fitting(listed, BESIDE))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)


def rows_of(actions: Sequence[QAction]) -> Rows:
    """The keys of `actions` and what they do: their "what's this" where they have one, else their text."""
    rows = [(_keys(action), (action.whatsThis() or action.text()).replace("&", "")) for action in actions]
    return [(keys, text) for keys, text in rows if keys]


def plot_keys() -> Rows:
    """Keys that every plot has while it has the keyboard, with what they do."""
    return [
        ("+ −", tr("Zoom a plot")),
        (tr("Ctrl and arrow keys"), tr("Move a plot")),
        ("0", tr("View all of a plot")),
        ("Ctrl+C", tr("Copy a plot as picture")),
        (tr("Menu key"), tr("Axes, curves and files of a plot")),
    ]


def _keys(action: QAction) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    names = dict.fromkeys(keys.toString(native) for keys in action.shortcuts())
    return " / ".join(ARROWS.get(name, name) for name in names)


def _column(groups: Mapping[str, Rows]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(6)
    for title, rows in groups.items():
        _add(grid, title, rows)
    grid.setRowStretch(grid.rowCount(), 1)
    return grid


def _add(grid: QGridLayout, title: str, rows: Rows) -> None:
    if grid.rowCount() > 1:
        grid.setRowMinimumHeight(grid.rowCount(), GAP - 6)
    grid.addWidget(controls.heading(title), grid.rowCount(), 0, 1, 2)
    for keys, text in rows:
        row = grid.rowCount()
        shown = QLabel(keys)
        shown.setProperty("role", "key")
        grid.addWidget(shown, row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(controls.label(text, "text"), row, 1)


class HintLine(QLabel):
    """Hints, as many as there is room for, as long as nothing else is said."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mirrored = False
        self._lab = "diffusion"
        self._said = ""
        self.setProperty("role", "quiet")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setContentsMargins(16, 0, 16, 8)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.say("")

    def set_mirrored(self, mirrored: bool) -> None:
        """Whether x_T is on the left, where Home goes."""
        self._mirrored = mirrored
        self.say("")

    def set_lab(self, name: str) -> None:
        """Which lab the hints are for."""
        self._lab = name
        self.say("")

    def say(self, text: str) -> None:
        """Show the rich `text`; an empty one brings the hints back."""
        self._said = text
        if text:
            self.setText(text)
        else:
            self._show_hints()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many hints as there is room for now."""
        super().resizeEvent(event)
        if not self._said and event.size().width() != event.oldSize().width():
            self._show_hints()

    def _show_hints(self) -> None:
        """The first ones, and always the last, which tells where all are found."""
        *first, last = self._hints()
        self.setText(math_label.rich(" · ".join((*first, last))))
        while first and self.sizeHint().width() > self.width():
            first.pop()
            self.setText(math_label.rich(" · ".join((*first, last))))

    def _hints(self) -> tuple[str, ...]:
        if self._lab == "vae":
            return (
                tr("drag A, B, C, D on a map"),
                tr("hover decodes"),
                tr("Space plays the path"),
                tr("M manifold behind the points"),
                tr("R resamples"),
                tr("wheel: zoom"),
                tr("? all shortcuts"),
            )
        if self._lab == "gan":
            return (
                tr("T trains or pauses"),
                tr("Space plays the recording"),
                tr("drag the timeline back to rewind training"),
                tr("1 / 2 one step of D / G"),
                tr("C continues from here"),
                tr("hover asks D"),
                tr("? all shortcuts"),
            )
        if self._lab != "diffusion":
            return (
                tr("Space plays"),
                tr("← → one step"),
                tr("Ctrl+Return runs"),
                tr("Esc cancels"),
                tr("? all shortcuts"),
            )
        ends = (tr("Home x_T"), tr("End x_0")) if self._mirrored else (tr("Home x_0"), tr("End x_T"))
        return (
            tr("Space plays"),
            tr("← → one step"),
            *ends,
            tr("Ctrl+Return runs"),
            tr("Esc cancels"),
            tr("B branches"),
            tr("P pins"),
            tr("T instruments"),
            tr("click: one sample"),
            tr("wheel: zoom"),
            tr("? all shortcuts"),
        )
