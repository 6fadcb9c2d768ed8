"""What is said of pictures is said of those shown: at full speed, outside a run, in every part of the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.domain import messages
from diffviz.domain.requests import ForwardRequest, Noise, Request, ReverseRequest
from diffviz.families.diffusion import branch
from diffviz.session.run import Run, Status
from diffviz.ui.labs.diffusion.recognition import BATCH, pictures
from diffviz.ui.sample_viewer.captions import Caption, labels_of
from tests.ui.labs.diffusion.bench import LONG, REAL, ClassifiedBench, T


class Bench(ClassifiedBench):
    """The lab, and what each part of it has said."""

    def __init__(self, qtbot: QtBot, root: Path) -> None:
        super().__init__(qtbot, root)
        self.qtbot = qtbot
        self.drawn: list[tuple[str, str, tuple[object, ...], tuple[Caption, ...]]] = []

    def done(self, request: Request, slot: str = "diffusion/reverse") -> Run:
        run = self.session.start(request, slot)
        self.qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
        return run

    def seen_of(self, run: Run, position: float) -> messages.Recognised:
        """What the classifier says of one frame alone."""
        images = pictures(run, run.at(position))
        assert images is not None
        with self.qtbot.waitSignal(
            self.session.answered, timeout=LONG, check_params_cb=lambda view, _answer: view == "test"
        ) as got:
            self.session.ask("test", messages.Recognise(REAL, images, (run.id, position)))
        assert got.args is not None
        answer = got.args[1]
        assert isinstance(answer, messages.Recognised)
        return answer

    def look(self) -> None:
        """Note what each part of the window says."""
        picture = self.lab.stage.canvas.picture
        assert picture is not None
        heading, header = self.lab.instant.heading.text(), self.lab.timeline.readout.text()
        self.drawn.append((heading, header, picture.key, self.lab.stage.canvas.labels))


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.session.warm_up()
    qtbot.waitUntil(lambda: made.session.device is not None, timeout=LONG)
    yield made
    made.close()


class Looking(QObject):
    """Notes what is said when pictures are painted."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._bench.look()
        return False


def play(bench: Bench, qtbot: QtBot) -> None:
    """Press the button as fast as the player goes, and look whenever the stage is painted until it stands again."""
    bench.player.speed = 8.0
    bench.session.seek(100.0)
    transport, canvas, looking = bench.lab.timeline.transport, bench.lab.stage.canvas, Looking(bench)
    canvas.installEventFilter(looking)
    qtbot.mouseClick(transport.buttons[transport.play], Qt.MouseButton.LeftButton)
    assert bench.player.playing
    qtbot.waitUntil(lambda: not bench.player.playing, timeout=LONG)
    canvas.removeEventFilter(looking)


def test_at_full_speed_every_part_says_the_frame_that_is_shown_and_captions_are_of_it(
    qtbot: QtBot, bench: Bench
) -> None:
    run = bench.done(ReverseRequest(model="toy", start=Noise(), steps=50, samples=4))
    bench.lab.draw()
    play(bench, qtbot)
    assert len(bench.drawn) > 5
    captioned = 0
    for heading, header, key, labels in bench.drawn:
        position = float(str(key[1]))
        assert heading == f"AT t = {position:g}"
        assert header.startswith(f"t = {position:g} /")
        said = [label for label in labels if label.seen]
        if said:
            captioned += 1
            alone = labels_of((None,) * 4, bench.seen_of(run, position))
            for label, true in zip(said, alone, strict=True):
                assert label.seen == true.seen, position
                assert label.share == pytest.approx(true.share, abs=1e-4), "of this frame and no other"
    assert captioned, "captions come while it plays"


def test_once_seen_captions_are_there_with_every_frame(qtbot: QtBot, bench: Bench) -> None:
    run = bench.done(ReverseRequest(model="toy", steps=50, samples=4))
    bench.lab.draw()
    known = bench.lab.recognising
    qtbot.waitUntil(lambda: all(known.of(run, at) for at in run.positions()), timeout=LONG)
    play(bench, qtbot)
    for _heading, _header, key, labels in bench.drawn:
        assert all(label.seen for label in labels), key


def test_the_classifier_is_asked_in_batches_each_frame_once(
    qtbot: QtBot, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[messages.Recognise] = []
    ask = bench.session.ask

    def noted(view: str, query: messages.Query) -> None:
        assert isinstance(query, messages.Recognise)
        asked.append(query)
        ask(view, query)

    monkeypatch.setattr(bench.session, "ask", noted)
    run = bench.done(ReverseRequest(model="toy", steps=50, samples=4))
    bench.session.seek(60.0)
    bench.lab.draw()
    known = bench.lab.recognising
    qtbot.waitUntil(lambda: all(known.of(run, at) for at in run.positions()), timeout=LONG)
    ours = [query for query in asked if query.key[0] == run.id]
    every = [position for query in ours for position in query.key[1:]]
    assert len(every) == len(set(every)) == len(run.positions())
    assert len(ours) < len(every) / 4, "many frames at once"
    assert max(len(query.images) for query in ours) >= BATCH


def test_captions_keep_their_room_while_they_are_not_known(qtbot: QtBot, bench: Bench) -> None:
    """The pictures of a forward run are not laid out anew with every frame."""
    run = bench.session.a
    assert run is not None
    assert isinstance(run.request, ForwardRequest)
    qtbot.waitUntil(lambda: run.status is Status.FINISHED, timeout=LONG)
    bench.session.seek(10.0)
    bench.lab.draw()
    qtbot.waitUntil(lambda: any(label.seen for label in bench.lab.stage.canvas.labels), timeout=LONG)
    bench.lab.recognising._seen[run.id]._known.pop(20.0, None)
    bench.session.seek(20.0)
    bench.lab.draw()
    assert len(bench.lab.stage.canvas.labels) == len(run.store[0].arrays()["x"])
    assert not np.any([bool(label.seen) for label in bench.lab.stage.canvas.labels])


def test_a_class_that_was_asked_stays_while_what_is_seen_is_not_known(bench: Bench) -> None:
    bench.done(ReverseRequest(model="toy", steps=10, samples=2, label=3))
    bench.session.seek(50.0)
    bench.lab.draw()
    assert [label.asked for label in bench.lab.stage.canvas.labels] == ["class 3", "class 3"]


def press(bench: Bench, key: Qt.Key, times: int = 1) -> None:
    """Press `key` on the timeline, and draw."""
    for _ in range(times):
        QTest.keyClick(bench.lab.timeline.slider, key)
    bench.lab.draw()


def drawn_at(bench: Bench) -> float:
    """Where the timeline's handle stands, which is where its frame does."""
    slider = bench.lab.timeline.slider
    assert slider.handle_centre().x() == pytest.approx(slider.map.to_px(bench.session.cursor), abs=1)
    return slider.at


def ended(bench: Bench) -> tuple[Run, Run]:
    """A run from T, and one that goes on from its frame in the middle and so has none before."""
    whole = bench.done(ReverseRequest(model="toy", steps=10, samples=2))
    bench.session.seek(40.0)
    middle = whole.at(40.0)
    assert middle is not None
    assert isinstance(whole.request, ReverseRequest)
    part = bench.done(branch(whole.request, middle.position, None), "diffusion/beside")
    return whole, part


def test_outside_a_run_the_whole_window_stands_at_its_end(bench: Bench) -> None:
    """A has T … 0, B begins in the middle: swapped while the cursor is at T there is one t on the screen."""
    whole, part = ended(bench)
    bench.session.show(whole)
    bench.session.pin(part)
    bench.session.seek(float(T))
    bench.lab.draw()
    end = part.positions()[-1]
    line = bench.lab.stage.lines[1]
    assert f"t = {end:g} is where it ends: no frame at t = {T}" in line.apart.text()
    assert all(not row.beside for row in bench.lab.instant.rows.values()), "nothing of another t beside those of A"
    bench.session.swap()
    bench.lab.draw()
    picture = bench.lab.stage.canvas.picture
    assert picture is not None
    assert picture.key[:2] == (part.id, end)
    assert bench.session.cursor == drawn_at(bench) == end
    assert bench.lab.instant.heading.text() == f"AT t = {end:g}"
    assert bench.lab.timeline.readout.text().startswith(f"t = {end:g} /")
    assert bench.lab.stage.lines[1].apart.text() != "", "both have a frame here"
    bench.session.swap()
    bench.lab.draw()
    assert bench.session.cursor == drawn_at(bench) == T, "it comes back to where it was put"


def test_keys_and_the_pointer_do_not_leave_the_run(bench: Bench) -> None:
    _whole, part = ended(bench)
    bench.session.show(part)
    first, last = part.positions()[-1], part.positions()[0]
    press(bench, Qt.Key.Key_Home)
    ends = {bench.session.cursor}
    press(bench, Qt.Key.Key_End)
    ends.add(bench.session.cursor)
    assert ends == {first, last}
    slider = bench.lab.timeline.slider
    for x in (2, slider.width() - 2):
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(x, slider.height() // 2))
        bench.lab.draw()
        picture = bench.lab.stage.canvas.picture
        assert picture is not None
        assert bench.session.cursor == drawn_at(bench) == picture.key[1]
        assert bench.lab.instant.heading.text() == f"AT t = {picture.key[1]:g}"
