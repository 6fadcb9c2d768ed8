"""The stage of the VAE lab: the maps, one picture through the machine, the faults, and the blur."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.cards import Card
from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.ui.instruments.kl import KlPanel
from diffviz.ui.labs.vae import blur, class_legend, latent_map, latent_quality, vae_diagram
from diffviz.ui.plots.plane_link import LassoButton, PlaneLink, show_parts
from diffviz.ui.sample_viewer.pane_area import AreaPane, PaneArea
from diffviz.ui.widgets.controls import Combo, ElidedLabel, IconButton, Segments, label
from diffviz.ui.widgets.view import SwitchLook

MAPS, MACHINE, FAULTS, BLUR, KL = "maps", "machine", "faults", "blur", "kl"
PLAIN, MANIFOLD, DISTANCE = "plain", "manifold", "distance"
PCA = -1
LOWEST = 152
"""Height of the maps in a window that is as low as can be."""
LEAST = 120
"""Height of the chart of two Gaussians in a window that is as low as can be."""


class MapPanel(QWidget):
    """One map under the name of its model. Signals: `axes_chosen(first, second)`, `PCA` being the first for PCA."""

    axes_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "title")
        self.caption = ElidedLabel("", "quiet")
        self.title.setMinimumWidth(80)
        self.first, self.second = Combo(), Combo()
        self.lasso, self.map = LassoButton(), latent_map.LatentMap()
        self._said = ""
        self._arrange()
        self.first.picked.connect(self._on_picked)
        self.second.picked.connect(self._on_picked)
        self.lasso.connect_to([self.map])

    def set_model(self, card: Card) -> None:
        """Name the model, and offer its axes where it has more than two."""
        self.title.setText(card.name)
        self._said = caption(card)
        self.say_choice("")
        for combo in (self.first, self.second):
            combo.clear()
            combo.setVisible(card.latent > 2)
        self.first.addItem("PCA", PCA)
        for dimension in range(card.latent):
            for combo in (self.first, self.second):
                combo.addItem(f"z{dimension + 1}", dimension)
        self.show_axes(PCA if card.latent > 2 else 0, min(1, card.latent - 1))

    def say_choice(self, text: str, more: str = "") -> None:
        """Say what is chosen instead of what the model is; an empty text says the latter."""
        self.caption.setText(text or self._said)
        self.caption.setToolTip(more)
        self.lasso.show_choice(bool(text))

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
        head.addWidget(self.lasso)
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


KEYS, HEAD = ("first", "second"), 44


class VaeStage(QWidget):
    """Pages of the stage; `body` is that of the maps.

    Signals: `page_chosen(key)`; `backdrop_chosen(key)`; `isolated(class index or None)`; `hidden(class indices)`.
    """

    page_chosen = Signal(str)
    backdrop_chosen = Signal(str)
    isolated = Signal(object)
    hidden = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        pages = {MAPS: tr("Maps"), MACHINE: tr("One picture"), FAULTS: tr("Faults"), BLUR: tr("Blur"), KL: "KL"}
        self.pages = Segments(pages, tr("What the stage shows"))
        self.backdrops = Segments(
            {PLAIN: tr("Points"), MANIFOLD: tr("Manifold"), DISTANCE: tr("Distance")}, tr("Behind the points")
        )
        self.panels = [MapPanel(), MapPanel()]
        self.link = PlaneLink(self.maps, on=False, parent=self)
        self.linked = IconButton("link", tr("Let both maps look at the same part"), 26, 14)
        self.legend = class_legend.ClassLegend()
        self.note = QLabel()
        self.machine, self.faults, self.blur = (
            vae_diagram.MachineView(),
            latent_quality.LatentQualityView(),
            blur.BlurView(),
        )
        self.kl = KlPanel(height=LEAST)
        self._parts: list[object] = []
        self._stack, self.body, self.area = QStackedWidget(), QWidget(), PaneArea()
        self._arrange()
        self.pages.chosen.connect(self.show_page)
        self.pages.chosen.connect(self.page_chosen)
        self.backdrops.chosen.connect(self.backdrop_chosen)
        self.legend.isolated.connect(self.isolated)
        self.legend.hidden.connect(self.hidden)
        self.linked.setCheckable(True)
        self.linked.toggled.connect(self.link.switch)
        self.link.switched.connect(self.linked.setChecked)
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

    def parts(self) -> dict[str, looks.Looking]:
        """What is left in a state of its own, by the names that sessions have for it."""
        linked = SwitchLook(self.linked)
        return {"classes": self.legend, "linked": linked, "area": self.area, "kl": self.kl}

    def allow_link(self) -> None:
        """Offer that the maps are linked where both show axes of one name, of as many dimensions."""
        shown = [part.map.scene for part in self.panels if not part.isHidden()]
        kinds = {(scene.axes, len(scene.plane.origin)) for scene in shown}
        self.link.allow(len(shown) > 1 and len(kinds) == 1)
        self.linked.setVisible(self.link.possible)

    def say_choice(self, text: str, more: str = "") -> None:
        """Say which pictures are chosen where the models are described, and `more` where it is pointed at."""
        for part in self.panels:
            part.say_choice(text, more)

    def set_models(self, cards: Sequence[Card]) -> None:
        """Show a map for each of `cards`, at most two."""
        there = list(zip(KEYS, self.panels, cards, strict=False))
        for _, part, card in there:
            part.set_model(card)
        for part in self.panels[len(cards) :]:
            part.hide()
        self.area.set_panes({key: AreaPane(card.name, part, head=HEAD) for key, part, card in there})

    def take_parts(self, parts: object) -> None:
        """Let each map show its one of `parts`: now as far as it knows of it, and when its points have come."""
        self._parts = list(parts) if isinstance(parts, list) else []
        show_parts(self.maps, self._parts)

    def show_part(self, number: int) -> None:
        """The points of map `number` have come: it shows what was wanted of it, once."""
        show_parts(self.maps[number : number + 1], self._parts[number : number + 1])
        self._parts = [None if i == number else part for i, part in enumerate(self._parts)]

    def chosen_axes(self) -> list[list[int]]:
        """What each map stands over: two latent dimensions, or `PCA` first."""
        return [[part.first.currentData(), part.second.currentData()] for part in self.panels]

    def take_axes(self, axes: object, cards: Sequence[Card]) -> Iterator[tuple[int, int, int]]:
        """Show `axes` as chosen, as far as the models of `cards` have such; yields the map and what it stands over."""
        for number, (card, chosen) in enumerate(zip(cards, axes if isinstance(axes, list) else (), strict=False)):
            pair = looks.numbers({"axes": chosen}, "axes", 2)
            if pair is not None and PCA <= pair[0] < card.latent and 0 <= pair[1] < card.latent:
                self.panels[number].show_axes(int(pair[0]), int(pair[1]))
                yield number, int(pair[0]), int(pair[1])

    def _arrange(self) -> None:
        self.backdrops.button(MANIFOLD).setToolTip(tr("Images decoded on a grid, behind the points (M)"))
        self.backdrops.button(DISTANCE).setToolTip(
            tr("Shade: how far the image decoded at each point is from the nearest real one, in features")
        )
        self.note.setProperty("role", "quiet")
        head = QHBoxLayout()
        head.setSpacing(12)
        self.pages.setMaximumWidth(450)
        for segments in (self.pages, self.backdrops):
            segments.setStyleSheet("QPushButton { padding-left: 2px; padding-right: 2px; }")
        self.pages.button(KL).setToolTip(
            tr("Two Gaussians to drag: the KL that pulls q(z|x) to the prior, both ways (Kingma & Welling 2014)")
        )
        self.backdrops.setMaximumWidth(264)
        for button in (*self.pages.buttons(), *self.backdrops.buttons()):
            button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # no narrower than its word
        head.addWidget(self.pages, 450)
        head.addStretch(1)
        head.addWidget(self.note)
        head.addWidget(self.linked)
        head.addWidget(self.backdrops, 264)
        maps = self.body
        column = QVBoxLayout(maps)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in self.panels:
            part.setParent(self.area)
        self.area.setMinimumHeight(LOWEST)
        column.addWidget(self.area, 1)
        below = QHBoxLayout()
        below.addWidget(self.legend, 1)
        below.addWidget(self.area.tools())
        column.addLayout(below)
        for page in (maps, self.machine, self.faults, self.blur, self.kl):
            self._stack.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(head)
        whole.addWidget(self._stack, 1)


def caption(card: Card) -> str:
    """What may be said of the model's latent space."""
    if card.family == "ae":
        return tr("same network, no q(z|x): nothing says where its codes lie")
    if card.beta != 1:
        return tr("KL weighted by β = {beta}: on the way from AE to VAE").format(beta=f"{card.beta:g}")
    return tr("trained so that draws from N(0, I) decode well")
