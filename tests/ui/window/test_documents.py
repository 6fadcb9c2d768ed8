"""Files opened, saved and dropped, and what the notice says of them; driven through the window's own parts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.provenance import record_of
from diffviz.domain.requests import ForwardRequest, Image, Request, ReverseRequest
from diffviz.domain.sampling import Linear
from diffviz.export import archive
from diffviz.export.formats import export
from diffviz.export.run_info import RunInfo
from diffviz.session.files import SessionFiles
from diffviz.session.preferences import Preferences
from diffviz.session.run import Status
from diffviz.session.saving import saved_of
from diffviz.session.session import Session
from diffviz.ui.gallery.picture_source import pictures_in
from diffviz.ui.widgets.notice import Message, Notice
from diffviz.ui.window.documents import Documents, files_in
from tests import foreign_folders, waiting
from tests.export.runs import reverse_run
from tests.session.test_saving import PIXELS, computed, filled, new_session


class View:
    """Remembers what it was asked to do."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.pictures: list[Path] = []
        self.models: list[Path] = []

    def run(self, request: Request) -> None:
        self.requests.append(request)

    def import_pictures(self, paths: Sequence[Path]) -> None:
        self.pictures += paths

    def open_model(self, path: Path) -> None:
        self.models.append(path)


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    made = new_session()
    yield made
    made.close()


@pytest.fixture
def view() -> View:
    return View()


@pytest.fixture
def documents(qtbot: QtBot, session: Session, view: View, tmp_path: Path) -> Iterator[Documents]:
    window = QWidget()
    qtbot.addWidget(window)
    files = SessionFiles(session)
    yield Documents(files, Preferences(tmp_path / "p.ini"), view, Notice(window), window)
    files.close()


def ended(qtbot: QtBot, documents: Documents) -> None:
    """Wait until all that was asked for is done."""
    qtbot.waitUntil(lambda: documents.files.current is None)


def said(documents: Documents) -> str:
    return documents._notice.text.text()


def exported(session: Session, path: Path, request: Request, *, metadata: bool = True) -> Path:
    about = RunInfo(record=record_of(request, session.images, session.cards))
    export(reverse_run(), path, ExportSettings(format="png", metadata=metadata), about=about)
    return path


def test_an_exported_file_is_computed_again(documents: Documents, view: View, tmp_path: Path) -> None:
    sender = new_session()
    name = sender.add_image(PIXELS)
    request = ForwardRequest(start=Image((name,), (4, 4)), schedule=Linear(40), seed=5)
    path = exported(sender, tmp_path / "o.png", request)
    documents.open_all([path])
    assert view.requests == [request]
    assert np.array_equal(documents._session.images[name], PIXELS)
    assert documents.recent == (path,)
    assert "o.png" in said(documents)
    sender.close()


def test_the_folder_of_a_sequence_is_computed_again(documents: Documents, view: View, tmp_path: Path) -> None:
    sender = new_session()
    request = ReverseRequest(model="toy", steps=40, seed=5)
    folder = tmp_path / "frames"
    folder.mkdir()
    exported(sender, folder / "frame_0000.png", request)
    sender.close()
    documents.open_all([folder])
    assert view.requests == [request]


def test_what_is_missing_is_said(documents: Documents, view: View, session: Session, tmp_path: Path) -> None:
    other = exported(session, tmp_path / "model.png", ReverseRequest(model="absent"))
    documents.open_all([other])
    assert "absent" in said(documents)
    lost = ForwardRequest(start=Image(("0" * 64,), (4, 4)), schedule=Linear(40))
    documents.open_all([exported(session, tmp_path / "picture.png", lost)])
    assert "missing" in said(documents)
    assert view.requests == []


def test_a_picture_without_a_run_goes_to_the_gallery(documents: Documents, view: View, tmp_path: Path) -> None:
    path = tmp_path / "own.png"
    Pillow.new("L", (4, 4)).save(path)
    plain = exported(documents._session, tmp_path / "plain.png", ReverseRequest(model="toy"), metadata=False)
    documents.open_all([path, plain])
    assert view.pictures == [path, plain]


def test_what_looks_like_a_picture_goes_the_way_of_pictures(documents: Documents, view: View, tmp_path: Path) -> None:
    photo, nameless = tmp_path / "IMG_1.HEIC", tmp_path / "drawing"
    photo.write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    Pillow.new("L", (4, 4)).save(nameless, "PNG")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo))])
    assert files_in(data) == pictures_in(data) == [photo]
    documents.open_all([photo, nameless])
    assert view.pictures == [photo, nameless]
    assert said(documents) == ""


@pytest.mark.parametrize("name", ["text.npz", "absent.gif", "bad.diffviz", "net.ckpt", "net.safetensors"])
def test_what_cannot_be_opened_is_one_sentence(qtbot: QtBot, documents: Documents, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name != "absent.gif":
        path.write_text("nothing of the kind")
    documents.open_all([path])
    ended(qtbot, documents)
    documents._view.pictures = []  # type: ignore[attr-defined]
    if name != "absent.gif":
        assert name in said(documents)
        assert "\n" not in said(documents)


def test_a_session_is_saved_and_opened_with_its_frames(
    qtbot: QtBot, documents: Documents, session: Session, view: View, tmp_path: Path
) -> None:
    filled(session)
    before = len(session.runs)
    path = tmp_path / "s.diffviz"
    documents.save_to(path)
    ended(qtbot, documents)
    assert documents.files.path == path
    assert str(path) in said(documents)
    documents.open_all([path])
    ended(qtbot, documents)
    opened = session.runs[before:]
    assert len(opened) == 3
    assert len(opened[1].store) == 6
    assert session.a is opened[2]
    assert view.requests == []
    assert "3 runs" in said(documents)


def test_a_run_that_was_saved_without_frames_is_computed_when_a_person_says_so(
    qtbot: QtBot, documents: Documents, session: Session, view: View, tmp_path: Path
) -> None:
    run = computed(session, ReverseRequest(model="toy", steps=5, samples=2))
    session.show(run)
    archive.write(saved_of(session, most_bytes=0), tmp_path / "s.diffviz")
    documents.open_session(tmp_path / "s.diffviz")
    before = list(session.runs)
    ended(qtbot, documents)
    [opened] = [each for each in session.runs if each not in before]
    assert (view.requests, opened.status, session.a) == ([], Status.CANCELLED, opened)
    assert "1 of them was not computed to its end" in said(documents)
    [compute] = documents._notice.buttons
    compute.click()
    assert opened not in session.runs
    assert session.a is not None
    assert (session.a.request, session.a.status) == (run.request, Status.SENT)


def test_a_save_that_fails_keeps_the_session_and_says_why(
    qtbot: QtBot, documents: Documents, session: Session, tmp_path: Path
) -> None:
    filled(session)
    before = list(session.runs)
    documents.save_to(tmp_path / "nowhere" / "s.diffviz")
    ended(qtbot, documents)
    assert documents.files.path is None
    assert "does not exist" in said(documents)
    assert session.runs == before


def test_what_is_on_the_screen_can_be_copied(documents: Documents, session: Session) -> None:
    session.show(computed(session, ReverseRequest(model="toy", steps=5, samples=2, seed=77)))
    documents.copy_command()
    assert "--seed 77" in QGuiApplication.clipboard().text()
    documents.copy_python()
    assert "seed=77" in QGuiApplication.clipboard().text()
    compile(QGuiApplication.clipboard().text(), "copied", "exec")


def test_what_is_dragged_is_told_apart(session: Session, tmp_path: Path) -> None:
    own = tmp_path / "own.png"
    Pillow.new("L", (4, 4)).save(own)
    run = exported(session, tmp_path / "run.png", ReverseRequest(model="toy"))
    sequence, empty = tmp_path / "frames", tmp_path / "empty"
    for folder in (sequence, empty):
        folder.mkdir()
    exported(session, sequence / "frame_0000.png", ReverseRequest(model="toy"))
    (tmp_path / "text.txt").touch()
    data = QMimeData()
    model, pickle = foreign_folders.pipeline(tmp_path / "tiny"), tmp_path / "net.ckpt"
    pickle.touch()
    dragged = (own, run, tmp_path / "text.txt", tmp_path / "gone.gif", sequence, empty, model, pickle)
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in dragged])
    assert files_in(data) == [own, run, sequence, model, pickle]
    assert pictures_in(data)[0] == own
    assert run not in pictures_in(data)


def test_a_question_waits_until_it_is_answered(qtbot: QtBot) -> None:
    notice, answers = Notice(), []
    qtbot.addWidget(notice)
    notice.say(Message("first"))
    notice.say(Message("asked", (("Yes", lambda: answers.append("yes")),), closed=lambda: answers.append("closed")))
    notice.say(Message("later"))
    assert notice.text.text() == "asked"
    notice.buttons[0].click()
    assert answers == ["yes"]
    assert notice.text.text() == "later"
    notice.put_away()
    assert notice.isHidden()
    notice.say(Message("again", (("Yes", lambda: None),), closed=lambda: answers.append("closed")))
    notice.close_button.click()
    assert answers == ["yes", "closed"]


def test_what_only_informs_goes_by_itself_and_the_rest_stays(qtbot: QtBot) -> None:
    window = QWidget()
    notice = Notice(window)
    qtbot.addWidget(window)
    notice.say(Message("before the window is shown"))
    assert not notice.passing.isActive()
    window.show()
    assert notice.passing.isActive()
    notice.passing.setInterval(0)
    qtbot.waitUntil(notice.isHidden)
    notice.say(Message("looked at"))
    waiting.stand_on(qtbot, notice.close_button)
    notice.passing.timeout.emit()
    assert notice.isVisible()
    assert notice.passing.isActive(), "again in a while"
    for staying in (Message("failed", error=True), Message("asked", (("Yes", notice.hide),))):
        notice.say(staying)
        assert not notice.passing.isActive()
    notice.put_away()
    notice.say(Message("the last one"))
    assert notice.passing.isActive()
    window.hide()
    assert not notice.passing.isActive()


def test_what_does_not_answer_or_cannot_be_named_is_said_and_the_others_are_opened(
    qtbot: QtBot, documents: Documents, view: View, tmp_path: Path
) -> None:
    picture, pipe = tmp_path / "own.png", tmp_path / "pipe.csv"
    Pillow.new("L", (4, 4)).save(picture)
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)
        assert files_in(dropped(pipe)) == [pipe]
    for path in (pipe, tmp_path / f"{'x' * 300}.csv", tmp_path / "x\0y.csv", tmp_path / "x\0y.diffviz"):
        view.pictures.clear()
        documents.open_all([path, picture])
        ended(qtbot, documents)
        assert view.pictures == [picture]
        assert "cannot be opened (" in said(documents)
        assert "embedded" not in said(documents)
    assert files_in(dropped(tmp_path / f"{'x' * 300}.txt")) == []


def dropped(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_a_name_that_cannot_be_kept_leaves_the_recent_files_as_they_are(
    qtbot: QtBot, documents: Documents, tmp_path: Path
) -> None:
    names = ["good", "\x01", "a\nb", "half \udcff", "\x7f", "line \u2028 break", "\x85"]
    for name in names:
        documents.save_to(tmp_path / f"{name}.diffviz")
        ended(qtbot, documents)
    kept = (tmp_path / "line \u2028 break.diffviz", tmp_path / "good.diffviz")
    assert documents.recent == kept
    documents._preferences.save()
    again = Preferences(tmp_path / "p.ini")
    assert (again["recent"], again.set_aside) == ("\n".join(map(str, kept)), ())
    again["export_folder"] = "/tmp"
    again["export_folder"] = "/tmp/\x01"
    assert again["export_folder"] == "/tmp"
