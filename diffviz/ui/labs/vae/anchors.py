"""The anchors of a path: where they are by the codes of their pictures, and the bar that they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from diffviz.domain.arrays import F32, F64, U8
from diffviz.domain.cards import Card
from diffviz.domain.latent import Anchor, Encoded, PathRequest
from diffviz.domain.requests import digest
from diffviz.domain.samples import Dataset
from diffviz.domain.text import tr
from diffviz.session.session import Session
from diffviz.theory import latent, statistics
from diffviz.ui.gallery import gallery, picture_source
from diffviz.ui.widgets import controls, pixmaps, qss


class LatentCodes:
    """Means and deviations of q(z | x) of the sample pictures and of a person's own, by model."""

    def __init__(self) -> None:
        self.data: Dataset | None = None
        self._numbers: dict[str, int] = {}
        self._samples: dict[str, Encoded] = {}
        self._own: dict[tuple[str, str], tuple[F32, F32]] = {}

    def forget(self, cards: Sequence[Card]) -> None:
        """Know no codes under the models of `cards`, which have other weights now."""
        names = {card.id for card in cards}
        self._samples = {name: found for name, found in self._samples.items() if name not in names}
        self._own = {key: found for key, found in self._own.items() if key[0] not in names}

    def set_data(self, data: Dataset | None) -> None:
        """The sample pictures are those of `data`; codes of others are forgotten."""
        if data is not self.data:
            self.data = data
            self._numbers = {digest(pixels): n for n, pixels in enumerate(data.images)} if data else {}
            self._samples.clear()

    def put_samples(self, model: str, codes: Encoded) -> None:
        """Keep the codes of all sample pictures under `model`."""
        self._samples[model] = codes

    def put_own(self, model: str, name: str, codes: Encoded) -> None:
        """Keep the code of the picture `name` under `model`."""
        self._own[model, name] = codes.mu[0], codes.sigma[0]

    def samples(self, model: str) -> Encoded | None:
        """Codes of all sample pictures under `model`, where they have come."""
        return self._samples.get(model)

    def counted(self, numbers: NDArray[np.intp] | None) -> list[str]:
        """How many sample pictures `numbers` are, and of which classes most; nothing where none are chosen."""
        data = self.data
        if numbers is None or data is None:
            return []
        said = tr("{n} of {all} chosen").format(n=f"{len(numbers):,}", all=f"{len(data):,}")
        counts = np.bincount(data.labels[numbers], minlength=len(data.classes))
        most = [int(label) for label in np.argsort(-counts, kind="stable") if counts[label]]
        return [said, *(f"{tr(data.classes[label])} {counts[label]:,}" for label in most if data.classes)]

    def number(self, name: str) -> int | None:
        """Number of the sample picture `name`, None for another picture."""
        return self._numbers.get(name)

    def of(self, model: str, name: str) -> tuple[F32, F32] | None:
        """μ and σ of the picture `name` under `model`, where they have come."""
        number, codes = self.number(name), self.samples(model)
        if number is not None and codes is not None:
            return codes.mu[number], codes.sigma[number]
        return self._own.get((model, name))

    def nearest(self, model: str, z: F64) -> int | None:
        """Number of the sample picture whose code under `model` is nearest to `z` (D,)."""
        codes = self.samples(model)
        return None if codes is None else int(statistics.nearest_rows(z[None], codes.mu)[0])


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
        qss.set_own(self, "padding: 5px 2px;")
        self.setAcceptDrops(True)
        self.setAccessibleName(tr("Anchor {name}").format(name=name))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(gallery.IMAGE) or picture_source.pictures_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        if event.mimeData().hasFormat(gallery.IMAGE):
            self.dropped.emit(bytes(event.mimeData().data(gallery.IMAGE).data()).decode())
        else:
            self.files_dropped.emit(picture_source.pictures_in(event.mimeData()))


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
        self.removes = {
            name: controls.IconButton("x", tr("Take {name} out").format(name=name), 18, 11) for name in OPTIONAL
        }
        row = QHBoxLayout()
        row.setSpacing(4)
        for name, button in self.buttons.items():
            row.addLayout(self._column(name, button))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(controls.label(tr("Click puts the selected picture there."), "quiet", wrap=True))

    def show_anchors(self, pictures: Mapping[str, U8 | None]) -> None:
        """Show the anchors there are, each with its picture where it is one."""
        ratio = self.devicePixelRatioF()
        for name, button in self.buttons.items():
            there, pixels = name in pictures, pictures.get(name)
            picture = pixmaps.thumbnail(pixels, SIDE, ratio) if pixels is not None else _nothing(ratio)
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


REACH = 3.0
"""How far a walk along one dimension goes: the prior's ±3 σ, or three deviations of an AE's codes."""


class Anchors:
    """Anchors under the models of `cards`, as far as their codes have come."""

    def __init__(self, session: Session, codes: LatentCodes) -> None:
        self._session, self._codes = session, codes
        self.cards: tuple[Card, ...] = ()

    @property
    def data(self) -> Dataset | None:
        """The sample pictures whose codes are on the maps."""
        return self._codes.data

    def code(self, number: int, anchor: Anchor) -> F64 | None:
        """The latent point (D,) of `anchor` under model `number`.

        None where it has not come, or where the run that `anchor` is of walked no such model.
        """
        if anchor.codes:
            known = number < len(anchor.codes) and len(anchor.codes[number]) == self.cards[number].latent
            return np.asarray(anchor.codes[number], np.float64) if known else None
        found = self._codes.of(self.cards[number].id, anchor.image)
        return None if found is None else np.asarray(found[0], np.float64)

    def places(self, number: int, request: PathRequest, plane: latent.Plane) -> dict[str, F64]:
        """Places on `plane` of the anchors that are known under model `number`, by name."""
        names = names_of(len(request.anchors))
        codes = {name: self.code(number, anchor) for name, anchor in zip(names, request.anchors, strict=True)}
        return {name: plane.seen(code[None])[0] for name, code in codes.items() if code is not None}

    def moved(self, number: int, anchor: Anchor, plane: latent.Plane, to: tuple[float, float]) -> Anchor | None:
        """`anchor` dragged to a place on the map of model `number`; what the plane does not show of it stays.

        Under the other models it goes to the picture whose code is nearest to it here. None while codes are missing.
        """
        before = self.code(number, anchor)
        z = plane.origin if before is None else before
        z = z + (np.asarray(to) - plane.seen(z[None])[0]) @ plane.axes
        nearest = self._codes.nearest(self.cards[number].id, z)
        codes = [z if n == number else self._beside(n, nearest, anchor) for n in range(len(self.cards))]
        if any(code is None for code in codes):
            return None
        image = anchor.image
        if nearest is not None and self._codes.data is not None:
            image = self._session.add_image(self._codes.data.images[nearest])
        return Anchor(image, tuple(_plain(code) for code in codes if code is not None))

    def along(self, image: str, dimension: int) -> tuple[Anchor, Anchor] | None:
        """The ends of a walk along one dimension through the code of picture `image`, under each model that has it."""
        starts = [self._codes.of(card.id, image) for card in self.cards]
        if any(start is None for start in starts):
            return None
        low, high = (
            tuple(
                self._shifted(card, start[0], dimension, side)
                for card, start in zip(self.cards, starts, strict=True)
                if start is not None
            )
            for side in (-1, 1)
        )
        return Anchor(image, low), Anchor(image, high)

    def picture(self, number: int) -> str:
        """Name of a sample picture to begin with, for every `number` one of another class; "" where there is none."""
        if self.data is None:
            return ""
        numbers = self.data.one_of_each(10)
        return self._session.add_image(self.data.images[numbers[number % len(numbers)]])

    def beginning(self) -> tuple[Anchor, ...]:
        """What a path goes between at first: two sample pictures, or two latent points where there are none."""
        pictures = tuple(Anchor(self.picture(n)) for n in (7, 1))
        return pictures if all(anchor.image for anchor in pictures) else self._ends()

    def _ends(self) -> tuple[Anchor, Anchor]:
        low, high = (tuple((side,) * card.latent for card in self.cards) for side in (-1.0, 1.0))
        return Anchor(codes=low), Anchor(codes=high)

    def _beside(self, number: int, nearest: int | None, anchor: Anchor) -> F64 | None:
        codes = self._codes.samples(self.cards[number].id)
        if nearest is None or codes is None:
            return self.code(number, anchor)
        return np.asarray(codes.mu[nearest], np.float64)

    def _shifted(self, card: Card, z: F32, dimension: int, side: int) -> tuple[float, ...]:
        moved = z.astype(np.float64)
        if dimension < card.latent:
            mean, deviation = self._spread(card, dimension)
            moved[dimension] = mean + side * REACH * deviation
        return _plain(moved)

    def _spread(self, card: Card, dimension: int) -> tuple[float, float]:
        """Mean and deviation along one dimension: the prior's, or those of an AE's codes."""
        codes = self._codes.samples(card.id)
        if card.family == "vae" or codes is None:
            return 0.0, 1.0
        values = codes.mu[:, dimension]
        return float(values.mean()), float(values.std())


def _plain(z: F64) -> tuple[float, ...]:
    return tuple(float(value) for value in z)
