"""A view of pictures in a row above a table of figures, one column for each of two models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout

from diffviz.ui.widgets.controls import heading, label
from diffviz.ui.widgets.format import NOTHING
from diffviz.ui.widgets.math_label import plain, rich
from diffviz.ui.widgets.picture_box import PictureBox
from diffviz.ui.widgets.view import Shown, View

MODELS = 2


class Columns:
    """A table of figures: names on the left, one column of figures for each of two models.

    `rows` are notation (of `mathtext`) and tooltip by name.
    """

    def __init__(self, rows: dict[str, tuple[str, str]]) -> None:
        self.grid = QGridLayout()
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(5)
        self.grid.setColumnStretch(0, 1)
        self.titles = [_value("quiet") for _ in range(MODELS)]
        self.values: dict[str, list[QLabel]] = {}
        for model, title in enumerate(self.titles):
            self.grid.addWidget(title, 0, model + 1)
        for row, (name, (text, tip)) in enumerate(rows.items(), 1):
            self._add(row, name, text, tip)

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show one column for each of `titles`."""
        for model, title in enumerate(self.titles):
            there = model < len(titles)
            title.setText(titles[model] if there else "")
            for values in self.values.values():
                values[model].setVisible(there)

    def _add(self, row: int, name: str, text: str, tip: str) -> None:
        caption = label("", "quiet", wrap=True)
        caption.setTextFormat(Qt.TextFormat.RichText)
        caption.setText(rich(text))
        caption.setToolTip(tip)
        self.grid.addWidget(caption, row, 0)
        self.values[name] = [_value("") for _ in range(MODELS)]
        for model, value in enumerate(self.values[name]):
            value.setToolTip(tip)
            value.setAccessibleName(plain(text))
            self.grid.addWidget(value, row, model + 1)


class ModelFigures(View):
    """Pictures in a row, of each model one in squares of `side` pixels called `name`, over the figures of `rows`.

    `rows` are notation and tooltip by name. Where `first` is given, it is called so and stands before the models'
    pictures.
    """

    def __init__(self, title: str, side: int, name: str, rows: dict[str, tuple[str, str]], first: str = "") -> None:
        super().__init__()
        self.pictures = [PictureBox(side, name, "data") for _ in range(MODELS)]
        self.captions = [label("", "quiet") for _ in range(MODELS)]
        self._first = PictureBox(side, first, "data") if first else None
        self.columns = Columns(rows)
        self._arrange(title)

    def _arrange(self, title: str) -> None:
        boxes = QGridLayout()
        boxes.setSpacing(4)
        first = [(self._first, label("x", "quiet"))] if self._first else []
        for place, (box, caption) in enumerate((*first, *zip(self.pictures, self.captions, strict=True))):
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            boxes.addWidget(box, 0, place)
            boxes.addWidget(caption, 1, place)
        boxes.setColumnStretch(MODELS + 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading(title))
        column.addLayout(boxes)
        column.addLayout(self.columns.grid)

    def draw(self, shown: Shown) -> None:
        """Nothing follows the cursor, unless a subclass says so."""

    def set_titles(self, titles: Sequence[str]) -> None:
        """Show one picture and one column for each of `titles`."""
        self.columns.set_titles(titles)
        for model, (box, caption) in enumerate(zip(self.pictures, self.captions, strict=True)):
            box.setVisible(model < len(titles))
            title = titles[model] if model < len(titles) else ""
            caption.setText(f"x′ · {title}" if title and self._first else title)

    def show_texts(self, model: int, texts: Mapping[str, str]) -> None:
        """Write the column of a model, by the names of the rows."""
        for name, text in texts.items():
            self.columns.values[name][model].setText(text)


def _value(role: str) -> QLabel:
    made = label(NOTHING if not role else "", role)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made
