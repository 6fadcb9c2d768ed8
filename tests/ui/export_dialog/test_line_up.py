"""The runs that stand beside the exported one: chosen, ordered and named by mouse and keyboard, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.provenance import Record
from diffviz.domain.requests import Plan, ReverseRequest
from diffviz.domain.store import FrameStore
from diffviz.export.comparison import titles_of
from diffviz.export.reading import read_record
from diffviz.export.run_info import RunInfo
from diffviz.session.run import Run, Status
from diffviz.ui.export_dialog.dialog import ExportDialog
from diffviz.ui.export_dialog.line_up import Candidate, ExportCompany, LineUp, unfit
from diffviz.ui.widgets.controls import Combo
from tests.export.runs import about_run, reverse_run
from tests.ui.export_dialog.test_dialog import KEPT, choose_format, settled

NAMES = ("DDPM · 50 steps", "DDIM · 50 steps", "DDIM · 9 steps", "Heun · 9 steps", "Euler · 9 steps")


def run_of(number: int, frames: Sequence[Frame], status: Status = Status.FINISHED) -> Run:
    store = FrameStore()
    for frame in frames:
        store.append(frame)
    request = ReverseRequest(model="toy", seed=number)
    return Run(number, "diffusion/run", request, Plan(0.0, 40.0, (40.0, 20.0, 0.0), 4, 8), store, status=status)


def runs(*more: Run) -> list[Run]:
    """Five runs that can stand beside each other, and `more`."""
    return [*(run_of(number, reverse_run()) for number in range(len(NAMES))), *more]


def company_of(listed: Sequence[Run]) -> ExportCompany:
    """All but the first of `listed`."""
    names = dict(zip(listed, (*NAMES, *(f"other {n}" for n in range(len(listed)))), strict=False))
    candidates = (
        Candidate(run, names[run], lambda run=run: RunInfo(record=Record(run.request)))  # type: ignore[misc]
        for run in listed[1:]
    )
    return ExportCompany(tuple(candidates), lambda some: titles_of([names[run] for run in some]))


def line_up(qtbot: QtBot, listed: Sequence[Run]) -> LineUp:
    made = LineUp(listed[0], company_of(listed))
    qtbot.addWidget(made)
    made.set_format("gif")
    made.show()
    return made


def items(combo: Combo) -> list[str]:
    return [combo.itemText(i) for i in range(combo.count())]


def pick(combo: Combo, words: str) -> None:
    """Take the first item of `combo` with `words` in it, as a click in its list does."""
    index = next(i for i, text in enumerate(items(combo)) if words in text)
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def titles(lines: LineUp) -> list[str]:
    return [row.title.text() for row in lines.rows if row.isVisible()]


def test_up_to_four_runs_are_chosen_ordered_and_taken_out(qtbot: QtBot) -> None:
    listed = runs()
    lines = line_up(qtbot, listed)
    assert titles(lines) == []
    assert lines.lineup == ()
    assert lines.offer.shown_text() == "Add a run…"
    for words in ("DDIM · 9", "DDIM · 50", "Heun"):
        pick(lines.offer, words)
    assert titles(lines) == [NAMES[0], NAMES[2], NAMES[1], NAMES[3]]
    assert not lines.offer.isEnabled()
    assert "4" in lines.offer.toolTip()
    QTest.mouseClick(lines.rows[2].earlier, Qt.MouseButton.LeftButton)
    assert [each.run for each in lines.chosen] == [listed[1], listed[2], listed[3]]
    assert not lines.rows[1].earlier.isEnabled(), "the exported run stays the first"
    assert not lines.rows[3].later.isEnabled()
    QTest.mouseClick(lines.rows[1].later, Qt.MouseButton.LeftButton)
    QTest.mouseClick(lines.rows[3].out, Qt.MouseButton.LeftButton)
    assert [each.run for each in lines.chosen] == [listed[2], listed[1]]
    assert NAMES[3] in items(lines.offer)
    assert lines.offer.isEnabled()


def test_titles_are_the_differences_until_a_person_writes_another_one(qtbot: QtBot) -> None:
    listed = runs()
    lines = line_up(qtbot, listed)
    pick(lines.offer, "DDIM · 50")
    assert titles(lines) == ["DDPM", "DDIM"]
    field = lines.rows[1].title
    field.selectAll()
    QTest.keyClicks(field, "without noise")
    pick(lines.offer, "DDIM · 9")
    assert titles(lines) == ["DDPM · 50 steps", "without noise", "DDIM · 9 steps"]
    assert lines.lineup == ((listed[0], ""), (listed[1], "without noise"), (listed[2], ""))
    QTest.mouseClick(lines.rows[1].later, Qt.MouseButton.LeftButton)
    assert titles(lines)[2] == "without noise", "a title goes with its run"
    field = lines.rows[2].title
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert titles(lines)[2] == "DDIM · 50 steps"


def test_what_cannot_stand_beside_it_is_listed_with_the_reason_and_not_chosen(qtbot: QtBot) -> None:
    n = np.ones(2, np.float32)
    objective: list[Frame] = [ObjectiveFrame(float(t), 1.0, 0.1, 0.1, 1.0, 0.0, 4.0, *[n] * 7) for t in (1, 2)]
    image, z = np.zeros((1, 1, 4, 4), np.float32), np.zeros((1, 2), np.float32)
    walk: list[Frame] = [PathFrame(s, image, z, n, n, n) for s in (0.0, 1.0)]
    unlike = run_of(9, walk), run_of(10, objective), run_of(11, (), Status.RUNNING), run_of(12, (), Status.FAILED)
    first = run_of(0, reverse_run())
    reasons = [unfit(first, other, "gif") for other in unlike]
    assert reasons == [
        "it goes along s, not t",
        "it has no pictures",
        "it has no frames yet",
        "it has no frames, or was removed",
    ]
    assert unfit(first, unlike[1], "svg") == "", "its curves can stand there"
    lines = line_up(qtbot, runs(*unlike))
    offered = items(lines.offer)
    assert all(any(text.endswith(f" · {reason}") for text in offered[4:]) for reason in reasons)
    model = lines.offer.model()
    flags = [bool(model.flags(model.index(i, 0)) & Qt.ItemFlag.ItemIsEnabled) for i in range(lines.offer.count())]
    assert flags == [True] * 4 + [False] * 4


Opens = Callable[[Sequence[Run], Path, Sequence[int]], ExportDialog]


@pytest.fixture
def dialog_of(qtbot: QtBot) -> Iterator[Opens]:
    """Opens the dialog of the first of some runs, to write a file, with those of some numbers beside it."""
    made: list[ExportDialog] = []

    def opened(listed: Sequence[Run], path: Path, beside: Sequence[int]) -> ExportDialog:
        lineup = tuple((run, "") for run in (listed[0], *(listed[i] for i in beside)))
        company, about = company_of(listed), about_run()
        dialog = ExportDialog(
            listed[0], 20.0, {}, dict(KEPT), None, lambda *_: path, about, company=company, lineup=lineup
        )
        qtbot.addWidget(dialog)
        made.append(dialog)
        dialog.show()
        return settled(dialog)

    yield opened
    for dialog in made:
        dialog.done(0)


def test_four_runs_are_written_and_the_next_export_begins_with_them(
    qtbot: QtBot, dialog_of: Opens, tmp_path: Path
) -> None:
    listed, path = runs(), tmp_path / "four.png"
    dialog = dialog_of(listed, path, (2,))
    choose_format(dialog, "png")
    for words in ("DDIM · 50", "Heun"):
        pick(dialog.line_up.offer, words)
    field = dialog.line_up.rows[2].title
    field.selectAll()
    QTest.keyClicks(field, "C of mine")
    settled(dialog)
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.written == path)
    record = read_record(path)
    assert [each.request.seed for each in record.beside] == [2, 1, 3]
    assert (record.title, *(each.title for each in record.beside)) == ("", "", "C of mine", "")
    assert listed[0].lineup == ((listed[0], ""), (listed[2], ""), (listed[1], "C of mine"), (listed[3], ""))
    choose_format(dialog, "npz")
    assert not dialog.line_up.isVisible(), "arrays are those of one run"
    assert settled(dialog).export_button.isEnabled()


@pytest.mark.parametrize("words", ["removed", "pictures"])
def test_a_run_beside_that_can_no_longer_be_shown_is_named_and_none_is_left_out_unsaid(
    qtbot: QtBot, dialog_of: Opens, tmp_path: Path, words: str
) -> None:
    n = np.ones(2, np.float32)
    objective: list[Frame] = [ObjectiveFrame(float(t), 1.0, 0.1, 0.1, 1.0, 0.0, 4.0, *[n] * 7) for t in (1, 2)]
    listed, path = runs(run_of(9, objective)), tmp_path / "two.svg"
    dialog = dialog_of(listed, path, (1,))
    if words == "removed":
        listed[1].clear()
        qtbot.waitUntil(lambda: not dialog.export_button.isEnabled())
    else:
        QTest.mouseClick(dialog.line_up.rows[1].out, Qt.MouseButton.LeftButton)
        choose_format(dialog, "svg")
        pick(dialog.line_up.offer, "other 0")
        settled(dialog)
        choose_format(dialog, "gif")
        assert not dialog.export_button.isEnabled()
    said = dialog.preview.summary.text()
    assert words in said
    assert "B (" in said
    dialog.export()
    assert dialog.job is None
    assert not path.exists()
    QTest.mouseClick(dialog.line_up.rows[1].out, Qt.MouseButton.LeftButton)
    assert settled(dialog).export_button.isEnabled()
    assert not any(words in label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def test_a_run_alone_offers_nobody(dialog_of: Opens, tmp_path: Path) -> None:
    dialog = dialog_of(runs()[:1], tmp_path / "o.gif", ())
    assert not dialog.line_up.isVisible()
    assert dialog.form.settings == ExportSettings(at=20.0, high=40.0)
