"""The export dialog, driven as a person does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEventLoop, QPoint, QRect, Qt, QThread, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from diffviz import paths
from diffviz.domain.bookmarks import Span
from diffviz.domain.export_settings import FORMATS, ExportSettings
from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.gan import GanRequest, Pictures
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.panes import PALETTES
from diffviz.domain.plots import PlotData
from diffviz.domain.requests import ForwardRequest, Plan, ReverseRequest
from diffviz.domain.sampling import Cosine
from diffviz.domain.settings import settings_of
from diffviz.domain.store import FrameStore
from diffviz.domain.text import set_language, tr
from diffviz.export import films, formats, previewing
from diffviz.export.reading import has_record, read_record
from diffviz.export.run_info import NOTHING, RunInfo
from diffviz.families import FAMILIES, gan_plots
from diffviz.session.run import Run, Status
from diffviz.ui.export_dialog.dialog import ExportDialog
from diffviz.ui.export_dialog.form import AXIS_WORDS, ExportForm
from diffviz.ui.export_dialog.output import name_for, offered, wrong_name
from diffviz.ui.widgets import qss
from diffviz.ui.widgets.controls import Combo
from diffviz.ui.widgets.layout import Fitting
from tests.export.runs import about_run, forward_run, reverse_run
from tests.ui.labs.gan.toys import toy_frame

KEPT: dict[str, Any] = {"export_folder": "", "export_format": "gif", "export_metadata": True, "scale": 100}
Choose = Callable[[QWidget, Path, str], Path | None]


def run_of(frames: list[Frame], planned: int = 0, status: Status = Status.FINISHED) -> Run:
    store = FrameStore()
    for frame in frames:
        store.append(frame)
    positions = tuple(10.0 * i for i in reversed(range(planned or len(frames))))
    request = ReverseRequest(model="toy") if len(frames) != 4 else ForwardRequest()
    return Run(1, "slot", request, Plan(0.0, positions[0], positions, 4, 8), store, status=status)


def dialog_for(
    qtbot: QtBot,
    run: Run,
    choose: Choose | None = None,
    kept: dict[str, Any] | None = None,
    about: RunInfo = NOTHING,
    chosen: Span | None = None,
) -> ExportDialog:
    memory = dict(KEPT) if kept is None else kept
    dialog = ExportDialog(run, 20.0, {}, memory, choose=choose, about=about, chosen=chosen)
    qtbot.addWidget(dialog, before_close_func=lambda d: d.done(0))
    _made.append(dialog)
    return settled(dialog)


_made: list[ExportDialog] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """No dialog is left to the collector while it draws."""
    yield
    for dialog in _made:
        dialog.done(0)
    _made.clear()


def settled(dialog: ExportDialog) -> ExportDialog:
    """`dialog` once it shows what was asked for: previews are drawn on a thread of their own."""
    deadline = QDeadlineTimer(10_000)
    while not dialog.preview.settled and not deadline.hasExpired():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    assert dialog.preview.settled
    return dialog


def choose_format(dialog: ExportDialog, format_: str) -> None:
    combo = dialog.form.editors["format"]
    assert isinstance(combo, Combo)
    combo.set_data(format_)
    combo.activated.emit(combo.currentIndex())  # as a click in its list does
    settled(dialog)


def test_boxes_that_need_two_rows_keep_them_beside_a_message(qtbot: QtBot) -> None:
    plots = gan_plots.plots(PlotData())
    form = ExportForm(ExportSettings(at=0.0, high=9.0), (), (0.0, 9.0), plots, "step")
    qtbot.addWidget(form)
    form.setFixedWidth(390)
    form.show()
    bottom = max(box.geometry().bottom() for box in form.plots.values())
    holder = next(iter(form.plots.values())).parentWidget()
    assert holder is not None
    assert len({box.y() for box in form.plots.values()}) > 1
    form.resize(390, form.minimumSizeHint().height())
    assert holder.height() > bottom


def test_seconds_are_seconds_and_the_schedule_s_offset_is_none(qtbot: QtBot) -> None:
    set_language("ko")
    form = ExportForm(ExportSettings(at=0.0, high=9.0), (), (0.0, 9.0), [], "t")
    qtbot.addWidget(form)
    hold = form.editors["hold"]
    assert isinstance(hold, QDoubleSpinBox)
    assert hold.suffix() == "초"
    offset = next(s for s in settings_of(ForwardRequest(schedule=Cosine())) if s.name == "s")
    assert tr(offset.label) == "s"


def test_there_is_an_editor_for_every_setting(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()))
    form = dialog.form
    assert set(form.editors) == {s.path[-1] for s in settings_of(form.settings, every=True)}
    assert all(editor.accessibleName() and editor.toolTip() for editor in form.editors.values())


def test_only_what_applies_to_the_format_is_shown(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()))
    for format_ in (*FORMATS, "gif"):
        choose_format(dialog, format_)
        shown = {name for name, editor in dialog.form.editors.items() if not editor.isHidden()}
        assert shown == {s.path[-1] for s in settings_of(dialog.form.settings)} - {"raw"}, "x_t is as it is shown"


def test_every_format_offers_the_speeds_that_it_can_carry(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), kept={**KEPT, "export_format": "webp"})
    fps = dialog.form.editors["fps"]
    assert isinstance(fps, QDoubleSpinBox)
    fps.setValue(60)
    assert dialog.form.settings.fps == 60
    assert "2.6 s" in settled(dialog).preview.summary.text()  # 5 frames and 2.5 seconds of holds
    choose_format(dialog, "gif")
    assert (fps.maximum(), fps.value(), dialog.form.settings.fps) == (50, 50, 50)
    assert settled(dialog).export_button.isEnabled()
    assert "20 ms" in fps.toolTip()
    choose_format(dialog, "apng")
    assert (fps.maximum(), dialog.form.settings.fps) == (60, 50)


def test_panes_are_those_of_the_run(qtbot: QtBot) -> None:
    for frames, panes in ((reverse_run(), ["x", "x0", "eps"]), (forward_run(), ["original", "x", "noise"])):
        dialog = dialog_for(qtbot, run_of(frames))
        assert list(dialog.form.panes) == panes


def test_the_size_in_pixels_follows_the_scale(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run(samples=1)))
    scale = dialog.form.editors["scale"]
    assert isinstance(scale, QSpinBox)
    for n in (1, 7):
        scale.setValue(n)
        assert settled(dialog).preview.summary.text().startswith(f"{6 * n} × {6 * n} pixels · 5 frames")
    assert not settled(dialog).preview.picture.pixmap().isNull()


def test_a_gif_too_large_and_no_pane_are_said_in_place(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run(samples=1, size=1100)))
    scale = dialog.form.editors["scale"]
    assert isinstance(scale, QSpinBox)
    scale.setValue(64)
    assert "70400" in settled(dialog).preview.summary.text().replace(",", "")
    assert not settled(dialog).export_button.isEnabled()
    scale.setValue(1)
    assert settled(dialog).export_button.isEnabled()
    dialog.form.panes["x"].setChecked(False)
    assert settled(dialog).preview.summary.property("role") == "error"
    assert not settled(dialog).export_button.isEnabled()


def test_it_scrolls_neither_way_where_there_is_room_for_its_content(qtbot: QtBot) -> None:
    """On a screen of 800 × 800 its preview is narrower; every row of the longest form is in sight."""
    dialog = dialog_for(qtbot, run_of(reverse_run()), about=about_run())
    dialog.show()
    choose_format(dialog, "mp4" if not formats.FORMATS["mp4"].missing() else "gif")
    QCoreApplication.processEvents()
    area = dialog.findChild(Fitting)
    assert area is not None
    assert area.horizontalScrollBar().maximum() == 0
    assert area.verticalScrollBar().maximum() == 0
    assert dialog.preview.picture.width() <= 440
    assert dialog.width() <= dialog.screen().availableGeometry().width()


def test_an_empty_range_cannot_be_exported(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()))
    low = dialog.form.editors["low"]
    high = dialog.form.editors["high"]
    assert isinstance(low, QDoubleSpinBox)
    assert isinstance(high, QDoubleSpinBox)
    low.setValue(11)
    high.setValue(19)
    assert not settled(dialog).export_button.isEnabled()


def test_an_export_writes_remembers_the_folder_and_offers_the_result(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    kept: dict[str, Any] = {**KEPT, "export_folder": str(tmp_path)}
    asked: list[Path] = []

    def choose(_parent: QWidget, suggestion: Path, _format: str) -> Path:
        asked.append(suggestion)
        return suggestion

    dialog = dialog_for(qtbot, run_of(reverse_run()), choose, kept)
    dialog.show()
    assert dialog.bar.isHidden()
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    assert dialog.job is not None
    assert dialog.bar.isVisible()
    with qtbot.waitSignal(dialog.job.ended):
        pass
    assert asked == [tmp_path / "toy-ddim-50-seed42.gif"]
    with Image.open(asked[0]) as image:
        assert image.n_frames == 5  # type: ignore[attr-defined]
    assert kept["export_folder"] == str(tmp_path)
    QTest.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.show_button, Qt.MouseButton.LeftButton)
    assert [url.toLocalFile() for url in opened] == [str(asked[0]), str(tmp_path)]
    assert dialog.message.text().startswith("Written")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    QTest.mouseClick(dialog.show_button, Qt.MouseButton.LeftButton)
    assert dialog.message.text() == f"No program was found to open it: {tmp_path}"


def test_a_picture_is_the_frame_at_the_cursor(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda _p, suggestion, _f: tmp_path / suggestion.name)
    choose_format(dialog, "png")
    assert dialog.form.settings.at == 20.0
    dialog.export()
    assert dialog.job is not None
    with qtbot.waitSignal(dialog.job.ended):
        pass
    assert [path.name for path in tmp_path.glob("*.png")] == ["toy-ddim-50-seed42-t20.png"]


def test_a_run_still_being_computed_exports_what_is_there(qtbot: QtBot, tmp_path: Path) -> None:
    run = run_of(reverse_run(9)[:3], planned=9, status=Status.RUNNING)
    dialog = dialog_for(qtbot, run, lambda *_: tmp_path / "part.gif")
    assert "still being computed" in settled(dialog).preview.summary.text()
    dialog.form.panes["x0"].setChecked(True)
    dialog.export()
    assert dialog.job is not None
    run.store.append(reverse_run(9)[3])
    with qtbot.waitSignal(dialog.job.ended):
        pass
    with Image.open(tmp_path / "part.gif") as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]


def test_an_error_is_one_sentence_in_place(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: tmp_path / "nowhere" / "o.gif")
    dialog.show()
    dialog.export()
    assert dialog.job is not None
    with qtbot.waitSignal(dialog.job.ended):
        pass
    assert dialog.message.property("role") == "error"
    assert "does not exist" in dialog.message.text()
    assert "\n" not in dialog.message.text()
    assert dialog.form.isEnabled()
    assert dialog.export_button.isVisible()
    assert dialog.open_button.isHidden()


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports go on until they are cancelled."""

    def export(
        _frames: object, _path: Path, _set: object, progress: Callable[[int, int], None], _about: object
    ) -> None:
        while True:
            progress(0, 1)
            threading.Event().wait(0.001)

    monkeypatch.setattr(formats, "export", export)


def test_escape_cancels_first_and_closes_then(qtbot: QtBot, endless: None) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: Path("o.gif"))
    dialog.show()
    dialog.export()
    job = dialog.job
    assert job is not None
    with qtbot.waitSignal(job.ended):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.message.text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_closing_leaves_no_thread(qtbot: QtBot, endless: None) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: Path("o.gif"))
    dialog.export()
    job = dialog.job
    assert job is not None
    assert job.running
    dialog.done(QDialog.DialogCode.Rejected)
    assert not job.running


def test_thinking_better_of_it_changes_nothing(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: None)
    dialog.export()
    assert dialog.job is None


def test_a_name_of_another_kind_is_refused(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: tmp_path / "o.jpg")
    dialog.export()
    assert dialog.job is None
    assert ".gif" in dialog.message.text()
    assert wrong_name(Path("a.GIF"), "gif") == wrong_name(Path("folder"), "sequence") == ""


def test_a_folder_that_is_there_is_not_what_is_offered(tmp_path: Path) -> None:
    """The file dialog opens it instead; of a file it asks whether it is to be replaced."""
    folder, file = tmp_path / "run", tmp_path / "run.gif"
    assert offered(folder) == folder
    folder.mkdir()
    file.write_text("")
    assert offered(folder) == tmp_path / "run-2"
    (tmp_path / "run-2").mkdir()
    assert offered(folder) == tmp_path / "run-3"
    assert offered(file) == file


def test_names_say_which_run_it_is() -> None:
    assert name_for(ReverseRequest(model="m", steps=7, seed=3), None) == "m-ddim-7-seed3"
    assert name_for(ForwardRequest(seed=3), None) == "forward-cosine-seed3"


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_shows_what_will_be_written(qtbot: QtBot, format_: str) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), about=about_run())
    choose_format(dialog, format_)
    assert settled(dialog).export_button.isEnabled()
    if format_ in ("npz", "csv"):
        assert ("x0_hat" if format_ == "npz" else "alpha_bar") in settled(dialog).preview.picture.text()
    else:
        assert not settled(dialog).preview.picture.pixmap().isNull()


def test_the_choices_are_kept_for_the_next_time(qtbot: QtBot, tmp_path: Path) -> None:
    kept: dict[str, Any] = {**KEPT, "export_format": "apng"}
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: tmp_path / "o.webp", kept, about_run())
    assert dialog.form.settings.format == "apng"
    choose_format(dialog, "webp")
    inside = dialog.form.editors["metadata"]
    assert isinstance(inside, QCheckBox)
    assert inside.isChecked()
    inside.setChecked(False)
    dialog.export()
    assert dialog.job is not None
    with qtbot.waitSignal(dialog.job.ended):
        pass
    assert (kept["export_format"], kept["export_metadata"]) == ("webp", False)
    assert not has_record(tmp_path / "o.webp")


def test_the_file_carries_the_run(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: tmp_path / "o.gif", about=about_run())
    dialog.export()
    assert dialog.job is not None
    with qtbot.waitSignal(dialog.job.ended):
        pass
    assert read_record(tmp_path / "o.gif").request.seed == 9


@pytest.mark.parametrize("bundled", [True, False])
def test_without_an_ffmpeg_the_reason_the_way_to_one_and_another_film_are_offered(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundled: bool
) -> None:
    monkeypatch.setattr(films, "find_ffmpeg", lambda: "")
    monkeypatch.setattr(paths, "bundled", lambda: bundled)
    kept = {**KEPT, "export_format": "mp4"}
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: tmp_path / "o.webp", kept)
    dialog.show()
    assert dialog.form.settings.format == "gif", "what cannot be written is nothing to begin with"
    assert dialog.preview.offers.isHidden()
    choose_format(dialog, "mp4")
    said = dialog.preview.summary.text()
    assert "ffmpeg" in said
    assert ("install ffmpeg" if bundled else 'pip install "diffviz[mp4]"') in said
    assert not settled(dialog).export_button.isEnabled()
    webp, apng = dialog.preview.offers.findChildren(QPushButton)
    assert "APNG" in apng.text()
    QTest.mouseClick(webp, Qt.MouseButton.LeftButton)
    settled(dialog)
    assert dialog.form.settings.format == "webp"
    combo = dialog.form.editors["format"]
    assert isinstance(combo, Combo)
    assert combo.currentData() == "webp"
    assert dialog.preview.offers.isHidden()
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.written is not None)


def test_a_way_to_an_ffmpeg_is_known_for_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "bundled", lambda: True)
    for platform, command in (("win32", "winget"), ("darwin", "brew"), ("linux", "apt")):
        monkeypatch.setattr(sys, "platform", platform)
        assert command in films.how_to_install()


def test_the_first_figure_is_drawn_off_the_window_s_thread(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing it imports matplotlib, which takes half a second."""
    threads: set[str] = set()
    original = previewing.picture_of

    def picture_of(*args: Any) -> Any:
        threads.add(QThread.currentThread().objectName())
        return original(*args)

    monkeypatch.setattr(previewing, "picture_of", picture_of)
    dialog = dialog_for(qtbot, run_of(reverse_run()), about=about_run())
    choose_format(dialog, "plot")
    assert threads == {"diffviz-preview"}


def test_of_previews_asked_for_in_a_row_the_last_one_is_shown(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run(samples=1)))
    scale = dialog.form.editors["scale"]
    assert isinstance(scale, QSpinBox)
    for n in range(1, 9):
        scale.setValue(n)
    assert settled(dialog).preview.summary.text().startswith("48 × 48 pixels")
    scale.setValue(9)
    dialog.form.panes["x"].setChecked(False)  # wrong at once, while one is being drawn
    assert settled(dialog).preview.summary.property("role") == "error"
    assert not settled(dialog).export_button.isEnabled()


def test_a_dialog_that_closes_while_it_draws_leaves_no_thread(qtbot: QtBot) -> None:
    dialog = ExportDialog(run_of(reverse_run()), 20.0, {}, dict(KEPT), about=about_run())
    qtbot.addWidget(dialog)
    dialog.form.plots["beta"].setChecked(True)
    assert not dialog.preview.settled
    dialog.done(0)
    assert dialog.preview.settled


def test_nothing_moves_whatever_is_said(qtbot: QtBot, endless: None) -> None:
    """Buttons stay under the pointer: while it writes, after an error, and after a success."""
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: Path("nowhere" * 20) / "o.gif")
    dialog.show()
    qtbot.waitExposed(dialog)

    def places() -> list[QRect]:
        buttons = (dialog.close_button, dialog.export_button)
        return [dialog.rect(), *(QRect(b.mapTo(dialog, QPoint()), b.size()) for b in buttons)]

    before = places()
    dialog._say("It cannot be written, for a reason that takes a whole sentence and more to tell. " * 2, "error")
    QCoreApplication.processEvents()
    assert places() == before
    dialog.export()
    QCoreApplication.processEvents()
    assert dialog.bar.isVisible()
    assert places()[:2] == before[:2]
    assert dialog.close_button.text() == "Cancel"
    assert dialog.job is not None
    with qtbot.waitSignal(dialog.job.ended):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    QCoreApplication.processEvents()
    assert places() == before
    dialog.form.panes["x"].setChecked(False)
    settled(dialog)
    QCoreApplication.processEvents()
    assert places() == before


@pytest.mark.parametrize("theme_name", ["dark", "light"])
def test_a_ticked_box_looks_ticked_while_it_is_off(qtbot: QtBot, theme_name: str) -> None:
    palette = PALETTES[theme_name]
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.setStyleSheet(qss.stylesheet(palette, paths.resources() / "icons" / "controls" / theme_name))
    row = QHBoxLayout(holder)
    boxes = [QCheckBox() for _ in range(4)]
    for i, box in enumerate(boxes):
        box.setChecked(i % 2 == 1)
        box.setEnabled(i < 2)
        row.addWidget(box)
    holder.show()
    off, on, faint_off, faint_on = (pixels_of(box) for box in boxes)
    assert np.abs(faint_on - faint_off).max() > 60
    assert np.abs(faint_on - on).max() > 30, "and is told from one that can be changed"
    assert len(np.unique(faint_on.reshape(-1, 3), axis=0)) > len(np.unique(faint_off.reshape(-1, 3), axis=0))
    assert np.abs(on - off).max() > 60


def pixels_of(widget: QWidget) -> Any:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def test_plots_can_be_put_below_the_panes(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), about=about_run())
    assert list(dialog.form.plots) == ["beta", "alpha_bar", "snr"]
    before = settled(dialog).preview.picture.pixmap().toImage()
    dialog.form.plots["beta"].setChecked(True)
    assert dialog.form.settings.plots == ("beta",)
    assert settled(dialog).preview.picture.pixmap().toImage() != before


def test_a_training_offers_its_own_plots_and_the_pane_it_shows_is_checked(qtbot: QtBot) -> None:
    request = GanRequest(data=Pictures(), steps=40, every=20)
    dialog = dialog_for(qtbot, run_of([toy_frame(request, float(n)) for n in (0, 20, 40)]))
    assert list(dialog.form.plots) == ["accuracy", "losses", "shares", "gradient"]
    assert {key: box.isChecked() for key, box in dialog.form.panes.items()} == {"fake": True, "real": False}
    before = settled(dialog).preview.picture.pixmap().height() / settled(dialog).preview.picture.pixmap().width()
    dialog.form.plots["accuracy"].setChecked(True)
    assert settled(dialog).preview.picture.pixmap().height() / settled(dialog).preview.picture.pixmap().width() > before


def path_run() -> list[Frame]:
    one, z = np.zeros((1, 1, 4, 4), np.float32), np.zeros((1, 2), np.float32)
    n = np.ones(1, np.float32)
    return [PathFrame(s, one, z, n, n, n) for s in (0.0, 0.25, 0.5, 1.0)]


def training_run() -> list[Frame]:
    request = GanRequest(data=Pictures(), steps=40, every=20)
    return [toy_frame(request, float(n)) for n in (0, 20, 40)]


@pytest.mark.parametrize(
    ("frames", "at", "low", "high", "rows"),
    [
        (reverse_run, "At t", "From t", "To t", {"At t", "Range of t"}),
        (path_run, "At s", "From s", "To s", {"At s", "Range of s"}),
        (training_run, "At step", "From step", "To step", {"At step", "Range of steps"}),
    ],
)
def test_places_are_called_as_the_axis_of_the_run_is(
    qtbot: QtBot, frames: Callable[[], list[Frame]], at: str, low: str, high: str, rows: set[str]
) -> None:
    dialog = dialog_for(qtbot, run_of(frames()))
    form = dialog.form
    names = {key: form.editors[key].accessibleName() for key in ("at", "low", "high")}
    assert names == {"at": at, "low": low, "high": high}
    assert rows <= {label.text() for label in form.findChildren(QLabel)}
    others = {"t", "s", "step"} - {at.split()[1]}
    assert not any(word in others for key in names for word in form.editors[key].toolTip().rstrip(".").split())


def test_a_share_of_a_path_can_be_written_down(qtbot: QtBot, tmp_path: Path) -> None:
    run = run_of(path_run())
    run.plan = Plan(0.0, 1.0, (0.0, 0.25, 0.5, 1.0), 4, 8)
    dialog = dialog_for(qtbot, run, lambda _p, suggestion, _f: tmp_path / suggestion.name)
    choose_format(dialog, "png")
    at = dialog.form.editors["at"]
    assert isinstance(at, QDoubleSpinBox)
    at.setValue(0.25)
    assert dialog.form.settings.at == 0.25
    dialog.export()
    assert dialog.job is not None
    with qtbot.waitSignal(dialog.job.ended):
        pass
    [written] = tmp_path.glob("*.png")
    assert written.stem.endswith("-s0.25")


def test_every_axis_there_is_has_words() -> None:
    assert {family.frame.axis for family in FAMILIES.values()} <= set(AXIS_WORDS)


def test_a_run_without_pictures_begins_with_its_curves(qtbot: QtBot) -> None:
    n = np.ones(2, np.float32)
    numbers = 1.0, 0.1, 0.1, 1.0, 0.0, 4.0
    frames: list[Frame] = [ObjectiveFrame(float(t), *numbers, n, n, n, n, n, n, n) for t in (1, 2, 3)]
    dialog = dialog_for(qtbot, run_of(frames))
    assert dialog.form.settings.format == "csv"
    assert settled(dialog).export_button.isEnabled()
    assert "term" in settled(dialog).preview.picture.text()
    choose_format(dialog, "gif")
    assert not settled(dialog).export_button.isEnabled()
    assert "no pictures" in settled(dialog).preview.summary.text()


def test_a_run_that_is_removed_meanwhile_is_said_to_be_gone(qtbot: QtBot, tmp_path: Path) -> None:
    asked: list[Path] = []
    run = run_of(reverse_run())

    def choose(_parent: QWidget, path: Path, _format: str) -> Path:
        asked.append(path)
        run.clear()
        return tmp_path / "x.gif"

    dialog = dialog_for(qtbot, run, choose)
    assert settled(dialog).export_button.isEnabled()
    dialog.export()
    assert len(asked) == 1, "it goes while the file is chosen"
    assert dialog.job is None
    assert not settled(dialog).export_button.isEnabled()
    assert "was removed" in settled(dialog).preview.summary.text()
    dialog.export()
    for format_ in FORMATS:
        choose_format(dialog, format_)
    assert len(asked) == 1
    assert not settled(dialog).export_button.isEnabled()


def test_a_run_that_is_removed_while_nothing_happens_is_noticed(qtbot: QtBot) -> None:
    run = run_of(reverse_run())
    dialog = dialog_for(qtbot, run)
    run.clear()
    qtbot.waitUntil(lambda: not dialog.export_button.isEnabled())


def test_a_range_chosen_on_the_timeline_is_what_is_written(qtbot: QtBot, tmp_path: Path) -> None:
    """Of films and tables alike; a click writes all, another one the range again."""
    dialog = dialog_for(qtbot, run_of(reverse_run()), lambda *_: tmp_path / "curves.csv", chosen=Span(10.0, 30.0))
    low, high = dialog.form.editors["low"], dialog.form.editors["high"]
    assert isinstance(low, QDoubleSpinBox)
    assert isinstance(high, QDoubleSpinBox)
    assert (low.value(), high.value(), dialog.form.of_range.isChecked()) == (10, 30, True)
    assert "3 frames" in settled(dialog).preview.summary.text()
    dialog.form.of_range.click()
    assert (low.value(), high.value()) == (0, 40)
    assert "5 frames" in settled(dialog).preview.summary.text()
    dialog.form.of_range.click()
    low.setValue(20)
    assert not dialog.form.of_range.isChecked(), "it is another one now"
    dialog.form.of_range.click()
    assert (dialog.form.settings.low, dialog.form.settings.high) == (10.0, 30.0)
    choose_format(dialog, "csv")
    assert not dialog.form.of_range.isHidden()
    dialog.export()
    qtbot.waitUntil(lambda: dialog.written is not None)
    rows = [line for line in (tmp_path / "curves.csv").read_text().splitlines() if line and not line.startswith("#")]
    assert [float(row.split(",")[0]) for row in rows[1:]] == [10.0, 20.0, 30.0]


def test_the_range_is_written_to_its_last_frame_however_it_is_rounded_in_the_form(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), chosen=Span(9.7, 30.4))
    assert (dialog.form.settings.low, dialog.form.settings.high) == (9.7, 30.4)
    dialog.form.of_range.click()
    dialog.form.of_range.click()
    assert (dialog.form.settings.low, dialog.form.settings.high) == (9.7, 30.4)
    assert dialog.form.of_range.isChecked()


def test_without_a_range_none_is_offered(qtbot: QtBot) -> None:
    assert dialog_for(qtbot, run_of(reverse_run())).form.of_range.isHidden()
    dialog = dialog_for(qtbot, run_of(reverse_run()), chosen=Span(10.0, 30.0))
    choose_format(dialog, "png")
    assert dialog.form.of_range.isHidden(), "one picture has no range"


def test_letters_are_as_much_larger_as_the_interface_is(qtbot: QtBot) -> None:
    """On pictures, figures and contact sheets, for every purpose but print, until a person asks for others."""
    form = dialog_for(qtbot, run_of(reverse_run()), kept={**KEPT, "scale": 120}, about=about_run()).form
    letters, purpose = form.editors["letters"], form.editors["purpose"]
    assert isinstance(letters, QDoubleSpinBox)
    assert isinstance(purpose, Combo)
    assert letters.value() == form.settings.letters == pytest.approx(10.8)
    for key, wanted in (("slide", 16.8), ("column", 8.0), ("screen", 10.8)):
        purpose.set_data(key)
        purpose.activated.emit(purpose.currentIndex())
        assert letters.value() == form.settings.letters == pytest.approx(wanted)
    form.set_format("sheet")
    assert letters.isVisibleTo(form)


def test_a_purpose_sets_what_a_figure_for_it_usually_has(qtbot: QtBot) -> None:
    dialog = dialog_for(qtbot, run_of(reverse_run()), about=about_run())
    choose_format(dialog, "plot")
    assert "1,285 × 821 pixels · shown here at 34 %" in settled(dialog).preview.summary.text()
    purpose, width = dialog.form.editors["purpose"], dialog.form.editors["width"]
    assert isinstance(purpose, Combo)
    assert isinstance(width, QDoubleSpinBox)
    purpose.set_data("column")
    purpose.activated.emit(purpose.currentIndex())
    assert (width.value(), width.suffix(), dialog.form.settings.dpi, dialog.form.settings.ground) == (
        85,
        " mm",
        600,
        "light",
    )
    assert settled(dialog).preview.summary.text().startswith("85 × ")
    width.setValue(40)
    letters = dialog.form.editors["letters"]
    assert isinstance(letters, QDoubleSpinBox)
    letters.setValue(24)
    assert not settled(dialog).export_button.isEnabled(), "there is no room"
    said = {label.text() for label in dialog.form.findChildren(QLabel) if not label.isHidden()}
    assert {"Width, height", "Letters, resolution", "Ground"} <= said, "nothing is named that is not there"
    assert settled(dialog).preview.summary.property("role") == "error"
