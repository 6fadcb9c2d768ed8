"""What can be done with the shown run: branch from it, pin it, compare two.

What stands beside a diffusion run: the pinned run, and pairs of requests that differ in one thing.

Where a reverse run starts: pure noise, or a step of another run, with the way back.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import assert_never

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.provenance import models_of
from diffviz.domain.requests import EACH, NO_CLASS, Image, Noise, Request, ReverseRequest, Start, Step
from diffviz.domain.sampling import Ddim, Ddpm, VarianceExploding
from diffviz.domain.text import tr, trn
from diffviz.families import family_of
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.draft import Draft
from diffviz.ui.widgets import math_label, theme
from diffviz.ui.widgets.controls import Combo, heading, label


def describe_start(start: Start) -> str:
    """Where a run starts, in a few words."""
    match start:
        case Noise():
            return tr("pure noise")
        case Image():
            return trn("{n} picture", "{n} pictures", len(start.sha256)).format(n=len(start.sha256))
        case Step():
            return family_of(start.of).moment(start.at)
        case _:
            assert_never(start)


SAMPLERS, GUIDANCE, STEPS = "samplers", "guidance", "steps"
FEW, MANY = 50, 1000
HEIGHT = 24


def steps_of(timesteps: int) -> tuple[int, int]:
    """Few and many steps, as far as a model with T = `timesteps` can take them, any where that is 0: without a grid."""
    most = timesteps or MANY
    return min(FEW, most), min(MANY, most)


def _samplers_compared(*, without_beta: bool) -> str:
    if without_beta:
        return tr("Ancestral sampling against DDIM, from the same noise")
    return tr("DDPM against DDIM, from the same noise")


class RunActions(QWidget):
    """The heading of the list of runs with two buttons, and their shortcuts.

    Signals: `branch_asked`; `compare_asked(key)`, one of `SAMPLERS`, `GUIDANCE` and `STEPS`.
    """

    branch_asked = Signal()
    compare_asked = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._conditional = session, False
        self.branch = QPushButton(theme.icon("git-branch"), tr("Branch here"))
        self.compare = QPushButton(tr("Compare"))
        self._make_actions()
        self._arrange()
        self.branch.clicked.connect(self.branch_asked)
        session.cursor_changed.connect(self._show_branching)
        session.cards_changed.connect(self._show_missing)

    def add_tool(self, button: QWidget) -> None:
        """Put `button` beside the heading."""
        self._row.insertWidget(1, button)

    def actions_of(self) -> list[QAction]:
        """Actions with shortcuts."""
        return [self.branching, self.pin, self.swap, *self.presets.values()]

    def refresh(self, *, conditional: bool, steps: tuple[int, int], without_beta: bool = False) -> None:
        """Read the session; guidance is compared for a `conditional` model, `steps` are those of that comparison.

        On a process `without_beta` DDPM is called what it is there: ancestral sampling.
        """
        a, b = self._session.a, self._session.b
        self._show_branching()
        self.branch.setVisible(a is not None and family_of(a.request).sampled)
        self.pin.setEnabled(a is not None)
        self.pin.setText(tr("Unpin B") if b is not None and a is b else tr("Pin the shown run as B"))
        self.swap.setEnabled(b is not None and b is not a)
        self.unpin.setEnabled(b is not None)
        self._conditional = conditional
        self._show_missing()
        self.presets[SAMPLERS].setText(_samplers_compared(without_beta=without_beta))
        self.presets[STEPS].setText(tr("{a} against {b} steps").format(a=f"{steps[0]:,}", b=f"{steps[1]:,}"))

    @Slot()
    def _show_branching(self) -> None:
        """There is something to go on from wherever the cursor is on a frame with noise left in it."""
        a = self._session.a
        usable = a is not None and len(a.store) > 0 and self._session.cursor > 0 and not self._missing()
        self.branching.setEnabled(usable and a is not None and family_of(a.request).denoisable)
        self.branch.setEnabled(self.branching.isEnabled())

    def _missing(self) -> str:
        """The model of the shown run where that is gone; empty where there is nothing to miss."""
        models = models_of(self._session.a.request) if self._session.a is not None else ()
        return next((model for model in models if model not in self._session.offered), "")

    @Slot()
    def _show_missing(self) -> None:
        """Nothing goes on from a run, or is compared with it, whose model is gone: another one would be another run."""
        missing = self._missing()
        gone = tr("The model {name} of this run is gone: its folder was moved or deleted.").format(name=missing)
        for key, action in self.presets.items():
            action.setEnabled(not missing and (key != GUIDANCE or self._conditional))
        for button, tip in zip((self.branch, self.compare), self._tips(), strict=True):
            button.setToolTip(gone if missing else tip)
        self._show_branching()

    def _tips(self) -> tuple[str, str]:
        return (
            tr("Go on from the frame at the cursor with other noise, η, sampler, class or guidance (B)"),
            tr("Compute two runs that differ in one thing, and show both under one cursor (Alt+1, 2, 3)"),
        )

    def _make_actions(self) -> None:
        self.branching = self._action(tr("Branch here"), "B", self.branch_asked.emit)
        self.pin = self._action(tr("Pin the shown run as B"), "P", self._on_pin, "pin")
        self.swap = self._action(tr("Swap A and B"), "X", self._session.swap, "arrow-left-right")
        self.unpin = QAction(theme.icon("pin-off"), tr("Show A alone"), self)
        self.unpin.triggered.connect(lambda: self._session.pin(None))
        texts = {
            SAMPLERS: _samplers_compared(without_beta=False),
            GUIDANCE: tr("Guidance 1 against 3"),
            STEPS: tr("{a} against {b} steps").format(a=50, b="1,000"),
        }
        self.presets = {
            key: self._action(text, f"Alt+{number}", partial(self.compare_asked.emit, key))
            for number, (key, text) in enumerate(texts.items(), 1)
        }
        for button, tip in zip((self.branch, self.compare), self._tips(), strict=True):
            button.setToolTip(tip)

    def _action(self, text: str, keys: str, slot: Callable[[], object], icon: str = "") -> QAction:
        action = QAction(theme.icon(icon) if icon else theme.icon("layers"), text, self)
        action.setShortcut(QKeySequence(keys))
        action.setWhatsThis(text)

        def act() -> None:
            slot()

        action.triggered.connect(act)
        return action

    def _arrange(self) -> None:
        menu = QMenu(self.compare)
        for action in self.presets.values():
            menu.addAction(action)
        menu.addSeparator()
        for action in (self.pin, self.swap, self.unpin):
            menu.addAction(action)
        self.compare.setMenu(menu)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(heading(tr("Runs")), 1)
        for button in (self.branch, self.compare):
            button.setProperty("role", "compact")
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        self.setFixedHeight(HEIGHT)

    @Slot()
    def _on_pin(self) -> None:
        """Pin the shown run, or take it back from its place."""
        session = self._session
        session.pin(None if session.b is session.a else session.a)


WEAK, STRONG = 1.0, 3.0


def beside(session: Session) -> Run | None:
    """The pinned run, where it is another one than the one shown, and one of diffusion."""
    b = session.b
    if b is None or b is session.a or not family_of(b.request).denoisable:
        return None
    return b


def compared(session: Session) -> dict[str, Run]:
    """The runs on the screen that have frames, by their letters: A, and B where it is beside it."""
    b = beside(session) if session.a is not None and family_of(session.a.request).denoisable else None
    return {letter: run for letter, run in (("A", session.a), ("B", b)) if run is not None and len(run.store)}


def pair(key: str, request: ReverseRequest, timesteps: int) -> tuple[ReverseRequest, ReverseRequest]:
    """A and B for comparison `key`, from the same x_T; the rest as in `request`, whose model has T = `timesteps`."""
    request = request if isinstance(request.start, Noise) else dataclasses.replace(request, start=Noise())
    match key:
        case "samplers":
            return (
                dataclasses.replace(request, sampler=Ddpm()),
                dataclasses.replace(request, sampler=Ddim(eta=0.0)),
            )
        case "guidance":
            told = dataclasses.replace(request, label=EACH if request.label == NO_CLASS else request.label)
            return dataclasses.replace(told, guidance=WEAK), dataclasses.replace(told, guidance=STRONG)
        case "steps":
            few, many = steps_of(timesteps)
            return dataclasses.replace(request, steps=few), dataclasses.replace(request, steps=many)
        case _:
            raise ValueError(f"unknown comparison {key!r}; one of {SAMPLERS}, {GUIDANCE}, {STEPS}")


class StartRow(QWidget):
    """Shows the start of a draft. Once the draft has started at a step, that step and noise stay on offer."""

    def __init__(self, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._starts: list[Start] = [Noise()]
        self.combo = Combo()
        self.combo.setAccessibleName(tr("Starts from"))
        self.combo.setToolTip(math_label.rich(tr("What the first x_t of the run is")))
        self.only = label("", "quiet")
        self.only.setTextFormat(Qt.TextFormat.RichText)
        self.only.setToolTip(math_label.rich(tr("What the first x_t of the run is")))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (heading(tr("Starts from")), self.combo, self.only):
            column.addWidget(widget)
        self.combo.picked.connect(self._on_picked)
        draft.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the draft."""
        start = self._draft.request.start
        if isinstance(start, Step) and start not in self._starts:
            self._starts[1:] = [start]
        self.combo.clear()
        for number, other in enumerate(self._starts):
            self.combo.addItem(describe_start(other), number)
        self.combo.set_data(self._starts.index(start) if start in self._starts else 0)
        self.only.setText(math_label.rich(_noise(self._draft.request)))
        several = len(self._starts) > 1
        self.combo.setVisible(several)
        self.only.setVisible(not several)

    @Slot(object)
    def _on_picked(self, number: int) -> None:
        request = dataclasses.replace(self._draft.request, start=self._starts[number])
        self._draft.replace(request, tr("Starts from"))


def _noise(request: Request) -> str:
    """What pure noise is at the end of the process of `request`."""
    chosen = [getattr(request, name, None) for name in ("process", "schedule")]
    if any(isinstance(settings, VarianceExploding) for settings in chosen):
        return tr("pure noise x_T ~ N(0, σ_{max}² I)")
    return tr("pure noise x_T ~ N(0, I)")
