"""A session that is opened shows what it showed: every lab in use, saved, and opened in a new program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from diffviz.app import App
from diffviz.domain import messages
from diffviz.domain.bookmarks import Span
from diffviz.domain.gan import GanRequest, Ring
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import Ddpm
from diffviz.domain.serialization import encode
from diffviz.session.looks import within
from diffviz.ui.forms.draft import Draft
from diffviz.ui.instruments.kl import KlInstrument
from diffviz.ui.instruments.objective import ObjectiveInstrument
from tests import waiting
from tests.ui.conftest import LONG, Opener

SETTLED, CALM = 300, 3
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    -7,
    1.5,
    1e300,
    2**53 + 1,
    "many",
    "x" * 9999,
    [],
    [1, "a", None, {}],
    {},
    {"": [None]},
    [-1] * 4,
)
HOSTILE = (*HOSTILE, [1e300] * 4, [0, 1e14, 0, 1e14], [0, 0], [1e-300, 2e-300], ["a"] * 20_000, [{}], [[[[]]]])
LABS = ("diffusion", "vae", "gan")


def finished(qtbot: QtBot, app: App) -> None:
    qtbot.waitUntil(lambda: all(run.status.final for run in app.session.runs), timeout=LONG)


def at_rest(qtbot: QtBot, app: App) -> None:
    """Wait until nothing changes on the screen any more."""
    before, same = QImage(), 0
    while same < CALM:
        qtbot.wait(SETTLED)
        now = app.window.grab().toImage()
        before, same = now, same + 1 if now == before else 0


def in_use(qtbot: QtBot, app: App) -> None:
    """Every lab is used: two runs compared, a range, bookmarks, parts zoomed to, a sample chosen."""
    window, session = app.window, app.session
    finished(qtbot, app)
    a = session.start(ReverseRequest(model="digits-ddpm", steps=12, samples=4, seed=3), "diffusion/reverse")
    b = session.start(
        ReverseRequest(model="digits-ddpm", steps=12, samples=4, seed=3, sampler=Ddpm()), "diffusion/beside", show=False
    )
    finished(qtbot, app)
    session.show(a)
    session.pin(b)
    window._choice.choose("digits-ddpm")
    window.lab.form.set_request(a.request)
    session.places.choose(a, Span(100.0, 700.0))
    session.seek(400.0)
    session.places.toggle(a, 400.0)
    at_rest(qtbot, app)
    window.lab.timeline.zoom(0.1, 0.8)
    plots = window.lab.timeline.plots
    QTest.mouseClick(plots.chips["alpha_bar"], Qt.MouseButton.LeftButton)
    window.lab.timeline.axis_chosen.emit("log_snr")
    beta = next(part for part in plots.parts if part.plot.key == "beta")
    assert beta.panel is not None
    beta.panel.box.look(y=(-3.0, -2.5))
    window.lab.stage.canvas.set_focus_sample(2)
    QTest.mouseClick(window.lab.stage.toolbar.automatic, Qt.MouseButton.LeftButton)
    window.lab.instruments.choose("kl", True)
    kl = window.lab.instruments.instrument("kl")
    assert isinstance(kl, KlInstrument)
    kl.panel.set_gaussian(0, 0.5, 2.0)
    window.lab.instruments.choose("objective", True)
    draft_of(app).set_value(("draws",), 7)
    window.open_lab("vae")
    qtbot.waitUntil(lambda: session.a is not None and session.a.slot.startswith("vae"), timeout=LONG)
    finished(qtbot, app)
    session.seek(0.25)
    at_rest(qtbot, app)
    window.vae.stage.maps[0].zoom(2.0)
    chips = window.vae.stage.legend.chips
    QTest.mouseClick(chips[3], Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    window.vae.stage.maps[0].images_lassoed.emit(np.arange(0, 2000, 3))
    window.open_lab("gan")
    session.start(GanRequest(data=Ring(modes=5), steps=6, every=2, seed=9), "gan/training")
    finished(qtbot, app)
    assert session.a is not None
    assert isinstance(session.a.request, GanRequest)
    window.gan.form.set_request(session.a.request)
    session.seek(4.0)
    QTest.mouseClick(window.gan.stage.surfaces.button("learnt"), Qt.MouseButton.LeftButton)
    window.gan.stage.points.maps[0].zoom(1.5)
    window.gan.timeline.zoom(0.0, 0.75)
    window.gan.divergence.kl.set_gaussian(1, -2.0, 0.5)
    at_rest(qtbot, app)


def draft_of(app: App) -> Draft:
    """What the objective is to be measured of."""
    found = app.window.lab.instruments.instrument("objective")
    assert isinstance(found, ObjectiveInstrument)
    return found.draft


def plain(app: App) -> dict[str, Any]:
    """What each lab shows beside its runs, as a file has it, value by value."""
    labs = app.persistence.files.looked().labs
    return dict(_flat("", json.loads(encode({name: lab.look for name, lab in labs.items()}))))


def _flat(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    for key, each in value.items() if isinstance(value, dict) else ():
        yield from _flat(f"{place}/{key}", each)
    if not isinstance(value, dict):
        yield place, value


def take_hostile(app: App) -> None:
    """Let every lab take looks of which each value is what a stranger's file can hold in its place."""
    seen = app.persistence.files.looked().labs
    for lab in app.window.labs.there():
        look = json.loads(encode(seen[lab.name].look))
        for value in HOSTILE:
            damaged = _replaced(look, value)
            lab.take_look(damaged)
            lab.timeline.take_look(within(damaged, "timeline"))
            lab.draw()


def _replaced(value: Any, by: Any) -> Any:
    return {key: _replaced(each, by) for key, each in value.items()} if isinstance(value, dict) and value else by


def apart(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs."""
    pairs = {key: (one.get(key), other.get(key)) for key in one.keys() | other.keys()}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def codes_came(app: App) -> bool:
    """Whether the engine has told the codes of all pictures on the maps."""
    return all(view.scene.points is not None for view in app.window.vae.stage.maps)


def pictures(qtbot: QtBot, app: App) -> dict[str, QImage]:
    """The window with each lab, without the line that tells what was opened."""
    found = {}
    for name in LABS:
        app.window.open_lab(name)
        app.window.notice.hide()
        waiting.stand_on(qtbot, app.window)
        QTest.mouseMove(app.window._hints)  # on nothing that shows it
        if name == "vae":
            qtbot.waitUntil(lambda: codes_came(app), timeout=LONG)
        at_rest(qtbot, app)
        found[name] = app.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return found


def differing(one: QImage, other: QImage) -> float:
    """Share of pixels that are not the same."""
    assert one.size() == other.size()
    a, b = (np.frombuffer(each.constBits(), np.uint8).reshape(each.height(), -1, 4)[..., :3] for each in (one, other))
    return float(np.any(a != b, axis=2).mean())


def saved(qtbot: QtBot, app: App, path: Path) -> Path:
    app.window.documents.save_to(path)
    qtbot.waitUntil(lambda: app.persistence.files.current is None and path.exists(), timeout=LONG)
    return path


def opened(qtbot: QtBot, app: App, path: Path) -> None:
    for run in list(app.session.runs):
        app.session.remove(run)
    app.window.documents.open_all([path])
    qtbot.waitUntil(lambda: app.persistence.files.current is None, timeout=LONG)


def test_every_lab_shows_what_it_showed(
    qtbot: QtBot, open_app: Opener, tmp_path: Path, begun: list[messages.Start], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_app()
    in_use(qtbot, first)
    first.window.open_lab("gan")
    path = saved(qtbot, first, tmp_path / "s.diffviz")
    before = pictures(qtbot, first)
    monkeypatch.setenv("DIFFVIZ_HOME", str(tmp_path / "elsewhere"))
    second = open_app()
    finished(qtbot, second)
    count = len(begun)
    opened(qtbot, second, path)
    assert second.window.shown.name == "gan"
    after = pictures(qtbot, second)
    assert len(begun) == count, "nothing is computed by itself"
    for name in LABS:
        before[name].save(str(tmp_path / f"{name}-before.png"))
        after[name].save(str(tmp_path / f"{name}-after.png"))
    assert {name: differing(before[name], after[name]) for name in LABS} == dict.fromkeys(LABS, 0.0), tmp_path
    wanted = plain(first)
    assert apart(plain(second), wanted) == {}
    assert wanted["/diffusion/timeline/axis"] == "log_snr"
    assert wanted["/vae/classes/hidden"] == [3]
    assert draft_of(second).request == draft_of(first).request
    old = second.window
    second.preferences["language"] = "ko"
    qtbot.waitUntil(lambda: second.window is not old, timeout=LONG)
    for name in LABS:
        second.window.open_lab(name)
        at_rest(qtbot, second)
    assert apart(plain(second), wanted) == {}, "another language changes nothing of it"
    assert draft_of(second).request.draws == 7
    take_hostile(second)
    second.window.lab.take_look({"instruments": ["visits"], "scrolled": 0})  # as 0.5 wrote it at first
    assert second.window.lab.instruments.shown_keys() == ["visits"]
    for lab in second.window.labs.there():
        assert not lab.grab().isNull()
