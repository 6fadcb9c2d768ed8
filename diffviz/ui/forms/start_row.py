"""Where a reverse run starts: pure noise, or a step of another run, with the way back."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from diffviz.domain.requests import Noise, Request, Start, Step
from diffviz.domain.schedules import VarianceExploding
from diffviz.domain.text import tr
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.run_names import describe_start
from diffviz.ui.widgets.controls import Combo, heading, label
from diffviz.ui.widgets.math_label import rich


class StartRow(QWidget):
    """Shows the start of a draft. Once the draft has started at a step, that step and noise stay on offer."""

    def __init__(self, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._starts: list[Start] = [Noise()]
        self.combo = Combo()
        self.combo.setAccessibleName(tr("Starts from"))
        self.combo.setToolTip(rich(tr("What the first x_t of the run is")))
        self.only = label("", "quiet")
        self.only.setTextFormat(Qt.TextFormat.RichText)
        self.only.setToolTip(rich(tr("What the first x_t of the run is")))
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
        self.only.setText(rich(_noise(self._draft.request)))
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
        return tr("pure noise x_T ~ N(0, σ_max² I)")
    return tr("pure noise x_T ~ N(0, I)")
