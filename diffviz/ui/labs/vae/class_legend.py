"""The classes of the points on a map: a click isolates one, with Ctrl it hides one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.ui.forms.editors import SearchCombo
from diffviz.ui.widgets import glyphs, painting, theme

HEIGHT = 20
ROWS = 2
MOST = 20


class ClassChip(painting.PaintedButton):
    """Glyph and name of one class. Signals: `switched(on)`: its points are to be seen, or not."""

    switched = Signal(bool)

    def __init__(self, index: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.index = index
        self.pale = self.off = False
        self.setText(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(name)
        tip = tr("Show only {name}; click again for all").format(name=name)
        self.setToolTip(tip + "\n" + tr("Ctrl and a click, or H: hide {name}, or show it again").format(name=name))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(round(QFontMetricsF(theme.font(12)).horizontalAdvance(self.text()) + 26), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(30, HEIGHT)

    def switch(self, on: bool) -> None:
        """Show the class, or hide it."""
        self.off = not on
        self.setAccessibleDescription("" if on else tr("hidden"))
        self.update()
        self.switched.emit(on)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """With Ctrl hide the class or show it; else press."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.switch(self.off)
        else:
            super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        """H is the chip's while it has the keyboard, and hides no pane."""
        own = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_H
        if own and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """H hides the class or shows it."""
        if event.key() == Qt.Key.Key_H:
            self.switch(self.off)
        else:
            super().keyPressEvent(event)

    def marks(self) -> Iterator[painting.PaintMark]:
        """Its ground where there is one, its glyph, and as much of its name as there is room for."""
        focus, font, room = self.hasFocus(), theme.font(12), QRectF(21, 0, self.width() - 23, HEIGHT)
        font.setStrikeOut(self.off)
        if self.isChecked() or self.underMouse() or focus:
            fill = theme.blend("panel", "cursor" if self.isChecked() else "text", 0.14)
            around = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            yield painting.Rect(around, fill, theme.color("cursor") if focus else None, 5)
        name = QFontMetricsF(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        words = painting.Words(room, name, font, theme.color("text"), int(Qt.AlignmentFlag.AlignVCenter))
        glyph = painting.Outline(glyphs.shape(self.index, QPointF(11, HEIGHT / 2), 5), glyphs.colour(self.index))
        yield painting.Group([glyph, words], opacity=0.35 if self.pale or self.off else 1.0)


class ClassLegend(QWidget):
    """Signals: `isolated(index or None)`; `hidden(indices)`, a frozenset of the classes that are switched off."""

    isolated = Signal(object)
    hidden = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: list[ClassChip] = []
        self.search = SearchCombo()
        self.search.setAccessibleName(tr("Class to isolate"))
        self.search.picked.connect(self.isolated)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(2)
        self._grid.addWidget(self.search, 0, 0)
        self.search.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_classes(self, names: Sequence[str]) -> None:
        """Show a chip for each of `names`; where there are many, a list that can be searched."""
        for chip in self.chips:
            self._grid.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        few = len(names) <= MOST
        self.chips = [ClassChip(i, tr(name), self) for i, name in enumerate(names)] if few else []
        columns = -(-len(names) // ROWS) if few else 1
        for chip in self.chips:
            chip.clicked.connect(lambda on, chip=chip: self._on_clicked(chip, on))
            chip.switched.connect(self._on_switched)
            self._grid.addWidget(chip, chip.index // columns, chip.index % columns)
        self._offer(names)
        self.search.setVisible(not few)

    def look(self) -> looks.Look:
        """The class that is isolated, and those that are switched off."""
        isolated = next((chip.index for chip in self.chips if chip.isChecked()), None)
        alone = isolated if self.chips else self.search.currentData()
        return {"isolated": alone, "hidden": [chip.index for chip in self.chips if chip.off]}

    def take_look(self, look: looks.Look) -> None:
        """Isolate and hide the same classes, as a person would."""
        alone = looks.number(look, "isolated", 0, self.search.count() - 2)
        self._isolate(None if alone is None else int(alone))
        hidden = looks.indices(look, "hidden", len(self.chips)) or ()
        for chip in self.chips:
            if chip.off != (chip.index in hidden):
                chip.switch(chip.off)

    def _offer(self, names: Sequence[str]) -> None:
        self.search.clear()
        self.search.addItem(tr("all classes"), None)
        for index, name in enumerate(names):
            self.search.addItem(tr(name), index)
        self.search.set_data(None)

    def _on_clicked(self, chip: ClassChip, on: bool) -> None:
        self._isolate(chip.index if on else None)

    def _isolate(self, label: int | None) -> None:
        for chip in self.chips:
            chip.setChecked(chip.index == label)
            chip.pale = label is not None and chip.index != label
            chip.update()
        self.search.set_data(label)
        self.isolated.emit(label)

    @Slot()
    def _on_switched(self) -> None:
        self.hidden.emit(frozenset(chip.index for chip in self.chips if chip.off))
