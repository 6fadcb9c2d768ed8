"""The stage of the VAE lab: the maps, one picture through the machine, the faults, and the blur.

The classes of the points on a map; a click isolates one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.cards import Card
from diffviz.domain.text import tr
from diffviz.ui.forms.editors import SearchCombo
from diffviz.ui.instruments.kl import KlPanel
from diffviz.ui.labs.vae import blur, latent_map, latent_quality, vae_diagram
from diffviz.ui.widgets import glyphs, painting, theme
from diffviz.ui.widgets.controls import Combo, IconButton, Segments, label

HEIGHT = 20
ROWS = 2
MOST = 20


class ClassChip(painting.PaintedButton):
    """Glyph and name of one class."""

    def __init__(self, index: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.index = index
        self.pale = False
        self.setText(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(name)
        self.setToolTip(tr("Show only {name}; click again for all").format(name=name))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(round(QFontMetricsF(theme.font(12)).horizontalAdvance(self.text()) + 26), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(30, HEIGHT)

    def marks(self) -> Iterator[painting.PaintMark]:
        """Its ground where there is one, its glyph, and as much of its name as there is room for."""
        focus, font, room = self.hasFocus(), theme.font(12), QRectF(21, 0, self.width() - 23, HEIGHT)
        if self.isChecked() or self.underMouse() or focus:
            fill = theme.blend("panel", "cursor" if self.isChecked() else "text", 0.14)
            around = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            yield painting.Rect(around, fill, theme.color("cursor") if focus else None, 5)
        name = QFontMetricsF(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        words = painting.Words(room, name, font, theme.color("text"), int(Qt.AlignmentFlag.AlignVCenter))
        glyph = painting.Outline(glyphs.shape(self.index, QPointF(11, HEIGHT / 2), 5), glyphs.colour(self.index))
        yield painting.Group([glyph, words], opacity=0.35 if self.pale else 1.0)


class ClassLegend(QWidget):
    """Signals: `isolated(index or None)`."""

    isolated = Signal(object)

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
            self._grid.addWidget(chip, chip.index // columns, chip.index % columns)
        self._offer(names)
        self.search.setVisible(not few)

    def _offer(self, names: Sequence[str]) -> None:
        self.search.clear()
        self.search.addItem(tr("all classes"), None)
        for index, name in enumerate(names):
            self.search.addItem(tr(name), index)
        self.search.set_data(None)

    def _on_clicked(self, chip: ClassChip, on: bool) -> None:
        for other in self.chips:
            other.setChecked(on and other is chip)
            other.pale = on and other is not chip
            other.update()
        self.isolated.emit(chip.index if on else None)


MAPS, MACHINE, FAULTS, BLUR, KL = "maps", "machine", "faults", "blur", "kl"
PLAIN, MANIFOLD, DISTANCE = "plain", "manifold", "distance"
PCA = -1


class MapPanel(QWidget):
    """One map under the name of its model. Signals: `axes_chosen(first, second)`, `PCA` being the first for PCA."""

    axes_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "title")
        self.caption = label("", "quiet", wrap=True)
        self.title.setMinimumWidth(80)
        self.first, self.second = Combo(), Combo()
        self.all = IconButton("maximize", tr("Show all points (0, or a double click)"), 26, 14)
        self.map = latent_map.LatentMap()
        self._arrange()
        self.first.picked.connect(self._on_picked)
        self.second.picked.connect(self._on_picked)
        self.all.clicked.connect(self.map.show_all)

    def set_model(self, card: Card) -> None:
        """Name the model, and offer its axes where it has more than two."""
        self.title.setText(card.name)
        self.caption.setText(caption(card))
        for combo in (self.first, self.second):
            combo.clear()
            combo.setVisible(card.latent > 2)
        self.first.addItem("PCA", PCA)
        for dimension in range(card.latent):
            for combo in (self.first, self.second):
                combo.addItem(f"z{dimension + 1}", dimension)
        self.show_axes(PCA if card.latent > 2 else 0, min(1, card.latent - 1))

    def show_axes(self, first: int, second: int) -> None:
        """Show which axes are chosen."""
        self.first.set_data(first)
        self.second.set_data(second)
        self.second.setEnabled(first != PCA)

    def _arrange(self) -> None:
        self.first.setToolTip(tr("Axis to the right: one latent dimension, or the first two principal components"))
        self.first.setAccessibleName(tr("Axis to the right"))
        self.second.setToolTip(tr("Axis upwards"))
        self.second.setAccessibleName(tr("Axis upwards"))
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title, 1)
        for combo in (self.first, self.second):
            combo.setFixedWidth(64)
            head.addWidget(combo)
        head.addWidget(self.all)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.caption)
        column.addWidget(self.map, 1)

    @Slot()
    def _on_picked(self) -> None:
        first, second = self.first.currentData(), self.second.currentData()
        self.second.setEnabled(first != PCA)
        self.axes_chosen.emit(first, second)


class VaeStage(QWidget):
    """Pages of the stage; `body` is that of the maps.

    Signals: `page_chosen(key)`; `backdrop_chosen(key)`; `isolated(class index or None)`.
    """

    page_chosen = Signal(str)
    backdrop_chosen = Signal(str)
    isolated = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        pages = {MAPS: tr("Maps"), MACHINE: tr("One picture"), FAULTS: tr("Faults"), BLUR: tr("Blur"), KL: "KL"}
        self.pages = Segments(pages, tr("What the stage shows"))
        self.backdrops = Segments(
            {PLAIN: tr("Points"), MANIFOLD: tr("Manifold"), DISTANCE: tr("Distance")}, tr("Behind the points")
        )
        self.panels = [MapPanel(), MapPanel()]
        self.legend = ClassLegend()
        self.note = QLabel()
        self.machine, self.faults, self.blur = (
            vae_diagram.MachineView(),
            latent_quality.LatentQualityView(),
            blur.BlurView(),
        )
        self.kl = KlPanel(height=300)
        self._stack, self.body = QStackedWidget(), QWidget()
        self._arrange()
        self.pages.chosen.connect(self.show_page)
        self.pages.chosen.connect(self.page_chosen)
        self.backdrops.chosen.connect(self.backdrop_chosen)
        self.legend.isolated.connect(self.isolated)
        self.show_page(MAPS)
        self.backdrops.set_current(PLAIN)

    @property
    def page(self) -> str:
        """Key of the page that is shown."""
        return self.pages.current()

    @property
    def maps(self) -> list[latent_map.LatentMap]:
        """The maps."""
        return [part.map for part in self.panels]

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Show a page."""
        self.pages.set_current(key)
        self._stack.setCurrentIndex([MAPS, MACHINE, FAULTS, BLUR, KL].index(key))
        self.backdrops.setVisible(key == MAPS)

    def set_models(self, cards: Sequence[Card]) -> None:
        """Show a map for each of `cards`, at most two."""
        for i, part in enumerate(self.panels):
            part.setVisible(i < len(cards))
            if i < len(cards):
                part.set_model(cards[i])

    def _arrange(self) -> None:
        self.backdrops.button(MANIFOLD).setToolTip(tr("Images decoded on a grid, behind the points (M)"))
        self.backdrops.button(DISTANCE).setToolTip(
            tr("Shade: how far the image decoded at each point is from the nearest real one, in features")
        )
        self.note.setProperty("role", "quiet")
        head = QHBoxLayout()
        head.setSpacing(12)
        self.pages.setFixedWidth(450)
        self.pages.setStyleSheet("QPushButton { padding-left: 2px; padding-right: 2px; }")
        self.pages.button(KL).setToolTip(
            tr("Two Gaussians to drag: the KL that pulls q(z|x) to the prior, both ways (Kingma & Welling 2014)")
        )
        self.backdrops.setFixedWidth(264)
        head.addWidget(self.pages)
        head.addStretch(1)
        head.addWidget(self.note)
        head.addWidget(self.backdrops)
        maps = self.body
        column = QVBoxLayout(maps)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(14)
        for part in self.panels:
            row.addWidget(part, 1)
        column.addLayout(row, 1)
        column.addWidget(self.legend)
        for page in (maps, self.machine, self.faults, self.blur, at_top(self.kl)):
            self._stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(head)
        whole.addWidget(self._stack, 1)


def at_top(widget: QWidget) -> QWidget:
    """`widget` at the top of a page, as wide as the page."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    column.addStretch(1)
    return page


def caption(card: Card) -> str:
    """What may be said of the model's latent space."""
    if card.family == "ae":
        return tr("same network, no q(z|x): nothing says where its codes lie")
    if card.beta != 1:
        return tr("KL weighted by β = {beta}: on the way from AE to VAE").format(beta=f"{card.beta:g}")
    return tr("trained so that draws from N(0, I) decode well")
