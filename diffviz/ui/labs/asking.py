"""What the VAE lab asks the engine between runs, and where the answers go."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from diffviz.domain.cards import Card
from diffviz.domain.latent import (
    Blur,
    Blurred,
    Decode,
    Decoded,
    Encode,
    Encoded,
    Explain,
    Explained,
    FaultReport,
    Faults,
    Posterior,
    PosteriorGrid,
    Shade,
    Shaded,
)
from diffviz.domain.sentences import sentence
from diffviz.session.session import Session
from diffviz.ui import theme
from diffviz.ui.labs.codes import Codes
from diffviz.ui.labs.vae_stage import BLUR, DISTANCE, FAULTS, MACHINE, MANIFOLD, PLAIN, VaeStage
from diffviz.ui.map.scene import Backdrop
from diffviz.ui.views.selected_picture import SelectedPictureView

TILE, FEWEST = 44, 2
CELLS = 26
FAR = 3.0
"""At this many times the distance of held-out images the shade is full."""


class Asking(QObject):
    """Keeps the codes, the selected picture's explanation and the pages of `stage` up to date.

    Nothing is asked while it is not `active`. Signals: `codes_came(number)` of the shown model.
    """

    codes_came = Signal(int)

    def __init__(
        self,
        session: Session,
        codes: Codes,
        stage: VaeStage,
        summary: SelectedPictureView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._codes, self._stage, self._summary = session, codes, stage, summary
        self._cards: tuple[Card, ...] = ()
        self._rivals: list[Card] = []
        self._selected, self._seed = "", 0
        self._backdrop = PLAIN
        self._active = False
        self._faulted: set[str] = set()
        self._blurred: tuple[object, ...] = ()
        session.answered.connect(self._on_answered)

    @property
    def active(self) -> bool:
        """Whether the lab is shown."""
        return self._active

    @active.setter
    def active(self, active: bool) -> None:
        if active and not self._active:
            self._active = True
            self._refresh()
        self._active = active

    def set_cards(self, cards: tuple[Card, ...], rivals: Sequence[Card]) -> None:
        """Ask about these models from now on."""
        if [c.id for c in rivals] != [c.id for c in self._rivals]:
            self._stage.blur.set_models(rivals)
        self._cards, self._rivals, self._faulted, self._blurred = cards, list(rivals), set(), ()
        self._stage.machine.set_models(cards)
        self._stage.faults.set_models(cards)
        for view in self._stage.maps:
            view.scene.points = view.scene.at = view.scene.ellipse = None
            view.scene.anchors = {}
            view.set_backdrop(None)
        self._refresh()

    def select(self, name: str) -> None:
        """Look at the picture `name`."""
        self._selected = name
        pixels = self._session.images.get(name)
        self._summary.show_picture(pixels)
        for row in self._stage.machine.rows:
            row.show_picture(pixels)
            row.show_posterior(None)
        self._stage.blur.show_picture(pixels)
        self.ask_pictures((name,))
        self._explain()
        self._ask_posterior()
        self._ask_blur()
        for number in range(len(self._cards)):
            self.show_selected(number)

    @Slot()
    def resample(self) -> None:
        """Draw another ε."""
        self._seed += 1
        self._explain()

    @Slot()
    def ask_backdrops(self) -> None:
        """Ask for what lies behind the points in sight."""
        if not self._active:
            return
        for number, card in enumerate(self._cards):
            view = self._stage.maps[number]
            if self._backdrop == MANIFOLD:
                self._ask(f"manifold/{number}", Decode(card.id, self._key(number), z=self._grid(number)[0]))
            elif self._backdrop == DISTANCE:
                across, up = _cells(view.scale.area)
                z = self._plane_points(number, across, up)
                self._ask(f"shade/{number}", Shade(card.id, self._key(number), z=z))

    def set_backdrop(self, backdrop: str) -> None:
        """Show "plain", "manifold" or "distance" behind the points."""
        self._backdrop = backdrop
        for view in self._stage.maps:
            view.set_backdrop(None)
        self.ask_backdrops()

    def show_page(self, page: str) -> None:
        """Ask for what a page shows that has not come yet."""
        if page == FAULTS:
            for number, card in enumerate(self._cards):
                if card.id not in self._faulted and self._active:
                    self._faulted.add(card.id)
                    self._ask(f"faults/{number}", Faults(card.id, (card.id,)))
        elif page == BLUR:
            self._ask_blur()
        elif page == MACHINE:
            self._explain()
            self._ask_posterior()

    def hover(self, number: int, x: float, y: float) -> None:
        """Decode the point under the pointer; the newest wins."""
        if number < len(self._cards) and self._active:
            z = self._stage.maps[number].scene.plane.latent([[x, y]]).astype(np.float32)
            self._ask(f"hover/{number}", Decode(self._cards[number].id, self._key(number), z=z))

    def leave(self, number: int) -> None:
        """Nothing is under the pointer any more."""
        self._stage.maps[number].show_preview(None)

    def ask_pictures(self, names: Sequence[str]) -> None:
        """Encode pictures that are not among the samples, under each model."""
        for card in self._cards:
            for name in names:
                pixels = self._session.images.get(name)
                if pixels is not None and self._codes.number(name) is None and self._codes.of(card.id, name) is None:
                    self._ask(f"own/{card.id}/{name}", Encode(card.id, (card.id, name), images=pixels[None]))

    def show_selected(self, number: int) -> None:
        """Mark the selected picture on map `number`."""
        view = self._stage.maps[number]
        found = self._codes.of(self._cards[number].id, self._selected) if number < len(self._cards) else None
        if found is None or len(found[0]) != len(view.scene.plane.origin):
            view.scene.ellipse = None
        else:
            mu, sigma = found
            view.scene.ellipse = (view.scene.plane.seen(mu[None])[0], view.scene.plane.ellipse(sigma))
        view.update()

    def _refresh(self) -> None:
        """Ask for everything that the shown models and page need."""
        if not self._active or not self._cards:
            return
        for number, card in enumerate(self._cards):
            if self._codes.samples(card.id) is not None:
                self.codes_came.emit(number)
            elif self._codes.data is not None:
                self._ask(f"codes/{card.id}", Encode(card.id, (card.id,), images=self._codes.data.images))
            else:
                self.codes_came.emit(number)
        if self._selected:
            self.select(self._selected)
        self.show_page(self._stage.page)
        self.ask_backdrops()

    def _explain(self) -> None:
        pixels = self._session.images.get(self._selected)
        for number, card in enumerate(self._cards):
            if pixels is not None and self._active:
                query = Explain(card.id, self._key(number, self._selected), image=pixels, seed=self._seed)
                self._ask(f"explain/{number}", query)

    def _ask_posterior(self) -> None:
        pixels = self._session.images.get(self._selected)
        for number, card in enumerate(self._cards):
            two = card.family == "vae" and card.latent == 2
            if two and pixels is not None and self._active and self._stage.page == MACHINE:
                self._ask(f"posterior/{number}", Posterior(card.id, self._key(number, self._selected), image=pixels))

    def _ask_blur(self) -> None:
        pixels = self._session.images.get(self._selected)
        wanted = (self._selected, tuple(card.id for card in self._rivals))
        if pixels is None or not self._active or self._stage.page != BLUR or wanted == self._blurred:
            return
        self._blurred = wanted
        for card in self._rivals:
            self._ask(f"blur/{card.id}", Blur(card.id, (card.id,), image=pixels))

    def _ask(self, what: str, query: object) -> None:
        if self._active:
            self._session.ask(f"vae/{what}", query)  # type: ignore[arg-type]

    def _key(self, number: int, *more: object) -> tuple[object, ...]:
        """What an answer must still be about to be shown."""
        return (number, self._cards[number].id, *more)

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        if not view.startswith("vae/"):
            return
        what = view.split("/")[1]
        if isinstance(answer, Exception):
            self._on_error(what, view, answer)
            return
        match answer:
            case Encoded():
                self._on_encoded(answer)
            case Blurred():
                self._stage.blur.show_answer(str(answer.key[0]), answer)
            case FaultReport():
                number = next((n for n, c in enumerate(self._cards) if c.id == answer.key[0]), None)
                if number is not None:
                    self._stage.faults.show_report(number, answer)
            case Decoded() | Shaded() | Explained() | PosteriorGrid():
                number = int(str(answer.key[0]))
                if number < len(self._cards) and answer.key[1] == self._cards[number].id:
                    self._show(what, number, answer)

    def _on_error(self, what: str, view: str, error: Exception) -> None:
        """Say in place what could not be answered."""
        text = sentence(error)
        if what == "faults":
            self._stage.faults.show_problem(int(view.rsplit("/", 1)[1]), text)
        else:
            self._stage.note.setText(text)

    def _on_encoded(self, answer: Encoded) -> None:
        model = str(answer.key[0])
        if len(answer.key) > 1:
            self._codes.put_own(model, str(answer.key[1]), answer)
        elif self._codes.data is not None and len(answer.mu) == len(self._codes.data):
            self._codes.put_samples(model, answer)
        for number, card in enumerate(self._cards):
            if card.id == model:
                self.codes_came.emit(number)
                self.show_selected(number)

    def _show(self, what: str, number: int, answer: Decoded | Shaded | Explained | PosteriorGrid) -> None:
        view = self._stage.maps[number]
        match answer:
            case Decoded() if what == "hover":
                view.show_preview(answer.images[0] if view.pointer is not None else None)
            case Decoded() if what == "manifold" and self._backdrop == MANIFOLD:
                view.set_backdrop(self._mosaic(number, answer.images))
            case Shaded() if self._backdrop == DISTANCE:
                view.set_backdrop(Backdrop(shade(answer.distances, answer.held_out), view.scale.bounds))
            case Explained() if answer.key[2] == self._selected:
                self._stage.machine.rows[number].show_answer(answer)
                self._summary.show_answer(number, answer)
            case PosteriorGrid() if answer.key[2] == self._selected:
                self._stage.machine.rows[number].show_posterior(answer)
            case _:
                pass

    def _grid(self, number: int) -> tuple[NDArray[np.float32], int, int]:
        """Latent points of the manifold's tiles, rows from the top; how many across and down."""
        view = self._stage.maps[number]
        _, _, width, height = view.scale.area
        across, down = max(FEWEST, int(width // TILE)), max(FEWEST, int(height // TILE))
        z = self._plane_points(number, across, down)[::-1]
        return np.ascontiguousarray(z.reshape(across * down, -1)), across, down

    def _plane_points(self, number: int, across: int, up: int) -> NDArray[np.float32]:
        """Latent points (up, across, D) at the centres of equal cells over what is in sight, row 0 the lowest."""
        view = self._stage.maps[number]
        x0, x1, y0, y1 = view.scale.bounds
        x = x0 + (x1 - x0) * (np.arange(across) + 0.5) / across
        y = y0 + (y1 - y0) * (np.arange(up) + 0.5) / up
        points = np.stack(np.meshgrid(x, y), -1)
        return view.scene.plane.latent(points).astype(np.float32)

    def _mosaic(self, number: int, images: NDArray[np.float32]) -> Backdrop | None:
        _, across, down = self._grid(number)
        if across * down != len(images):
            return None
        channels, height, width = images.shape[1:]
        levels = np.clip((images + 1) * 127.5, 0, 255).astype(np.uint8)
        tiles = levels.reshape(down, across, channels, height, width).transpose(0, 3, 1, 4, 2)
        pixels = tiles.reshape(down * height, across * width, channels)
        return Backdrop(pixels[..., 0] if channels == 1 else pixels, self._stage.maps[number].scale.bounds)


def _cells(area: tuple[float, float, float, float]) -> tuple[int, int]:
    """Cells of the shade across and up, as square as can be."""
    _, _, width, height = area
    longer = max(width, height)
    return max(2, math.ceil(CELLS * width / longer)), max(2, math.ceil(CELLS * height / longer))


def shade(distances: NDArray[np.float32], held_out: float) -> NDArray[np.uint8]:
    """Distances, rows from the bottom, as pixels (H, W, 4) from the top: clear at `held_out`, full at `FAR` times."""
    share = np.clip((distances[::-1] / max(held_out, 1e-9) - 1) / (FAR - 1), 0, 1)
    hue = theme.color("generated")
    pixels = np.empty((*share.shape, 4), np.uint8)
    pixels[..., :3] = hue.red(), hue.green(), hue.blue()
    pixels[..., 3] = (share * 170).astype(np.uint8)
    return pixels
