"""How an export will look, before it is written: its picture or what is in it, its size and its length.

It is drawn off the window's thread by what writes the file: the same pixels, smaller where they have no room.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSize, Qt, QThread, Signal, Slot
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain import errors
from diffviz.domain.arrays import U8
from diffviz.domain.export_settings import ANIMATED, FIGURES, FORMATS, MOVING, PICTURED, ExportSettings, sized
from diffviz.domain.frame_times import chosen, seconds
from diffviz.domain.frames import Frame
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.export import formats, plots, previewing
from diffviz.export.previewing import ExportPicture
from diffviz.export.run_info import RunInfo
from diffviz.families import export_panes_of
from diffviz.session.file_task import snapshot
from diffviz.session.run import Run
from diffviz.ui.widgets import pixmaps, qss

ROOM, LEAST = QSize(440, 330), 280
MOST_LINES = 12
INSTEAD = ("webp", "apng")
"""Films that need nothing but this program, offered where one cannot be written."""
Contents = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPreview:
    """What came of drawing a preview for `settings`: a picture, or what is in the file, or what is wrong."""

    settings: ExportSettings
    count: int
    picture: ExportPicture | None = None
    contents: Contents = ()
    error: errors.DiffvizError | None = None


def drawn(frames: Sequence[Frame], at: Frame, settings: ExportSettings, about: RunInfo) -> DrawnPreview:
    """The preview of an export of `frames`, with the frame `at` on it."""
    count = len(chosen([frame.position for frame in frames], settings))
    try:
        picture = previewing.picture_of(frames, at, settings, about)
        contents = previewing.contents_of(frames, settings, about) if picture is None else ()
    except errors.DiffvizError as error:
        return DrawnPreview(settings, count, error=error)
    return DrawnPreview(settings, count, picture, contents)


_drawing: set[QThread] = set()
"""Threads that draw, held until they have ended: to destroy one that runs would abort the process."""


class _Drawing(QThread):
    """Does `work`, once; `found` is what came of it, or `fault` what nobody foresaw."""

    def __init__(self, work: Callable[[], DrawnPreview]) -> None:
        super().__init__()
        self.setObjectName("diffviz-preview")
        self._work = work
        self.found: DrawnPreview | None = None
        self.fault: Exception | None = None

    def run(self) -> None:
        """Draw."""
        try:
            self.found = self._work()
        except Exception as fault:
            self.fault = fault


class PreviewDrawer(QObject):
    """Draws one preview at a time; of those asked for meanwhile the newest follows. Signals: `drawn(preview)`."""

    drawn = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: _Drawing | None = None
        self._next: Callable[[], DrawnPreview] | None = None
        self._wanted = False

    @property
    def idle(self) -> bool:
        """Whether nothing is being drawn."""
        return self._thread is None

    def ask(self, work: Callable[[], DrawnPreview]) -> None:
        """Draw by `work`, now or once what is being drawn is done."""
        self._next, self._wanted = work, True
        if self._thread is None:
            self._begin()

    def close(self) -> None:
        """Draw no more, and wait for what is being drawn."""
        self._next, thread, self._thread = None, self._thread, None
        if thread is not None:
            thread.finished.disconnect(self._on_finished)
            thread.wait()
            _drawing.discard(thread)

    def forget(self) -> None:
        """Draw nothing more of what was asked for, and say nothing of what is being drawn."""
        self._next, self._wanted = None, False

    def _begin(self) -> None:
        work, self._next = self._next, None
        assert work is not None
        self._thread = _Drawing(work)
        _drawing.add(self._thread)
        self._thread.finished.connect(self._on_finished)
        self._thread.start()

    @Slot()
    def _on_finished(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:  # closed meanwhile
            return
        thread.wait()
        _drawing.discard(thread)
        if self._next is not None:
            self._begin()
        elif thread.fault is not None:
            raise thread.fault
        elif self._wanted:
            self.drawn.emit(thread.found)


class PreviewLabel(QLabel):
    """A picture or a text in `ROOM`, or where a screen has less, in as little as `LEAST`.

    A picture that has no room is shown smaller, at the `percent` of its size; a smaller one enlarged by a whole number.
    """

    def __init__(self) -> None:
        super().__init__()
        self._whole: QPixmap | None = None
        self.setFixedHeight(ROOM.height())
        self.setMinimumWidth(LEAST)
        self.setMaximumWidth(ROOM.width())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(tr("Preview"))
        self.setProperty("role", "picture")

    @property
    def percent(self) -> int:
        """How large the picture is shown, 100 for one that is shown as it is."""
        return round(100 * self._factor()) if self._whole is not None else 100

    def sizeHint(self) -> QSize:
        return ROOM

    def show_picture(self, picture: U8) -> None:
        """Show `picture`."""
        self._whole = QPixmap.fromImage(pixmaps.qimage(picture))
        self._fit()

    def show_text(self, text: str) -> None:
        """Show `text` in its place."""
        self._whole = None
        self.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the picture into what there is now."""
        super().resizeEvent(event)
        self._fit()

    def _factor(self) -> float:
        assert self._whole is not None
        room = min(self.width() / self._whole.width(), self.height() / self._whole.height())
        return float(int(room)) if room >= 1 else room

    def _fit(self) -> None:
        if self._whole is None:
            return
        factor, ways = self._factor(), Qt.TransformationMode
        size = QSize(*(max(1, round(factor * side)) for side in self._whole.size().toTuple()))
        way = ways.FastTransformation if factor >= 1 else ways.SmoothTransformation
        self.setPixmap(self._whole.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, way))


class ExportPreview(QWidget):
    """What would be written of `run`, which may still be growing; an animation is shown at `cursor`.

    Signals: `described(good)`, when it shows what was asked for, and whether there is something to write;
    `instead(format)`: a person takes another film than the one that cannot be written here.
    """

    described = Signal(bool)
    instead = Signal(str)

    def __init__(self, run: Run, cursor: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run, self._cursor = run, cursor
        self._drawer = PreviewDrawer(self)
        self._drawer.drawn.connect(self._on_drawn)
        self._arrange()

    @property
    def settled(self) -> bool:
        """Whether it shows what was asked for last."""
        return self._drawer.idle

    def close_drawer(self) -> None:
        """Draw no more."""
        self._drawer.close()

    def describe(self, settings: ExportSettings, about: RunInfo, wrong: str = "") -> None:
        """Show what `settings` ask for, or what is wrong with them, or with what stands beside the run (`wrong`)."""
        lacks = formats.FORMATS[settings.format].missing()
        self.offers.setVisible(bool(lacks))
        if not len(self._run.store):
            self.picture.show_text("")
            self._cannot(tr("This run was removed: close this, and export the one on the screen."))
        elif lacks:
            self._cannot(sentence(errors.FormatUnavailable(settings.format, lacks)))
        elif wrong:
            self._cannot(wrong)
        elif not settings.panes and settings.format in PICTURED:
            self._cannot(self._without_panes())
        else:
            at = settings.at if settings.format == "png" and settings.at is not None else self._cursor
            frames, shown = snapshot(self._run.store), self._run.store.nearest(at)
            self._drawer.ask(lambda: drawn(frames, shown, settings, about))

    def _arrange(self) -> None:
        self.picture = PreviewLabel()
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setMinimumWidth(LEAST)
        self.summary.setMaximumWidth(ROOM.width())
        self.offers = QWidget()
        row = QHBoxLayout(self.offers)
        row.setContentsMargins(0, 0, 0, 0)
        for format_ in INSTEAD:
            button = QPushButton(tr("Write {format} instead").format(format=tr(FORMATS[format_]).partition(",")[0]))
            button.setToolTip(tr("A film of the same frames that needs nothing else"))
            button.setAutoDefault(False)
            button.clicked.connect(lambda _on=False, key=format_: self.instead.emit(key))
            row.addWidget(button)
        row.addStretch(1)
        self.offers.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (self.picture, self.summary, self.offers):
            column.addWidget(widget)
        column.addStretch(1)

    @Slot(object)
    def _on_drawn(self, found: DrawnPreview) -> None:
        if found.error is not None:
            self._cannot(sentence(found.error))
            return
        if found.picture is None:
            self._list(found.contents)
        else:
            self.picture.show_picture(found.picture.pixels)
        figures, differs = " · ".join(self._figures(found)), found.picture.differs if found.picture else ""
        self._say(f"{figures}\n{differs}".rstrip(), "quiet")
        self.described.emit(found.count > 0)

    def _figures(self, found: DrawnPreview) -> list[str]:
        """Size, number of frames and length, as far as they apply."""
        parts, settings, count = [], found.settings, found.count
        if found.picture is not None:
            parts += _measures(found.picture.pixels, settings)
            if (percent := self.picture.percent) < 100 and settings.format not in FIGURES - {"plot"}:
                parts.append(tr("shown here at {percent} %").format(percent=percent))
        if settings.format in MOVING or settings.format == "npz":
            parts.append(tr("{n} frames").format(n=f"{count:,}"))
        if settings.format in ANIMATED and count:
            parts.append(tr("{seconds:.1f} s").format(seconds=seconds(count, settings)))
        if not self._run.status.final:
            parts.append(tr("still being computed"))
        return parts

    def _without_panes(self) -> str:
        if export_panes_of((self._run.store[0],)):
            return tr("Choose at least one pane.")
        return tr("This run has no pictures: choose plots, arrays or curves.")

    def _cannot(self, text: str) -> None:
        self._drawer.forget()
        self._say(text, "error")
        self.described.emit(False)

    def _say(self, text: str, role: str) -> None:
        self.summary.setText(text)
        qss.set_role(self.summary, role)

    def _list(self, contents: Contents) -> None:
        """Names and sizes in place of a picture."""
        cell = "<td style='padding: 3px 10px'{}>{}</td>"
        rows = (cell.format("", name) + cell.format(" align='right'", size) for name, size in contents[:MOST_LINES])
        self.picture.show_text(f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>")


def _measures(picture: U8, settings: ExportSettings) -> list[str]:
    """How large what `picture` is a preview of is: in millimetres, and in pixels where it has such."""
    said = []
    if sized(settings):
        width, height = plots.size_of(picture, settings)
        text = tr("{width} × {height} mm")
        said.append(text.format(width=f"{round(width, 1):g}", height=f"{round(height, 1):g}"))
    if settings.format not in FIGURES - {"plot"}:
        text = tr("{width} × {height} pixels")
        said.append(text.format(width=f"{picture.shape[1]:,}", height=f"{picture.shape[0]:,}"))
    return said
