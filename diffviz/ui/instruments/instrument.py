"""What every instrument is: a view with a title, that costs nothing while nobody looks at it.

Controls of instruments: a slider with its name and value, and a button that copies a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSlider, QVBoxLayout, QWidget

from diffviz.domain.cards import Card
from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.session.looks import Look, Looking, look_of, number, show_look
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.draft import Drafts
from diffviz.ui.widgets import math_label, qss, theme
from diffviz.ui.widgets.controls import Note, Segments, label
from diffviz.ui.widgets.view import Highlight, View

SPACING = 6
COMMAND, PYTHON = "command", "python"
"""What a run can be copied as."""


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """What an instrument may use beside what it is handed to draw.

    `session` answers queries and computes runs; `highlight` is shared by all views of the lab; `card()` is the chosen
    model; `sample()` is the sample in focus; `soon()` asks for a draw in the next display frame. `drafts` keeps what
    instruments put together; `seconds(request)` is how long one will take, None where that is not known;
    `export(run, position)` asks what of a run is to be written, the frame at `position` first; `copy(run, how)` puts
    it into the clipboard as `COMMAND` or `PYTHON`.
    """

    session: Session
    highlight: Highlight
    card: Callable[[], Card | None]
    sample: Callable[[], int]
    soon: Callable[[], None]
    drafts: Drafts
    seconds: Callable[[Request], float | None]
    export: Callable[[Run, float], None]
    copy: Callable[[Run, str], None]


class Instrument(View):
    """A view that is made when it is first shown, and drawn only while it is in sight.

    With `needs_beta` it stands back where the process on the screen has no β: it is about β, or, without `about_beta`,
    is not made for others yet.

    It is a column: `column` takes its widgets. `ask` gives its queries a name of its own; the page hands the answers to
    `take`.
    """

    needs_beta = False
    about_beta = True

    def __init__(self, key: str, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key, self.services = key, services
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACING)

    def parts(self) -> Mapping[str, Looking]:
        """What people leave in a state of its own in it, by the names that sessions have for it."""
        return {}

    def look(self) -> Look:
        """The state that people left it in; see `take_look`."""
        return look_of(self.parts())

    def take_look(self, look: Look) -> None:
        """Be in that state again."""
        show_look(self.parts(), look)

    def compute_request(self, request: Request) -> None:
        """Compute `request`, which an exported file holds, for those that are about such requests."""
        raise TypeError(f"{type(request).__name__} is not computed here")

    def take(self, what: str, answer: object) -> None:
        """Take in the answer to the query that was asked as `what`."""

    def forget(self) -> None:
        """Another run may have the place: nothing that was asked before counts any more."""

    def close_instrument(self) -> None:
        """Stop what it has begun: its window goes, and another one may take its place."""

    def put_away(self) -> None:
        """A person wants it no more: end also what would go on in another window."""
        self.close_instrument()

    def view_name(self, what: str = "") -> str:
        """The name that a query `what` of this instrument is asked under."""
        return f"instrument/{self.key}/{what}"


def note(text: str = "") -> Note:
    """A quiet line under a plot that may take several."""
    return Note(text)


def dropped(session: Session, run: Run | None) -> None:
    """Forget `run` where the session still has it."""
    if run is not None and run in session.runs:
        session.remove(run)


def say(line: Note, text: str) -> None:
    """Write `text`, with true subscripts, where it is another one."""
    line.say(text)


def small(segments: Segments) -> Segments:
    """`segments`, as low as instruments need them."""
    segments.setStyleSheet(f"QPushButton {{ {qss.SMALL} }}")
    return segments


VALUE_WIDTH = 64
STEPPING = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class OwnKeysSlider(QSlider):
    """Keeps arrow keys, Home and End from the timeline while it has the keyboard, and leaves the wheel to the page."""

    def event(self, event: QEvent) -> bool:
        """Claim its keys before shortcuts do."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in STEPPING:
            event.accept()
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The page scrolls."""
        event.ignore()


class SliderRow(QWidget):
    """`name` (a symbol), a slider over whole numbers, and `form(value)`. Signals: `moved(value)`."""

    moved = Signal(int)

    def __init__(
        self,
        name: str,
        low: int,
        high: int,
        value: int,
        form: Callable[[int], str] = str,
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._form = form
        self.slider = OwnKeysSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(low, high)
        self.slider.setValue(value)
        self.slider.setAccessibleName(tip or name)
        self.setToolTip(tip)
        self._value = label(form(value), "small")
        self._value.setFixedWidth(VALUE_WIDTH)
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(math_label.SymbolLabel(name, theme.font(12), theme.color("quiet")))
        row.addWidget(self.slider, 1)
        row.addWidget(self._value)
        self.slider.valueChanged.connect(self._on_changed)

    @property
    def value(self) -> int:
        """Where it stands."""
        return self.slider.value()

    def look(self) -> Look:
        """Where it stands."""
        return {"value": self.value}

    def take_look(self, look: Look) -> None:
        """Stand there, as a person would move it."""
        value = number(look, "value", self.slider.minimum(), self.slider.maximum())
        self.slider.setValue(self.value if value is None else round(value))

    def set_range(self, low: int, high: int) -> None:
        """Offer other numbers; the value is held within them."""
        if (self.slider.minimum(), self.slider.maximum()) != (low, high):
            self.slider.setRange(low, high)

    def set_form(self, form: Callable[[int], str]) -> None:
        """From now on write values as `form` does."""
        self._form = form
        self._value.setText(self._form(self.value))

    @Slot(int)
    def _on_changed(self, value: int) -> None:
        self._value.setText(self._form(value))
        self.moved.emit(value)


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
