"""The runs that stand beside the exported one in a file: which, in what order, and under which titles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from diffviz.domain.export_settings import JOINED, PICTURED
from diffviz.domain.panes import axis_name
from diffviz.domain.provenance import LETTERS, MOST_BESIDE
from diffviz.domain.text import tr
from diffviz.export import run_info
from diffviz.export.comparison import lettered
from diffviz.families import export_panes_of
from diffviz.session.file_task import snapshot
from diffviz.session.run import Lineup, Run
from diffviz.theory.shared_time import SharedTime
from diffviz.ui.widgets import controls, qss

LONGEST = 120
"""Letters of a title."""
SIDE, GLYPH = 28, 14
POPUP_MARGIN = 32


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A run that may be shown beside the exported one, and may still be growing; `tie` leads to its axis.

    `name` is what it is called in its list; `known()` is what is known of it, found out where it is needed.
    """

    run: Run
    name: str
    known: Callable[[], run_info.RunInfo]
    tie: SharedTime | None = None


def _untitled(runs: Sequence[Run]) -> Sequence[str]:
    return [""] * len(runs)


@dataclass(frozen=True, slots=True, eq=False)
class ExportCompany:
    """All runs that could be asked for, and `titles` of some of them by what tells these apart."""

    candidates: tuple[Candidate, ...] = ()
    titles: Callable[[Sequence[Run]], Sequence[str]] = _untitled


ALONE = ExportCompany()


def unfit(run: Run, other: Run, format_: str) -> str:
    """Why `other` cannot stand beside `run`, which has frames, in a file of `format_`; empty where it can."""
    if not len(other.store):
        return tr("it has no frames, or was removed") if other.status.final else tr("it has no frames yet")
    mine, theirs = run.store[0], other.store[0]
    if mine.axis != theirs.axis:
        return tr("it goes along {theirs}, not {ours}").format(theirs=axis_name(theirs), ours=axis_name(mine))
    if format_ in PICTURED and export_panes_of((mine,)) and not export_panes_of((theirs,)):
        return tr("it has no pictures")
    return ""


class LineUpRow(QWidget):
    """The title of the run that has `letter`, and its place among the others.

    Signals: `titled(text)` by a person, `moved(by)`, `removed`.
    """

    titled = Signal(str)
    moved = Signal(int)
    removed = Signal()

    def __init__(self, letter: str) -> None:
        super().__init__()
        self.letter = controls.label(letter, "")
        self.letter.setFixedWidth(GLYPH)
        self.title = QLineEdit()
        self.title.setMaxLength(LONGEST)
        self.title.setAccessibleName(tr("Title of {letter}").format(letter=letter))
        buttons = {
            "chevron-up": tr("Move {letter} to the left"),
            "chevron-down": tr("Move {letter} to the right"),
            "x": tr("Show {letter} no longer"),
        }
        made = (controls.IconButton(icon, text.format(letter=letter), SIDE, GLYPH) for icon, text in buttons.items())
        self.earlier, self.later, self.out = made
        self.tools = (self.earlier, self.later, self.out)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.letter, self.title, *self.tools):
            row.addWidget(widget, int(widget is self.title))
        self.title.textEdited.connect(self.titled)
        self.earlier.clicked.connect(lambda: self.moved.emit(-1))
        self.later.clicked.connect(lambda: self.moved.emit(1))
        self.out.clicked.connect(self.removed)

    def show_run(self, title: str, name: str, wrong: str, place: int, count: int) -> None:
        """Show the run called `name`, the one at `place` of `count`, under `title`; say what is `wrong` with it."""
        if not self.title.hasFocus() and self.title.text() != title:
            self.title.setText(title)
            self.title.setCursorPosition(0)
        self.title.setToolTip("\n".join(dict.fromkeys(filter(None, (title, name, wrong)))))
        qss.set_role(self.letter, "error" if wrong else "")
        for button in self.tools:
            button.setVisible(place > 0)
        self.earlier.setEnabled(place > 1)
        self.later.setEnabled(place < count - 1)


class LineUp(QWidget):
    """Chooses which runs of `company` stand beside `run`, in what order and under which titles.

    It begins with `lineup`, whose first is `run` itself. Signals: `changed`, by a person.
    """

    changed = Signal()

    def __init__(self, run: Run, company: ExportCompany, lineup: Lineup = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run, self._company, self._format = run, company, ""
        known = {candidate.run: candidate for candidate in company.candidates}
        self._chosen = [known[each] for each, _ in lineup[1:] if each in known]
        self._own = {each: title for each, title in lineup if title}
        self._known: dict[Run, run_info.RunInfo] = {}
        self._offered: tuple[tuple[str, int, bool], ...] | None = None
        self.rows = tuple(LineUpRow(letter) for letter in LETTERS)
        self.offer = controls.Combo()
        self.offer.setAccessibleName(tr("Add a run beside it"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for place, row in enumerate(self.rows):
            column.addWidget(row)
            self._connect(row, place)
        column.addWidget(self.offer)
        self.offer.picked.connect(self._on_picked)
        self.refresh()

    @property
    def chosen(self) -> tuple[Candidate, ...]:
        """The runs beside it, from the left; none in a format that shows one run."""
        return tuple(self._chosen) if self._format in JOINED else ()

    @property
    def runs(self) -> tuple[Run, ...]:
        """Those that the file shows, from the left."""
        return (self._run, *(candidate.run for candidate in self.chosen))

    @property
    def lineup(self) -> Lineup:
        """The runs and the titles that a person has given them; none where one stands alone."""
        runs = (self._run, *(candidate.run for candidate in self._chosen)) if self._chosen else ()
        return tuple((run, self._own.get(run, "")) for run in runs)

    @property
    def titles(self) -> tuple[str, ...]:
        """What stands above the runs, without their letters."""
        usual = self._company.titles(self.runs)
        return tuple(self._own.get(run) or title for run, title in zip(self.runs, usual, strict=True))

    @property
    def wrong(self) -> str:
        """What is wrong with one of them; empty where all can stand there."""
        text = tr("{run} cannot stand beside the others: {reason}. Take it out, and they are written.")
        for letter, candidate in zip(LETTERS[1:], self.chosen if len(self._run.store) else (), strict=False):
            if reason := unfit(self._run, candidate.run, self._format):
                return text.format(run=f"{letter} ({candidate.name})", reason=reason)
        return ""

    def about(self, first: run_info.RunInfo) -> run_info.RunInfo:
        """What is known of the run, which is `first`, with those beside it as they are now."""
        if not self.chosen:
            return first
        infos = (first, *map(self._known_of, self.chosen))
        titled = [
            run_info.entitled(info, title, self._own.get(run, ""))
            for info, title, run in zip(infos, lettered(self.titles), self.runs, strict=True)
        ]
        pairs = zip(titled[1:], self.chosen, strict=True)
        there = [run_info.RunBeside(snapshot(each.run.store), info, each.tie) for info, each in pairs]
        return run_info.with_beside(titled[0], there)

    def set_format(self, format_: str) -> None:
        """From now on a file of `format_` is asked for."""
        if format_ != self._format:
            self._format = format_
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is chosen and what can be added, as the runs are now."""
        if not len(self._run.store):
            return
        runs = (self._run, *(candidate.run for candidate in self._chosen))
        usual, names = self._company.titles(runs), ("", *(candidate.name for candidate in self._chosen))
        for place, row in enumerate(self.rows):
            row.setVisible(bool(self._chosen) and place < len(runs))
            if place < len(runs):
                wrong = unfit(self._run, runs[place], self._format) if place else ""
                title = self._own.get(runs[place]) or usual[place]
                row.show_run(title, names[place], wrong, place, len(runs))
        self._offer()

    def _known_of(self, candidate: Candidate) -> run_info.RunInfo:
        if candidate.run not in self._known:
            self._known[candidate.run] = candidate.known()
        return self._known[candidate.run]

    def _offer(self) -> None:
        """List the runs that can be added, and behind them those that cannot, with the reason."""
        left = [(n, each) for n, each in enumerate(self._company.candidates) if each not in self._chosen]
        reasons = {n: unfit(self._run, each.run, self._format) for n, each in left}
        said = [(f"{each.name} · {reasons[n]}" if reasons[n] else each.name, n, not reasons[n]) for n, each in left]
        offered = tuple(sorted(said, key=lambda one: not one[2]))
        full = len(self._chosen) >= MOST_BESIDE
        self.offer.setEnabled(bool(offered) and not full)
        self.offer.setPlaceholderText(tr("Add a run…"))
        most = tr("Up to {n} runs stand beside each other").format(n=MOST_BESIDE + 1)
        self.offer.setToolTip(most if full else tr("Show another run of the list beside it"))
        if offered != self._offered and not self.offer.view().isVisible():
            self._offered = offered
            self._fill(offered)

    def _fill(self, offered: Sequence[tuple[str, int, bool]]) -> None:
        self.offer.clear()
        for text, number, possible in offered:
            self.offer.addItem(text, number)
            self.offer.allow_last(possible)
        self.offer.setCurrentIndex(-1)
        view = self.offer.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + POPUP_MARGIN)

    def _connect(self, row: LineUpRow, place: int) -> None:
        row.titled.connect(lambda text: self._entitle(place, text))
        row.title.editingFinished.connect(self.refresh)
        row.moved.connect(lambda by: self._move(place, by))
        row.removed.connect(lambda: self._remove(place))

    def _entitle(self, place: int, text: str) -> None:
        self._own[self.lineup[place][0]] = text.strip()
        self.changed.emit()

    def _move(self, place: int, by: int) -> None:
        self._chosen.insert(place - 1 + by, self._chosen.pop(place - 1))
        self._changed()
        row = self.rows[place + by]
        for button in (row.earlier, row.later) if by < 0 else (row.later, row.earlier):
            if button.isEnabled():
                button.setFocus()
                break

    def _remove(self, place: int) -> None:
        del self._chosen[place - 1]
        self._changed()
        self.offer.setFocus()

    @Slot(object)
    def _on_picked(self, number: int) -> None:
        self._chosen.append(self._company.candidates[number])
        self._changed()

    def _changed(self) -> None:
        with QSignalBlocker(self.offer):
            self.refresh()
        self.changed.emit()
