"""A button that copies an instrument's run as a command or as Python."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.ui.instruments.instrument import COMMAND, PYTHON, Services
from diffviz.ui.widgets import theme


class CopyButton(QPushButton):
    """Offers to copy `run`, where there is one. `offers` is the menu of it."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(theme.icon("copy"), "", parent)
        self._services = services
        self._run: Run | None = None
        self.setToolTip(tr("Copy this run as a command or as Python"))
        self.setAccessibleName(tr("Copy the run"))
        self.offers = QMenu(self)
        for how, text in ((COMMAND, tr("Copy as command")), (PYTHON, tr("Copy as Python"))):
            self.offers.addAction(text).setData(how)
        self.offers.triggered.connect(self._on_triggered)
        self.clicked.connect(self._on_clicked)

    def set_run(self, run: Run | None) -> None:
        """Be about `run`."""
        self._run = run
        self.setEnabled(run is not None)

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        if self._run is not None:
            self._services.copy(self._run, action.data())

    @Slot()
    def _on_clicked(self) -> None:
        self.offers.popup(self.mapToGlobal(self.rect().bottomLeft()))
