"""The ideal denoiser beside the network: the exact E[x_0 | x_t] of sample pictures, and nearest training pictures."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from diffviz.domain import cards, frames, requests, samples
from diffviz.domain.ideal import AskIdeal, IdealFound, NearestFound, is_ideal
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.session import looks
from diffviz.session.run import Run
from diffviz.ui.gallery.picture_source import data_of, training_pictures
from diffviz.ui.instruments.instrument import Instrument, Services, note, say, small
from diffviz.ui.widgets import controls, math_label, pixmaps, qss, theme, view
from diffviz.ui.widgets.format import figure

SIDE, LABEL = 114, 24
COUNTS = (requests.ALL_IMAGES, 1000, 100, 10)


class IdealPane(QWidget):
    """A picture under its symbol, or under `heading` where it has none, with a line of what is known of it below."""

    def __init__(self, symbol: str, words: str, hue: str, heading: str = "") -> None:
        super().__init__()
        font = theme.font(12, 600) if heading else theme.font(13, 600)
        self.symbol = math_label.SymbolLabel(
            symbol or heading, font, theme.color(hue), colours=math_label.term_colours()
        )
        self.symbol.setFixedHeight(LABEL)
        self.notation = symbol
        self.picture = pixmaps.PictureBox(SIDE, words, hue)
        self.picture.setToolTip(words)
        self.distance = note()
        self.distance.setFixedWidth(SIDE)
        if symbol:
            self.distance.setToolTip(
                tr("Root mean square distance to the nearest training picture, per pixel of −1 … 1")
            )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.symbol)
        for widget in (self.picture, self.distance):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)  # a heading may be wider
        column.addStretch(1)

    def show_near(self, found: NearestFound | None) -> None:
        """Say how far the nearest training picture is."""
        say(self.distance, "" if found is None else tr("nearest: {d}").format(d=figure(float(found.distance[0]))))


class IdealInstrument(Instrument):
    """x_t, the network's x̂0, the ideal denoiser's, and the training picture nearest to the network's.

    Where no network has looked at the run, it is the one nearest to the ideal denoiser's. The worker is asked for the
    last two: they are means over thousands of pictures and searches in them.
    """

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.part = small(controls.Segments({part: tr(name) for part, name in requests.PARTS.items()}, tr("Exact for")))
        self.part.set_current(requests.TRAIN)
        self.count = controls.Combo()
        for count in COUNTS:
            self.count.addItem(tr("all there are") if count == requests.ALL_IMAGES else f"{count:,}", count)
        self.panes = {
            "x": IdealPane("x_t", tr("the noisy sample"), "noisy"),
            "x0": IdealPane("x̂_0", tr("the network's estimate"), "data"),
            "ideal": IdealPane("E[x_0|x_t]", tr("the exact mean over the pictures chosen"), "alpha_bar"),
            "nearest": IdealPane("", tr("the nearest training picture"), "quiet", tr("nearest training picture")),
        }
        self.note = note()
        self._key: tuple[Hashable, ...] | None = None
        self._asked: AskIdeal | None = None
        self._card: cards.Card | None = None
        self._arrange()

    def parts(self) -> dict[str, looks.Looking]:
        """Which pictures, and how many."""
        return {"part": self.part, "count": self.count}

    def draw(self, shown: view.Shown) -> None:
        """Show the sample in focus at the cursor, and ask for what is to stand beside it."""
        run, frame = shown.a, shown.noisy
        if run is None or frame is None:
            return
        card = shown.card or self.services.card()
        part, count = self._set_of(run, card)
        key = (run.id, frame.position, min(self.services.sample(), len(frame.x) - 1), part, count)
        if key == self._key:
            return
        self._key, self._card = key, card
        data = data_of(card)
        if data is None or card is None or card.shape != frame.x.shape[1:]:
            self._asked = None
            self._clear_found()
            say(self.note, tr("There are no sample pictures of this model's data set."))
            return
        self._show(run, frame, key[2], data)

    def forget(self) -> None:
        """Another run may have the place."""
        self._key = self._asked = None

    def take(self, what: str, answer: object) -> None:
        """Show what the worker has found for the cursor."""
        asked = self._asked
        if isinstance(answer, IdealFound) and asked is not None and answer.key == asked.key:
            self._show_found(asked, answer)
        elif isinstance(answer, Exception) and asked is not None:
            self._clear_found()
            say(self.note, sentence(answer))

    def close_instrument(self) -> None:
        """Wait for nothing any longer."""
        self._asked = None

    def _arrange(self) -> None:
        for part, tip in (
            (requests.TRAIN, tr("Pictures that the network was trained on")),
            (requests.TEST, tr("Pictures that the network has not seen")),
        ):
            self.part.button(part).setToolTip(tip)
        qss.set_own(self.count, qss.SMALL)
        self.count.setToolTip(tr("How many pictures x_0 is one of"))
        self.count.setAccessibleName(tr("Number of pictures"))
        self._choice = QWidget()
        choice = QHBoxLayout(self._choice)
        choice.setContentsMargins(0, 0, 0, 0)
        choice.addWidget(self.part, 2)
        choice.addWidget(self.count, 1)
        row = QHBoxLayout()
        row.setSpacing(10)
        for pane in self.panes.values():
            row.addWidget(pane)
        row.addStretch(1)
        self.column.addWidget(self._choice)
        self.column.addLayout(row)
        self.column.addWidget(self.note)
        self.panes["x"].symbol.setObjectName(view.X)
        self.panes["x0"].symbol.setObjectName(view.X0)
        self.part.chosen.connect(self._on_chosen)
        self.count.picked.connect(self._on_chosen)

    def _set_of(self, run: Run, card: cards.Card | None) -> tuple[str, int]:
        """Which pictures x_0 is one of: those of the run where its model is exact itself, else those chosen here."""
        own = run.request.ideal_set if card is not None and is_ideal(card) else None
        self._choice.setVisible(own is None)
        if own is not None:
            return own.part, own.images
        return self.part.current(), int(self.count.currentData())

    def _show(
        self, run: Run, frame: frames.ForwardFrame | frames.ReverseFrame, sample: int, data: samples.Dataset
    ) -> None:
        estimate = frame.estimate
        mine = None if estimate is None else estimate[sample]
        self.panes["x"].picture.show_values(frame.x[sample])
        self.panes["x0"].picture.show_values(mine)
        self.panes["x0"].picture.excuse_with(_excuse(run) if mine is None else "")
        assert self._key is not None
        part, count = self._key[3:]
        query = AskIdeal(
            data.name,
            frame.x[sample],
            frame.alpha,
            frame.sigma,
            str(part),
            int(str(count)),
            _label_of(run, sample, data),
            mine,
            self._key,
        )
        self._asked = query
        self._clear_found()
        self.services.session.ask(self.view_name("mean"), query)

    def _show_found(self, asked: AskIdeal, found: IdealFound) -> None:
        like = found.estimate or found.ideal
        self.panes["ideal"].picture.show_values(found.mean)
        self.panes["nearest"].picture.show_values(like.images[0])
        to = self.panes["ideal" if found.estimate is None else "x0"].notation
        say(self.panes["nearest"].distance, tr("to {estimate}").format(estimate=to))
        self.panes["x0"].show_near(found.estimate)
        self.panes["ideal"].show_near(found.ideal)
        say(self.note, self._said(asked, found))

    def _said(self, asked: AskIdeal, found: IdealFound) -> str:
        card, data = self._card, data_of(self._card)
        itself = card is not None and is_ideal(card)
        trained = 0 if card is None or itself else int(card.dataset.get("images") or 0)
        which = tr("of all classes")
        if asked.label is not None and data is not None:
            which = tr("of class {name}").format(name=tr(data.classes[asked.label]))
        text = tr(
            "Exact for a finite set: {n} pictures of the {part}, {which}. It returns them, given enough steps; a "
            "network that generalises comes near the population's mean instead. Distances are to the nearest of {all}."
        ).format(
            n=f"{found.known:,}",
            part=tr(requests.PARTS[asked.part]),
            which=which,
            all=training_pictures(found.ideal.count, trained),
        )
        first = tr("The model is the ideal denoiser: both estimates are the same.") + " " if itself else ""
        return first + text

    def _clear_found(self) -> None:
        """Nothing of another frame stays beside this one's."""
        for name in ("ideal", "nearest"):
            self.panes[name].picture.show_values(None)
        for name in ("x0", "ideal", "nearest"):
            self.panes[name].show_near(None)

    @Slot()
    def _on_chosen(self) -> None:
        self.services.soon()


def _label_of(run: Run, sample: int, data: samples.Dataset) -> int | None:
    """The class that the model of `run` was told of the sample, None for p(x)."""
    told = family_of(run.request).told(run.request, len(data.classes))
    return told[sample] if sample < len(told) else None


def _excuse(run: Run) -> str:
    """Why there is no estimate, and what would make one."""
    if not run.plan.evaluations:
        return tr("No network in this run: tick Model in the form.")
    return ""
