"""Diffusion in the plane: score field as arrows, density, and particles that move from x_T to x_0."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from diffviz.domain import errors, panes, settings
from diffviz.domain.cards import Card
from diffviz.domain.planar import FAMILY, PLANAR_DATA, PLANAR_LABELS, PlanarFrame, PlanarRequest
from diffviz.domain.requests import Noise, Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import plain, tr
from diffviz.families import diffusion, planar
from diffviz.session import looks
from diffviz.session.run import PLANE_SLOT, Run
from diffviz.theory import processes, shared_time
from diffviz.ui.forms import request_form, run_actions
from diffviz.ui.instruments.instrument import CopyButton, Instrument, Services, note, say
from diffviz.ui.instruments.plane_runs import PlaneRunList, PlaneRuns
from diffviz.ui.instruments.plane_view import ParticlesView
from diffviz.ui.plots import plane_link
from diffviz.ui.widgets import controls, qss, theme
from diffviz.ui.widgets.format import figure, timestep
from diffviz.ui.widgets.view import Shown, SwitchLook

DATA = ("data",)


class PlaneInstrument(Instrument):
    """Particles by the exact score beside those by a small network, at the timeline's t.

    Its runs are aside from those of the lab; where T is another one, the frame stands at the same share of T, where the
    process is, at what the two share. Runs can be branched at the cursor, all particles or many from one, and exported;
    they stay when the panel is put away. Where the variance is not preserved the particles are drawn at x / √(α² + σ²),
    or `raw`.
    """

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.runs = PlaneRuns(services.session, self)
        self.draft = services.drafts.get(PLANE_SLOT, _first(services.session.offered), _fitting(services.session.cards))
        self.exact = ParticlesView(tr("Particles by the exact score"), learnt=False)
        self.learnt = ParticlesView(tr("Particles by the network's score"), learnt=True)
        self.link = plane_link.PlaneLink((self.exact, self.learnt), parent=self)
        self.data = controls.Combo()
        self.settings = QPushButton(theme.icon("sliders-horizontal"), "")
        self.again = QPushButton(tr("Run"))
        self.branching = QPushButton(theme.icon("git-branch"), tr("Branch here"))
        self.export = QPushButton(tr("Export…"))
        self.copy = CopyButton(services)
        self.raw = QPushButton(plain(panes.NOISY.symbol))
        self.list = PlaneRunList(self.runs, services.session, services.drafts.stack)
        self.form = request_form.RequestForm(self.draft, without=(DATA,))
        self.note = note()
        self._asked, self._stale = False, True
        self._t = 0.0
        self._drawn: tuple[object, ...] = ()
        self._settings = QWidget()
        self._arrange()
        self._offer()
        self._connect()
        self._on_shown()

    def parts(self) -> dict[str, looks.Looking]:
        """How points are drawn, whether the settings are open, and the parts of the plane that are seen."""
        switches = {"raw": self.raw, "settings": self.settings}
        views = plane_link.PlanesLook((self.exact, self.learnt), self.link)
        return {**{key: SwitchLook(button) for key, button in switches.items()}, "planes": views}

    @property
    def run(self) -> Run | None:
        """The run in the panel."""
        return self.runs.shown

    def request(self) -> PlanarRequest:
        """What Run computes."""
        request: PlanarRequest = self.draft.request
        return request

    def draw(self, shown: Shown) -> None:
        """Show the frame at the cursor's share of the axis; the first draw computes it."""
        run = self.runs.refresh()
        if run is None and not self._asked:
            self.compute()
            run = self.run
        if run is not None:
            self._t = self._time(shown, run)
            self._show(run)
        self._show_state(run)

    @Slot()
    def compute(self) -> None:
        """Compute the particles' run, or cancel what runs."""
        if self._busy:
            self.runs.stop()
            return
        self.draft.settle()
        if not self.draft.seed_locked:
            self.draft.roll()
        self._begin()

    def compute_request(self, request: Request) -> None:
        """Compute `request`, of an exported file."""
        self.draft.replace(request, tr("Particles in the plane"))
        self._begin()

    def put_away(self) -> None:
        """Cancel what has not ended; what has been computed stays with the session."""
        self.runs.stop()

    def _time(self, shown: Shown, run: Run) -> float:
        """The t of `run` that the cursor stands for."""
        whole = run.process is not None and run.process.whole and (shown.process is None or shown.process.whole)
        tie = None if whole else shared_time.link(shown.process, run.process, self.services.session.shared_by)
        return tie.there(shown.cursor) if tie else run.plan.low + _share(shown) * (run.plan.high - run.plan.low)

    @property
    def _busy(self) -> bool:
        return self.run is not None and not self.run.status.final

    def _begin(self) -> None:
        """Compute what the draft says; the run that goes on gives way."""
        self._asked = True
        try:
            self.runs.start(self.request())
        except errors.DiffvizError as error:
            say(self.note, sentence(error))
        self.services.soon()

    def _show(self, run: Run) -> None:
        owner, frame, before = self.runs.owner(self._t), self.runs.frame(self._t), self.runs.before(self._t)
        if frame is None or owner is None:
            if run.error is not None:
                say(self.note, tr("It could not be computed: {why}").format(why=_why(run.error)))
            return
        spreads = run.process is not None and not run.process.whole
        self.raw.setVisible(spreads)
        raw = spreads and self.raw.isChecked()
        key = owner.id, frame.position, before.position if before else None, raw
        if key == self._drawn:
            return
        self._drawn = key
        both = frame.learnt_x is not None
        for view in (self.exact, self.learnt):
            view.set_raw(raw)
        self.exact.show_frame(frame, before)
        self.learnt.show_frame(frame if both else None, before)
        self.learnt.setVisible(both)
        said = [*_said(frame, branched=before is not None, raw=raw), _grouped(frame, self.exact.group)]
        say(self.note, " ".join(text for text in said if text))

    def _show_state(self, run: Run | None) -> None:
        """What the buttons can do, and which runs there are."""
        if self._stale:
            self._stale = False
            self.list.setVisible(len(self.runs.all()) > 1)
            self.list.refresh()
        self.again.setText(tr("Cancel") if self._busy else tr("Run"))
        role = "primary" if run is not None and not self._busy and run.request != self.request() else ""
        if self.again.property("role") != role:
            qss.set_role(self.again, role)
        frame = self.exact.frame
        self.branching.setEnabled(frame is not None and frame.position > 0 and not self._busy)
        self.branching.setText(tr("Branch here") if self.exact.focus < 0 else tr("Branch from one"))
        self.export.setEnabled(run is not None and len(run.store) > 0)
        self.copy.set_run(run)

    def _arrange(self) -> None:
        self.data.setAccessibleName(tr("Data in the plane"))
        self.settings.setCheckable(True)
        self.settings.setAccessibleName(tr("Settings of the particles"))
        self.settings.setToolTip(tr("Where they start, sampler, steps, number and seed"))
        self.again.setToolTip(tr("Compute the particles with these settings"))
        self.branching.setToolTip(
            tr("Go on from the frame at the cursor with other noise; many from one particle where one is chosen")
        )
        self.export.setToolTip(tr("Write pictures, a film, arrays or curves of these particles"))
        head, beside, inner = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self._settings)
        head.setSpacing(6)
        head.addWidget(controls.label(tr("Data"), "quiet"))
        head.addWidget(self.data, 1)
        self.raw.setCheckable(True)
        self.raw.setAccessibleName(tr("xₜ as it is"))
        self.raw.setToolTip(tr("Show xₜ as it is: its variance is α² times that of x₀, and σ²"))
        for button in (self.raw, self.settings, self.again, self.branching, self.export, self.copy):
            button.setProperty("role", "compact")
            head.addWidget(button)
        for view in (self.exact, self.learnt):
            beside.addWidget(view)
        self.learnt.hide()
        inner.setContentsMargins(0, 4, 0, 4)
        inner.addWidget(run_actions.StartRow(self.draft))
        inner.addWidget(self.form)
        self._settings.hide()
        for layout in (head, beside):
            self.column.addLayout(layout)
        for widget in (self.note, self.list, self._settings):
            self.column.addWidget(widget)

    @Slot()
    def _offer(self) -> None:
        """Offer the networks there are, and data whose score alone is shown."""
        self.data.clear()
        for card in _planar(self.services.session.offered):
            self.data.addItem(card.name, card.id)
        for key, name in PLANAR_LABELS.items():
            if key != "drawn":
                self.data.addItem(tr("{name}, exact score alone").format(name=tr(name)), key)
        self.data.set_data(self.request().model or settings.variant_key(PLANAR_DATA, self.request().data))

    def _connect(self) -> None:
        self.services.session.runs_changed.connect(self._on_runs_changed)
        self.services.session.cards_changed.connect(self._offer)
        self.data.picked.connect(self._on_picked)
        self.again.clicked.connect(self.compute)
        self.settings.toggled.connect(self._settings.setVisible)
        self.branching.clicked.connect(self._on_branch)
        self.export.clicked.connect(self._on_export)
        self.raw.toggled.connect(lambda _raw: self.services.soon())
        self.draft.changed.connect(self._on_draft_changed)
        self.runs.changed.connect(self._on_shown)
        for view in (self.exact, self.learnt):
            view.chosen.connect(self._on_chosen)
            view.group_chosen.connect(self._on_group_chosen)

    @Slot()
    def _on_shown(self) -> None:
        """Another run is in the panel: its settings are in the form."""
        if self.run is not None:
            self.draft.load(self.run.request)
        self._stale = True
        self._on_chosen(-1)
        self._on_group_chosen(np.empty(0, np.intp))
        self._on_draft_changed()

    @Slot()
    def _on_draft_changed(self) -> None:
        request = self.request()
        self.data.set_data(request.model or settings.variant_key(PLANAR_DATA, request.data))
        self.services.soon()

    @Slot(object)
    def _on_picked(self, key: str) -> None:
        model = key if key in self.services.session.cards else ""
        data = self.request().data if model else PLANAR_DATA[key]()
        changed = dataclasses.replace(self.request(), model=model, data=data, start=Noise())
        self.draft.replace(changed, tr("Data"))
        self._begin()

    @Slot()
    def _on_branch(self) -> None:
        owner = self.runs.owner(self._t)
        if owner is not None:
            one = self.exact.focus if self.exact.focus >= 0 else None
            request: Any = owner.request
            self.draft.replace(diffusion.branch(request, owner.plan.nearest(self._t), one), tr("Branch here"))
            self._begin()

    @Slot()
    def _on_export(self) -> None:
        if self.run is not None:
            self.services.export(self.run, self._t)

    @Slot()
    def _on_runs_changed(self) -> None:
        self._stale = True
        self.services.soon()

    @Slot(int)
    def _on_chosen(self, number: int) -> None:
        for view in (self.exact, self.learnt):
            view.set_focus(number)
        self.services.soon()

    @Slot(object)
    def _on_group_chosen(self, numbers: NDArray[np.intp]) -> None:
        for view in (self.exact, self.learnt):
            view.set_group(numbers)
        self._drawn = ()
        self.services.soon()


def _grouped(frame: PlanarFrame, group: NDArray[np.intp]) -> str:
    """How many particles are chosen, and how far the network's are from the exact ones."""
    if not len(group):
        return ""
    said = tr("{n} of {all} particles chosen").format(n=len(group), all=len(frame.x))
    if frame.learnt_x is None or not np.isfinite(frame.learnt_x[group]).all():
        return f"{said}."
    apart = float(np.linalg.norm(frame.x[group] - frame.learnt_x[group], axis=1).mean())
    return f"{said}, " + tr("on average {d} from those of the network.").format(d=figure(apart))


def _first(cards: Mapping[str, Card]) -> PlanarRequest:
    """What is computed at first: a network beside the exact score, where there is one."""
    known = _planar(cards)
    return PlanarRequest(model=known[0].id if known else "")


def _fitting(cards: Mapping[str, Card]) -> Callable[[Request], Request]:
    """Brings a request within the timesteps that there are."""

    def fit(request: Any) -> Any:
        try:
            process = processes.process_of(planar.schedule_of(request, cards))
        except errors.DiffvizError:
            return request
        return dataclasses.replace(request, steps=min(request.steps, int(process.T))) if process.whole else request

    return fit


def _planar(cards: Mapping[str, Card]) -> list[Card]:
    return sorted((card for card in cards.values() if card.family == FAMILY), key=lambda card: card.id)


def _share(shown: Shown) -> float:
    """How far along its axis the cursor stands, 0 at x_0."""
    if shown.a is None:
        return 1.0
    low, high = shown.a.plan.low, shown.a.plan.high
    return min(max((shown.cursor - low) / (high - low or 1.0), 0.0), 1.0)


def _said(frame: PlanarFrame, *, branched: bool, raw: bool) -> Iterator[str]:
    text = tr("t = {t}: arrows are ∇ log q_t(x), points are particles on their way to x_0.")
    yield text.format(t=timestep(frame.position))
    if frame.scale != 1.0 and not raw:
        yield tr("Drawn at x / √(α² + σ²), α = {alpha}, σ = {sigma}.").format(
            alpha=figure(frame.alpha), sigma=figure(frame.sigma)
        )
    if frame.learnt_x is not None and not math.isnan(frame.error):
        text = tr("Left the exact score, right the network's: root mean square difference {d}.")
        yield text.format(d=figure(frame.error))
    if branched:
        yield tr("Pale: the run that this one branches from.")


def _why(error: Exception) -> str:
    return sentence(error) if isinstance(error, errors.DiffvizError) else str(error)
