"""The GAN lab: a training as a run that is watched, held, stepped, gone back to and branched off from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction, QUndoStack
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from diffviz.domain import cards, errors, requests
from diffviz.domain.gan import GanRequest
from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.session.player import Player
from diffviz.session.run import Run, RuntimeEstimator
from diffviz.session.session import Session
from diffviz.ui.labs.drawing import QueuedNotice, RedrawScheduler
from diffviz.ui.labs.gan import form, images, verdict
from diffviz.ui.labs.gan.controller import RECORDED, GanDatasets, TrainingController, marks_of
from diffviz.ui.labs.gan.metrics import GanQueries, GanThumbnails, MetricsLog, training_step
from diffviz.ui.labs.gan.stage import DivergencePage, GanStage
from diffviz.ui.labs.lab import FORM_WIDTH, PADDING, RIGHT_WIDTH, Choice, Lab, form_side, panel
from diffviz.ui.labs.pages import LabPage, Pages
from diffviz.ui.plots.plane_link import plane_keys, show_parts
from diffviz.ui.sample_viewer.panes import PaneButton
from diffviz.ui.timeline import RunPlots, Timeline
from diffviz.ui.widgets.layout import BAR
from diffviz.ui.widgets.shortcuts import Rows, rows_of
from diffviz.ui.widgets.view import Shown, View

STAGE, KL = "stage", "kl"


def stage_and_divergence(stage: GanStage, divergence: DivergencePage) -> Pages:
    """Both in one place."""
    pages = {
        STAGE: LabPage(
            tr("Stage"),
            tr("The samples of the training (J)"),
            stage,
            lambda tabs: stage.head.insertWidget(0, tabs),
        ),
        KL: LabPage(
            tr("KL and JS"),
            tr("Two Gaussians to drag: KL both ways, and the JS that D's loss measures (J)"),
            divergence,
            lambda tabs: divergence.head.insertWidget(0, tabs),
        ),
    }
    return Pages(pages, tr("Stage, or KL and JS"), "J")


SIZES, COMPACT_SIZES = [325, 475], [380, 240]

GAN_SHARE = 0.28
"""How much of the time drawing may take: watching is the point of a live training, and its steps are small."""


class GanLab(Lab):
    """Watches the training of a GAN. It starts runs, asks the engine, and draws its views when the session changes."""

    name = "gan"
    families = ("gan",)
    takes_pictures = False
    smallest = QSize(880, 510)

    def __init__(
        self, session: Session, player: Player, undo: QUndoStack, costs: RuntimeEstimator, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._costs = session, costs
        self.history = MetricsLog()
        self.form = form.GanForm(session, undo, self._seconds)
        self.training = TrainingController(session, self.form.draft, self)
        self.stage = GanStage(self.history.largest)
        self.divergence = DivergencePage()
        self.pages = stage_and_divergence(self.stage, self.divergence)
        plots = RunPlots(GanRequest, self.history)
        self.timeline = Timeline(session, player, training_step(), plots, 1, GanThumbnails())
        self.timeline.set_empty(tr("No run yet. Press Train, and every evaluation lands here."))
        self.verdict = verdict.GanVerdictView(self.history.evaluations)
        self.neighbours = images.NeighboursView()
        self.asking = GanQueries(session, self.stage, self.neighbours, self)
        self.waiting = QueuedNotice(session, self.stage.body)
        self._choices = GanDatasets(session)
        self._compact = self._chosen = False
        self._arrange()
        self._add_actions()
        self._connect()

    def actions_of(self) -> list[QAction]:
        """Actions with shortcuts that the window installs."""
        return [*self._own, *self.timeline.actions(), self.pages.action]

    def shortcuts(self) -> dict[str, Rows]:
        """Keys by what they are for."""
        maps = [
            *rows_of([self.pages.action]),
            (tr("Arrow keys"), tr("Move the pointer that asks D")),
            *plane_keys(),
        ]
        runs = [*rows_of(self._own), ("Esc", tr("Cancel the run"))]
        timeline, stage = rows_of(self.timeline.actions()), self.stage.images.area.shortcuts()
        return {tr("Training"): runs, tr("Timeline"): timeline, tr("Maps"): maps, tr("Stage"): stage}

    def panes(self) -> PaneButton:
        """The choice of panes of the stage."""
        return self.stage.images.area.button

    def choices(self) -> Sequence[Choice] | None:
        """The data sets, and the recorded trainings."""
        return self._choices.all()

    def chosen(self) -> str:
        """Key of what the form is about."""
        return self._choices.of(self.form.request(), self._session.a)

    def key_of(self, card: cards.Card) -> str:
        """The recorded training of `card`."""
        return RECORDED + card.id

    def choose(self, key: str) -> None:
        """Open a recorded training, or put another data set into the form."""
        self._chosen = True
        self.form.panel.set_trouble(None)
        try:
            recorded = self._choices.recorded(key)
        except errors.DiffvizError as error:
            self.form.panel.set_trouble(error)
            return
        if recorded is not None:
            self._open(recorded)
            return
        request = self._choices.request(key)
        if request is not None:
            self.form.set_request(request, tr("Data"))
            self._show_newest(request)

    def set_model(self, card: cards.Card | None) -> None:
        """A lab that trains needs no model."""

    def start_first(self) -> None:
        """Put a recorded training on the stage, where there is one and nothing else."""
        first = self._choices.first()
        if self._run() is None and not self._chosen and first:
            self.choose(first)
        self.draw()
        self.take_keyboard()

    def run(self, request: GanRequest) -> None:
        """Put `request` into the form, and compute it."""
        self.form.set_request(request)
        self._session.start(request, self.training_slot)

    @property
    def training_slot(self) -> str:
        """The slot of this lab's runs."""
        return f"{self.name}/training"

    def take_keyboard(self) -> None:
        """Keys go to the timeline until something else is chosen: Space plays, arrows step."""
        there = self.timeline.slider.isEnabled()
        (self.timeline.slider if there else self.form.panel.train).setFocus(Qt.FocusReason.OtherFocusReason)

    def set_active(self, active: bool) -> None:
        """Follow the session, or leave it to another lab."""
        super().set_active(active)
        self.asking.active = active

    def close_lab(self) -> None:
        """Stop all timers."""
        for part in (self._repaint, self.asking, self.training, self.waiting):
            part.stop()

    def set_compact(self, compact: bool) -> None:
        """Little height: plots become tabs."""
        if compact != self._compact:
            self._compact = compact
            self.form.set_compact(compact)
            self.splitter.setSizes(COMPACT_SIZES if compact else SIZES)
        self.timeline.set_compact(compact)

    def forms(self) -> tuple[requests.Request, ...]:
        """The request in the form."""
        return (self.form.request(),)

    def take(self, card: cards.Card | None, forms: Sequence[GanRequest]) -> None:
        """Have the last of `forms` in the form."""
        for request in forms[-1:]:
            self.form.set_request(request)

    def look(self) -> looks.Look:
        """What lies under the points, what is drawn over them, and the part of the plane that is seen."""
        stage = self.stage
        shown = {key: button.isChecked() for key, button in stage.switches().items()}
        return {"surfaces": stage.surfaces.current(), "shown": shown, **looks.look_of(self._parts())}

    def _parts(self) -> dict[str, looks.Looking]:
        """What is left in a state of its own, by the names that sessions have for it."""
        stage = self.stage
        return {
            "plane": stage.points,
            "images": stage.images.area,
            "kl": self.divergence.kl,
            "bars": self.verdict.bars,
        }

    def take_look(self, look: looks.Look) -> None:
        """Show the same of the plane."""
        if surfaces := looks.word(look, "surfaces", self.stage.surfaces.keys()):
            self.stage.set_surfaces(surfaces)
        for key, button in self.stage.switches().items():
            on = looks.flag(looks.within(look, "shown"), key)
            if on is not None:
                button.setChecked(on)
        show_parts(self.stage.points.maps, look.get("planes"))
        looks.show_look(self._parts(), look)

    def draw(self) -> None:
        """Draw every view that is visible."""
        if not self.active:
            return
        run = self._run()
        self.form.refresh()
        shown = Shown(run, self._session.cursor)
        self.timeline.set_marks(marks_of(run, self._session.runs) if run is not None else ())
        for view in self._views():
            if view.isVisible():
                view.draw(shown)
        if shown.frame is None:
            self._clear(run)
        self.waiting.follow(run)
        self.asking.follow()

    def _views(self) -> tuple[View, ...]:
        return self.stage, self.timeline, self.verdict

    def _clear(self, run: Run | None) -> None:
        """Show the data alone where there is no frame and will be none soon."""
        if run is None or run.status.final or isinstance(run.request.start, requests.Noise):
            self.stage.preview(self.form.request())
            self.verdict.clear(run)

    @Slot()
    def _on_shown_changed(self) -> None:
        if self.active:
            self.choice_changed.emit()

    def _run(self) -> Run | None:
        run = self._session.a
        return run if run is not None and isinstance(run.request, GanRequest) else None

    def _open(self, recorded: Run) -> None:
        """Show a recorded training from its end, with its settings in the form."""
        assert isinstance(recorded.request, GanRequest)
        self.form.set_request(recorded.request)
        self._session.show(recorded)
        self._session.follow()

    def _show_newest(self, request: GanRequest) -> None:
        """The newest run on the data of `request`, or nothing."""
        fits = [r for r in self._session.runs if isinstance(r.request, GanRequest) and r.request.data == request.data]
        self._session.show(fits[-1] if fits else None)

    def _arrange(self) -> None:
        left = form_side(self.form, FORM_WIDTH + 24)
        self._right = panel(_scrolling(self.verdict, self.neighbours), right=PADDING - BAR)
        self._right.setFixedWidth(RIGHT_WIDTH + BAR)
        self._lay_columns(left, self.pages, self.timeline, SIZES, share=1)

    def _add_actions(self) -> None:
        training = self.training
        self._own = [
            self._action(tr("Train, pause or go on"), "T", training.toggle),
            self._action(tr("One step of D"), "1", lambda: training.step("D")),
            self._action(tr("One step of G"), "2", lambda: training.step("G")),
            self._action(tr("Continue from the cursor"), "C", training.go_on),
        ]

    def _connect(self) -> None:
        self._repaint = RedrawScheduler(self._session, self.draw, self, GAN_SHARE)
        panel_ = self.form.panel
        panel_.toggle_asked.connect(self.training.toggle)
        panel_.step_asked.connect(self.training.step)
        panel_.cancel_asked.connect(self.training.cancel)
        panel_.continue_asked.connect(self.training.go_on)
        self.form.preset_chosen.connect(self.training.train_preset)
        self.form.edited.connect(self.training.on_edited)
        self.form.edited.connect(self._repaint.soon)
        self.form.draft.changed.connect(self.choice_changed)
        self.form.draft.changed.connect(self._repaint.soon)
        self._session.shown_changed.connect(self._on_shown_changed)
        self.stage.redraw_wanted.connect(self._repaint.soon)
        self.pages.changed.connect(self._repaint.soon)


def _scrolling(*widgets: QWidget) -> QScrollArea:
    """`widgets` below each other, scrolling where there is too little height."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, BAR, 0)
    column.setSpacing(12)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
