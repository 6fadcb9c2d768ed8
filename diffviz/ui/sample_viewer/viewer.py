"""The stage: a run's pictures at the cursor, with what can be done to them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from diffviz.domain.frames import Frame
from diffviz.domain.messages import Recognised
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.session.looks import Look, flag
from diffviz.session.run import Run, Status
from diffviz.ui.sample_viewer import captions, grid, link
from diffviz.ui.sample_viewer.filling import Filling
from diffviz.ui.sample_viewer.panes import PaneChoice
from diffviz.ui.sample_viewer.picture import KnownRows, Manner, Picture, key_of, picture_of, readout, rich_readout
from diffviz.ui.sample_viewer.toolbar import DenoiseBar, Toolbar
from diffviz.ui.timeline.run_progress import distance
from diffviz.ui.widgets.view import Highlight, Shown, View

NARROWEST = 400


class SampleViewer(View):
    """Panes of the frame at the cursor, see `diffviz.domain.panes`, and of the pinned run; one can fill it all.

    Signals:
    `focus_changed(sample)`: an int where one sample fills the stage, None where all are shown;
    `denoise_asked(sample)`: the reverse process is to start at the forward run's x_t, of one sample or (None) of all,
    `copies` times; `readout_changed(rich text)`: the pixel under the pointer in every pane, empty where there is none.
    Samples count from 0.
    """

    focus_changed = Signal(object)
    denoise_asked = Signal(object)
    readout_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._frame: Frame | None = None
        self._shown: Shown | None = None
        self._asked: tuple[str | None, ...] = ()
        self._seen: Recognised | None = None
        self._asked_b: tuple[str | None, ...] = ()
        self._seen_b: Recognised | None = None
        self._wanted: Look | None = None
        self._rows = KnownRows()
        self.pair = link.RunPair()
        self.canvas, self.beside, self.lines = self.pair.canvas, self.pair.beside, self.pair.lines
        self._leading: list[QWidget] = []
        self.toolbar = Toolbar()
        self.filling = Filling(self.pair, self.toolbar.panes, self)
        self.denoise = DenoiseBar()
        self._arrange()
        self._connect()
        self._explain(None)
        self._on_view_changed()

    def draw(self, shown: Shown) -> None:
        """Show the frame at the cursor; while there is none yet, what was shown before stays."""
        frame = shown.frame
        if shown.a is None or frame is None:
            return
        self._run, self._frame, self._shown = shown.a, frame, shown
        self._update()
        self._draw_beside(shown)
        if self._wanted is not None and self.canvas.picture is not None:
            wanted, self._wanted = self._wanted, None
            self.filling.take_look(wanted)

    def clear(self, run: Run | None) -> None:
        """Say what is waited for, or what to do."""
        self._run, self._frame, self._shown = run, None, None
        self._explain(run)
        if self.toolbar.show_picture(None):
            self.denoise.show_frame(None)
            self._on_hovered()

    def set_labels(self, asked: tuple[str | None, ...], seen: Recognised | None) -> None:
        """Class names under the samples: what was `asked` for, one per sample and None for p(x), and what was `seen`.

        They stand under the pane that `diffviz.domain.panes.labelled` names, whose array is what to recognise. A
        `seen.key` is (run id, position): what was seen in another frame than the one shown is not shown.
        """
        self._asked, self._seen = asked, seen
        _label(self.canvas, asked, seen)

    def set_labels_beside(self, asked: tuple[str | None, ...], seen: Recognised | None) -> None:
        """The same under the samples of the pinned run."""
        self._asked_b, self._seen_b = asked, seen
        _label(self.beside, asked, seen)

    def set_highlight(self, highlight: Highlight) -> None:
        """Panes show which term is pointed at, and point at theirs."""
        for canvas in (self.canvas, self.beside):
            canvas.set_highlight(highlight)

    def set_leading(self, widget: QWidget) -> None:
        """Put `widget` at the beginning of the line above the pictures."""
        self._leading.append(widget)
        self._above.insertWidget(0, widget)
        self._place_denoise()

    def set_denoise_available(self, available: bool) -> None:
        """Whether there is a model to denoise with."""
        self.denoise.set_available(available)

    def shortcuts(self) -> list[tuple[str, str]]:
        """Keys and what they do."""
        return [
            ("D", tr("Denoise from here")),
            ("R", tr("Each pane's own range")),
            ("Shift+R", tr("Fixed range")),
            ("+ −", tr("Zoom")),
            ("0", tr("Fit")),
            ("F", tr("Let the pane under the pointer fill the stage, and back")),
            ("Shift+F", tr("Let a sample fill the stage, and back; then arrows go to the one beside")),
            (tr("Arrows, Enter"), tr("Choose a sample and let it fill the stage, after Tab")),
            *self.toolbar.panes.shortcuts(),
        ]

    @property
    def pane_choice(self) -> PaneChoice:
        """Which panes are hidden, and how the others are laid."""
        return self.toolbar.panes.choice

    def look(self) -> Look:
        """Which sample or pane fills it, its zoom, and how values are shown; see `take_look`."""
        return {**self.filling.look(), **{name: on.isChecked() for name, on in self.toolbar.switches().items()}}

    def take_look(self, look: Look) -> None:
        """Show the same of the picture that is drawn next."""
        self._wanted = look
        self.toolbar.switch({name: flag(look, name) for name in self.toolbar.switches()})

    def stop(self) -> None:
        """Wait for nothing any more."""
        self.pair.stop()

    @property
    def copies(self) -> int:
        """How many times *Denoise from here* is to start."""
        return self.denoise.copies

    @property
    def focus(self) -> int | None:
        """The sample that fills the stage, or None."""
        return self.canvas.focus

    def readout(self) -> str:
        """The pixel under the pointer in every pane, empty where there is none."""
        picture, hit = self.canvas.picture, self.canvas.hit
        return readout(picture, hit) if picture and hit else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give what can be done its place."""
        super().resizeEvent(event)
        self._place_denoise()

    def minimumSizeHint(self) -> QSize:
        """Less than both need side by side: `denoise` goes elsewhere before it is squeezed."""
        return QSize(NARROWEST, self._column.minimumSize().height())

    def _arrange(self) -> None:
        self._above, self._below = QHBoxLayout(), QHBoxLayout()
        self._above.setSpacing(12)
        self._above.addWidget(self.toolbar, 1)
        self._above.addWidget(self.denoise)
        self._below.addStretch(1)
        column = self._column = QVBoxLayout(self)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._above)
        column.addWidget(self.pair, 1)
        column.addLayout(self._below)

    def _place_denoise(self) -> None:
        """Above the pictures where there is room beside the toolbar, else below them."""
        ahead = sum(w.sizeHint().width() + self._above.spacing() for w in self._leading)
        needed = ahead + self.toolbar.sizeHint().width() + self._above.spacing() + self.denoise.sizeHint().width()
        row = self._above if needed <= self.width() else self._below
        if row.indexOf(self.denoise) < 0:
            row.addWidget(self.denoise)

    def _connect(self) -> None:
        self.canvas.hovered.connect(self._on_hovered)
        self.beside.hovered.connect(self._on_hovered_beside)
        self.toolbar.automatic_changed.connect(self.beside.set_automatic)
        self.canvas.view_changed.connect(self._on_view_changed)
        self.canvas.focus_changed.connect(self._on_focus_changed)
        self.toolbar.automatic_changed.connect(self.canvas.set_automatic)
        self.toolbar.step_noise_changed.connect(self._on_shown_otherwise)
        self.toolbar.raw_changed.connect(self._on_shown_otherwise)
        self.toolbar.fit_asked.connect(self._fit)
        self.toolbar.fill_asked.connect(self.filling.toggle)
        self.toolbar.back_asked.connect(self.filling.back)
        self.toolbar.panes.hide_asked.connect(self._on_hide_asked)
        self.toolbar.panes.changed.connect(self._on_panes_changed)
        self.toolbar.panes.restored.connect(self._on_panes_changed)
        self.filling.changed.connect(self._on_filling_changed)
        self.denoise.asked.connect(self._on_denoise_asked)
        for keys, zoom in (("+", self._closer), ("=", self._closer), ("-", self._farther), ("0", self._fit)):
            QShortcut(QKeySequence(keys), self).activated.connect(zoom)

    def _explain(self, run: Run | None) -> None:
        match run.status if run else None:
            case None:
                words = tr("Nothing on the stage yet"), tr("Choose what to run on the left and press Run.")
            case Status.QUEUED:
                words = tr("Waiting"), tr("This run starts as soon as the one before it is done.")
            case Status.FAILED:
                words = tr("This run has no pictures"), tr("It failed before its first timestep; the form says why.")
            case Status.CANCELLED | Status.FINISHED:
                words = (
                    tr("This run has no pictures"),
                    tr("It ended before its first timestep. Press Run again."),
                )
            case _:
                words = tr("The first timestep is on its way"), tr("The model is being loaded.")
        self.canvas.show_message(*words)

    @Slot()
    def _update(self) -> None:
        if self._run is None or self._frame is None:
            return
        shown = self.canvas.picture
        if shown is not None and shown.key == key_of(self._run, self._frame, self._manner()):
            return
        picture = self._picture(self._run, self._frame)
        if picture is None:
            return
        self.canvas.show_picture(picture)
        self.pair.step()
        self.filling.hold([pane.role for pane in picture.all_panes])
        if self.toolbar.show_picture(picture, chain=getattr(self._frame, "step_noise", None) is not None):
            self._place_denoise()
        family = family_of(self._run.request)
        self.denoise.show_frame(self._frame if family.denoisable and not family.sampled else None)
        self._update_labels()

    def _picture(self, run: Run, frame: Frame) -> Picture | None:
        images = self._shown.images if self._shown else {}
        return picture_of(run, frame, self._manner(), self._rows.of(run, frame, images))

    def _manner(self) -> Manner:
        return Manner(self.toolbar.step_noise, self.toolbar.raw, self.filling.hidden)

    @Slot()
    def _on_shown_otherwise(self) -> None:
        """Show the same frames in the way that was chosen."""
        self._update()
        if self._shown is not None:
            self._draw_beside(self._shown)
        self.pair.settle()

    @Slot()
    def _on_panes_changed(self) -> None:
        self.pair.lay(self.pane_choice.how)
        self._on_shown_otherwise()

    def _draw_beside(self, shown: Shown) -> None:
        """Show the pinned run's frame at the cursor, what both have cost, and how far apart they are."""
        frame, run = shown.frame_b, shown.b
        picture = self._picture(run, frame) if run and frame else None
        self.pair.show_second(picture is not None)
        if picture is None or run is None or frame is None or shown.a is None or self._frame is None:
            return
        if self.beside.picture is None or self.beside.picture.key != picture.key:
            self.beside.show_picture(picture)
            self.pair.follow()
            self.pair.step()
            self._update_labels()
        for line, each, name, t in zip(
            self.lines, (shown.a, run), shown.names, (self._frame.position, frame.position), strict=True
        ):
            line.show_run(each, name, t, unlike=shown.link is not None)
        ours, theirs = self._frame.position, frame.position
        same = shown.link.meets(ours, theirs) if shown.link else ours == theirs
        spreads = (shown.a.spreads, run.spreads)
        if shown.outside_b:
            self.lines[1].show_outside(frame.position, shown.cursor_b)
        else:
            self.lines[1].show_apart(distance(self._frame, frame, spreads) if same else None, scaled=any(spreads))

    def _update_labels(self) -> None:
        _label(self.canvas, self._asked, self._seen)
        _label(self.beside, self._asked_b, self._seen_b)

    @Slot()
    def _on_hovered(self) -> None:
        picture, hit = self.canvas.picture, self.canvas.hit
        self.readout_changed.emit(rich_readout(picture, hit) if picture and hit else "")

    @Slot()
    def _on_hovered_beside(self) -> None:
        picture, hit = self.beside.picture, self.beside.hit
        self.readout_changed.emit(f"<b>B</b> {rich_readout(picture, hit)}" if picture and hit else "")

    @Slot()
    def _closer(self) -> None:
        self.canvas.zoom(1)

    @Slot()
    def _farther(self) -> None:
        self.canvas.zoom(-1)

    @Slot()
    def _fit(self) -> None:
        self.canvas.reset_zoom()

    @Slot()
    def _on_view_changed(self) -> None:
        self.toolbar.show_zoom(self.canvas.scale, self.canvas.viewport.fits)

    @Slot(object)
    def _on_focus_changed(self, sample: int | None) -> None:
        self._show_filling()
        self._on_hovered()
        self.denoise.show_focus(sample)
        self.focus_changed.emit(sample)

    def _show_filling(self) -> None:
        self.toolbar.show_focus(self.canvas.focus, filled=self.filling.alone is not None)
        self._place_denoise()

    @Slot()
    def _on_hide_asked(self) -> None:
        if key := self.filling.at_hand():
            self.toolbar.panes.set_shown(key, False)

    @Slot()
    def _on_filling_changed(self) -> None:
        self._show_filling()
        self._on_shown_otherwise()

    @Slot()
    def _on_denoise_asked(self) -> None:
        self.denoise_asked.emit(self.canvas.focus)


def _label(canvas: grid.SampleGrid, asked: tuple[str | None, ...], seen: Recognised | None) -> None:
    """Words under the samples of `canvas`, as far as they are about its frame."""
    picture = canvas.picture
    if picture is None:
        return
    if seen is not None and seen.key != picture.key[:2]:
        seen = None
    asked = asked if len(asked) == picture.count else ()
    if not asked and seen is not None:
        asked = (None,) * picture.count
    canvas.set_labels(captions.labels_of(asked, seen))
