"""The path of the VAE lab: its models, the newest one that waits, and its axis."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Slot

from diffviz.domain.cards import Card
from diffviz.domain.latent import FAMILIES, PathRequest
from diffviz.domain.text import mark
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.gallery.sample_pictures import material
from diffviz.ui.timeline import Axis


def companions(card: Card, cards: Mapping[str, Card]) -> list[Card]:
    """Models of the same pictures that can be walked beside `card`, those with as many dimensions first."""
    fits = [c for c in cards.values() if c.family in FAMILIES and material(c) == material(card) and c.id != card.id]
    return sorted(fits, key=lambda c: (c.latent != card.latent, c.name))


def companion(card: Card, cards: Mapping[str, Card]) -> tuple[Card, ...]:
    """The model beside `card` before a person chooses, if any: of the other family, with as many dimensions."""
    fits = [c for c in companions(card, cards) if c.latent == card.latent]
    others = [c for c in fits if c.family != card.family and c.beta == 1]
    return tuple(others[:1] or fits[:1])


def rivals(card: Card, cards: Mapping[str, Card]) -> list[Card]:
    """Models of the same pictures with as many dimensions, whatever their likelihood: the rows of the blur page."""
    fits = [card, *(c for c in companions(card, cards) if c.latent == card.latent)]
    return sorted(fits, key=lambda c: (c.family == "ae", c.beta != 1, c.name))


SLOT = "vae/path"


class PathRuns(QObject):
    """Computes paths in one slot, each in place of the last; nothing is computed while it is not `active`."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: PathRequest | None = None
        self.active = False
        session.runs_changed.connect(self._on_runs_changed)

    @property
    def run(self) -> Run | None:
        """The shown run, where it is a path."""
        run = self._session.a
        return run if run is not None and isinstance(run.request, PathRequest) else None

    def start(self, request: PathRequest) -> None:
        """Compute `request` in place of the last path."""
        self._session.start(request, SLOT, replace=True)

    def compute(self, request: PathRequest) -> None:
        """Compute `request`; while a path is being computed the newest waits, so that every path is seen whole."""
        if not self.active or not all(model in self._session.offered for model in request.models):
            return
        run = self.run
        if run is not None and run.slot == SLOT and not run.status.final:
            self._waiting = request
        else:
            self._waiting = None
            self.start(request)

    @Slot()
    def _on_runs_changed(self) -> None:
        run = self.run
        if self._waiting is not None and self.active and (run is None or run.status.final):
            request, self._waiting = self._waiting, None
            self.start(request)


PATH_FRACTION = Axis("s", "A", "B", mark("Fraction s of the path"), "{:.2f}".format)
MODELS = 2
