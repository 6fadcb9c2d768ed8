"""p(y | x) beside p(x): what a discriminative model sees while a generative one works."""

from __future__ import annotations

from diffviz.domain import frames, messages, panes
from diffviz.domain.arrays import F32
from diffviz.domain.text import tr
from diffviz.families import family_of, panes_of, scaled_values
from diffviz.session import looks
from diffviz.session.run import Run
from diffviz.ui.instruments.class_shares import MOST, Bars, ClassKey, ClassShareChart
from diffviz.ui.instruments.instrument import Instrument, Services, note, say
from diffviz.ui.widgets.format import percent
from diffviz.ui.widgets.view import Shown

FRAMES = 60


class RecognisedInstrument(Instrument):
    """The classifier's bars under each sample at the cursor, and those of one sample along t."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.bars, self.strip, self.note = Bars(), ClassShareChart(), note()
        self.key_of_classes = ClassKey()
        self._known: dict[float, F32] = {}
        self._classes: tuple[str, ...] = ()
        self._run: Run | None = None
        self._shown: Shown | None = None
        self._waiting: float | None = None
        self._refused: Run | None = None
        for widget in (self.bars, self.key_of_classes, self.strip, self.note):
            self.column.addWidget(widget)
        self.bars.chosen.connect(self._on_chosen)

    def look(self) -> looks.Look:
        """The sample whose strip is shown, where it is not the one in focus."""
        return {} if self._following else {"sample": self.bars.sample}

    def take_look(self, look: looks.Look) -> None:
        """Show the strip of the same sample."""
        sample = looks.number(look, "sample", 0, MOST - 1)
        if sample is not None:
            self._on_chosen(int(sample))

    def draw(self, shown: Shown) -> None:
        """Show what is known of the frame at the cursor, and ask for it."""
        run, frame = shown.a, shown.frame
        if run is None or frame is None:
            return
        if run is not self._run:
            self._run, self._known, self._waiting = run, {}, None
        self._shown = shown
        images = _pictures(run, frame)
        if images is None:
            return
        self.bars.sample = min(self.services.sample(), len(images) - 1) if self._following else self.bars.sample
        self.bars.show_bars(images, self._known.get(frame.position), self._classes, _asked(run, len(self._classes)))
        self.key_of_classes.show_classes(self._classes)
        self._show_strip(shown, run)
        self._ask()
        self._say(run, frame)

    _following = True

    def take(self, what: str, answer: object) -> None:
        """Keep what was seen, show it, and ask about the next timestep."""
        if not isinstance(answer, messages.Recognised) or self._run is None:
            self._refused = self._run
            self._waiting = None
            self.services.soon()
            return
        run_id, position = answer.key
        if run_id != self._run.id:
            return
        self._known[float(str(position))], self._classes = answer.probabilities, answer.classes
        self._waiting = None
        self.services.soon()

    def forget(self) -> None:
        """Another run has other samples."""
        self._following = True

    def _ask(self) -> None:
        """Ask about the frame at the cursor first, then, one after the other, about some along the run."""
        shown, run = self._shown, self._run
        if shown is None or run is None or self._waiting is not None or run is self._refused:
            return
        if self.services.session.device is None:
            return
        card = shown.card or self.services.card()
        frame = shown.frame
        if frame is None or card is None:
            return
        if frame.position in self._known:
            frame = self._next(run)
        images = _pictures(run, frame) if frame is not None else None
        if frame is None or images is None or images.shape[1:] != card.shape:
            return
        self._waiting = frame.position
        query = messages.Recognise(str(card.dataset.get("name")), images, (run.id, frame.position))
        self.services.session.ask(self.view_name("bars"), query)

    def _next(self, run: Run) -> frames.Frame | None:
        positions = run.store.positions()
        some = positions[:: max(1, -(-len(positions) // FRAMES))]
        left = next((p for p in reversed(some) if p not in self._known), None)
        return None if left is None else run.at(left)

    def _show_strip(self, shown: Shown, run: Run) -> None:
        sample = self.bars.sample
        rows = {t: shares[sample] for t, shares in self._known.items() if sample < len(shares)}
        self.strip.show_known(rows, self._classes, run.scale, shown.cursor)

    def _say(self, run: Run, frame: frames.Frame) -> None:
        if run is self._refused:
            say(self.note, tr("There is no classifier of this model's data set."))
            return
        what = (
            tr("With a class the generative model samples p(x | y); a line marks the class.")
            if any(label is not None for label in _asked(run, len(self._classes)))
            else tr("Without a class the generative model samples p(x).")
        )
        shares = self._known.get(frame.position)
        mean = ""
        if shares is not None and self._classes:
            best = int(shares.mean(0).argmax())
            mean = " " + tr("Over all samples {name} is seen most: {share}.").format(
                name=tr(self._classes[best]), share=percent(float(shares.mean(0)[best]))
            )
        say(self.note, what + " " + tr("The bars are a classifier's p(y | x̂0), a discriminative model.") + mean)

    def _on_chosen(self, sample: int) -> None:
        self._following = False
        self.bars.sample = sample
        self.services.soon()


def _pictures(run: Run, frame: frames.Frame) -> F32 | None:
    pane = panes.labelled(panes_of(frame))
    if pane is None:
        return None
    images = frame.arrays()[pane.field]
    return scaled_values(frame, images) if pane.role is panes.Role.NOISY and run.spreads else images


def _asked(run: Run, classes: int) -> tuple[int | None, ...]:
    family = family_of(run.request)
    return family.told(run.request, classes) if family.sampled and classes else ()
