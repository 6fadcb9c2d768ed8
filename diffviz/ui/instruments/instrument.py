"""What every instrument is: a view with a title, that costs nothing while nobody looks at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout, QWidget

from diffviz.domain.cards import Card
from diffviz.domain.requests import Request
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.draft import Drafts
from diffviz.ui.widgets.controls import Segments
from diffviz.ui.widgets.highlight import Highlight
from diffviz.ui.widgets.quiet_label import Note
from diffviz.ui.widgets.view import View

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

    With `needs_beta` it is about β, and stands back where the process on the screen has none.

    It is a column: `column` takes its widgets. `ask` gives its queries a name of its own; the page hands the answers to
    `take`.
    """

    needs_beta = False

    def __init__(self, key: str, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key, self.services = key, services
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACING)

    def compute_request(self, request: Request) -> None:
        """Compute `request`, which an exported file holds, for those that are about such requests."""
        raise TypeError(f"{type(request).__name__} is not computed here")

    def take(self, what: str, answer: object) -> None:
        """Take in the answer to the query that was asked as `what`."""

    def forget(self) -> None:
        """Another run may have the place: nothing that was asked before counts any more."""

    def close_instrument(self) -> None:
        """Stop what it has begun."""

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
    segments.setStyleSheet("QPushButton { padding: 1px 6px; min-height: 20px; font-size: 12px; }")
    return segments
