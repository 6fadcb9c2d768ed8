"""The page: instruments are made when chosen, drawn while in sight, a few at a time, and remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from diffviz.domain.frames import ForwardFrame, ReverseFrame
from diffviz.domain.messages import Answered
from diffviz.domain.requests import ForwardRequest, ReverseRequest
from diffviz.domain.sampling import Flow, ProcessSettings, VarianceExploding
from diffviz.domain.serialization import encode
from diffviz.session.preferences import Preferences
from diffviz.theory.processes import Process, process_of
from diffviz.ui.instruments.card_grid import CardGrid, InstrumentFrame, SidewaysScroll
from diffviz.ui.instruments.forward_chain import ScalingInstrument
from diffviz.ui.instruments.instrument import Instrument, Services, SliderRow
from diffviz.ui.instruments.kl import KlPanel
from diffviz.ui.instruments.page import BUDGET_MILLISECONDS, InstrumentPage
from diffviz.ui.instruments.table import INSTRUMENTS, Entry
from diffviz.ui.plots.plot_looks import switched
from diffviz.ui.plots.stack import PlotStack
from diffviz.ui.widgets.controls import Combo, Segments
from diffviz.ui.widgets.view import Shown, SwitchLook
from tests import waiting
from tests.ui.instruments.desk import Desk, at, desk
from tests.ui.raw_tags import raw_tags
from tests.ui.sample_viewer.runs import reverse_run, run_of

HEIGHT = 400
MADE: list[str] = []


class Counting(Instrument):
    """Counts what is done to it, and takes its time."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        MADE.append(key)
        self.drawn: list[float] = []
        self.answers: list[object] = []
        self.closed = False
        self.setFixedHeight(HEIGHT)

    def draw(self, shown: Shown) -> None:
        self.drawn.append(shown.cursor)

    def take(self, what: str, answer: object) -> None:
        self.answers.append((what, answer))

    def close_instrument(self) -> None:
        self.closed = True


ENTRIES = {key: Entry(f"Instrument {key}", "A source.", Counting, wide=True) for key in "abcdef"}


@pytest.fixture
def bench(qtbot: QtBot) -> Desk:
    MADE.clear()
    return desk(qtbot)


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    made = Preferences(tmp_path / "p.ini")
    made["instruments"] = "a,c"
    return made


@pytest.fixture
def page(bench: Desk, preferences: Preferences, qtbot: QtBot) -> Iterator[InstrumentPage]:
    made = InstrumentPage(bench.services, preferences, ENTRIES)
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close_page()


def counting(page: InstrumentPage, key: str) -> Counting:
    found = page.instrument(key)
    assert isinstance(found, Counting)
    return found


def drawn(page: InstrumentPage, qtbot: QtBot, cursor: float = 60.0) -> None:
    with qtbot.waitSignal(page.drawn):
        page.draw(at(reverse_run(), cursor))


def test_what_is_not_chosen_is_not_made(page: InstrumentPage) -> None:
    assert MADE == ["a", "c"]
    assert page.shown_keys() == ["a", "c"]


def test_what_was_chosen_is_made_when_the_page_is_first_shown(
    bench: Desk, preferences: Preferences, qtbot: QtBot
) -> None:
    page = InstrumentPage(bench.services, preferences, ENTRIES)
    qtbot.addWidget(page)
    assert page.shown_keys() == ["a", "c"]
    assert MADE == []
    page.choose("c", False)
    assert preferences["instruments"] == "a"
    page.show()
    assert MADE == ["a"]
    page.close_page()


def test_a_page_that_nobody_opens_is_made_bit_by_bit(
    bench: Desk, preferences: Preferences, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diffviz.ui.instruments.page.IDLE_MILLISECONDS", 0)
    page = InstrumentPage(bench.services, preferences, ENTRIES)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: MADE == ["a", "c"])
    assert not page.isVisible()
    page.close_page()


def test_choosing_makes_it_and_is_remembered(page: InstrumentPage, preferences: Preferences) -> None:
    page.choose("b", True)
    assert MADE == ["a", "c", "b"]
    assert page.shown_keys() == ["a", "b", "c"]
    assert preferences["instruments"] == "a,b,c"
    gone = counting(page, "a")
    page.choose("a", False)
    assert gone.closed
    assert preferences["instruments"] == "b,c"


def test_space_in_the_list_switches_an_instrument(page: InstrumentPage, qtbot: QtBot) -> None:
    waiting.stand_on(qtbot, page.list)
    page.list.setCurrentRow(3)
    QTest.keyClick(page.list, Qt.Key.Key_Space)
    assert "d" in page.shown_keys()


def test_the_card_s_button_puts_it_away(page: InstrumentPage) -> None:
    page.cards["c"].close_button.click()
    assert page.shown_keys() == ["a"]


def test_only_what_is_in_sight_is_drawn(page: InstrumentPage, qtbot: QtBot) -> None:
    for key in ENTRIES:
        page.choose(key, True)
    qtbot.waitUntil(lambda: page.grid.verticalScrollBar().maximum() > 4 * HEIGHT)
    page.grid.reveal(None)  # the one that was chosen last is not scrolled to any more
    page.grid.verticalScrollBar().setValue(0)
    drawn(page, qtbot)
    assert counting(page, "a").drawn == [60.0]
    assert counting(page, "f").drawn == []
    page.grid.verticalScrollBar().setValue(page.grid.verticalScrollBar().maximum())
    drawn(page, qtbot, 30.0)
    assert counting(page, "f").drawn == [30.0]
    assert counting(page, "a").drawn == [60.0]


def test_what_was_chosen_comes_into_sight(page: InstrumentPage, qtbot: QtBot) -> None:
    for key in "bdef":
        page.choose(key, True)
        card = page.cards[key]
        qtbot.waitUntil(partial(getattr, card, "in_sight"))


def test_a_hidden_page_draws_nothing(page: InstrumentPage, qtbot: QtBot) -> None:
    page.hide()
    drawn(page, qtbot)
    assert counting(page, "a").drawn == []


def test_a_slow_instrument_leaves_the_others_to_the_next_turn(
    page: InstrumentPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.resize(700, 1200)
    qtbot.waitUntil(lambda: page.cards["c"].in_sight)
    now = [0]

    class Clock:
        def start(self) -> None:
            now[0] = 0

        def elapsed(self) -> int:
            now[0] += BUDGET_MILLISECONDS
            return now[0]

    monkeypatch.setattr("diffviz.ui.instruments.page.QElapsedTimer", Clock)
    page.draw(at(reverse_run(), 60.0))
    page.turns.go_on()
    assert counting(page, "a").drawn == [60.0]
    assert counting(page, "c").drawn == []
    qtbot.waitUntil(lambda: counting(page, "c").drawn == [60.0])


def test_answers_go_to_the_one_that_asked(page: InstrumentPage, bench: Desk) -> None:
    bench.stage.say(Answered("instrument/c/bars", 7), Answered("instrument/b/bars", 8), Answered("vae/c", 9))
    assert counting(page, "c").answers == [("bars", 7)]
    assert counting(page, "a").answers == []


def test_every_instrument_has_a_title_and_a_sentence_with_its_source() -> None:
    for key, entry in INSTRUMENTS.items():
        assert entry.title, key
        assert entry.source.endswith("."), key
        assert "(" in entry.source, f"{key} names its source"


def test_a_newer_cursor_overtakes_what_is_left_of_an_older_one(page: InstrumentPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.drawn):
        page.draw(at(reverse_run(), 60.0))
        page.draw(at(reverse_run(), 30.0))
    assert counting(page, "a").drawn == [30.0]


@pytest.mark.parametrize("key", INSTRUMENTS)
def test_every_instrument_draws_forward_and_reverse_runs_and_none(
    key: str, bench: Desk, qtbot: QtBot, preferences: Preferences
) -> None:
    """What it cannot show it says; nothing it is handed makes it fail."""
    from diffviz.domain.sampling import Ddim
    from tests.ui.instruments.desk import stepping_run
    from tests.ui.sample_viewer.runs import forward_run

    made = bench.show(INSTRUMENTS[key].make, key, 640)
    for shown in (
        Shown(None, 0.0),
        at(forward_run(), 60.0),
        at(forward_run(model=True), 0.0),
        at(stepping_run(Ddim(eta=0.5), run_id=2), 60.0),
        at(stepping_run(Ddim(), run_id=3), 0.0),
        replace(at(reverse_run(run_id=4), 30.0), process=None),
    ):
        made.draw(shown)
        assert not made.grab().isNull()
        made.forget()
    made.clear(None)
    made.close_instrument()


@pytest.mark.parametrize("settings", [Flow(), VarianceExploding()], ids=["flow", "ve"])
@pytest.mark.parametrize("key", INSTRUMENTS)
def test_every_instrument_shows_a_process_without_beta_or_says_that_it_is_about_beta(
    key: str, settings: ProcessSettings, bench: Desk, qtbot: QtBot, preferences: Preferences
) -> None:
    made = bench.show(INSTRUMENTS[key].make, key, 640)
    card = InstrumentFrame(made, key, "source", "#000000")
    qtbot.addWidget(card)
    card.show()
    process = process_of(settings)
    times = process.kept(3)
    for frames, request in (
        ([forward_frame(t, process) for t in times], ForwardRequest(schedule=settings)),
        ([reverse_frame(t, process) for t in reversed(times)], ReverseRequest(model="ideal-toys", process=settings)),
    ):
        run = run_of(frames, request, [frame.position for frame in frames], run_id=len(frames))
        for cursor in (0.0, process.T / 2, process.T):
            card.draw(replace(at(run, cursor), process=process))
            assert not card.grab().isNull()
        assert made.needs_beta is card.missing.isVisible()
        assert not made.needs_beta or ("β" in card.missing.accessibleName()) is made.about_beta
        made.forget()
    card.draw(at(reverse_run(run_id=9), 30.0))
    assert not card.missing.isVisible()
    made.close_instrument()


def forward_frame(t: float, process: Process) -> ForwardFrame:
    x = np.random.default_rng(1).normal(size=(2, 1, 28, 28)).astype(np.float32)
    return ForwardFrame(t, *process.at(t), x, x, step_noise=x)


def reverse_frame(t: float, process: Process) -> ReverseFrame:
    x = np.random.default_rng(2).normal(size=(2, 1, 28, 28)).astype(np.float32)
    return ReverseFrame(t, *process.at(t), 0.0, x, x, x)


def test_a_card_is_as_high_as_what_has_grown_in_it(bench: Desk, qtbot: QtBot) -> None:
    """However often the page was laid out before: Qt tells one item of a layout of another size, and it is that."""
    grid, made = CardGrid(QLabel("none")), [Counting(key, bench.services) for key in "ab"]
    qtbot.addWidget(grid)
    cards = [InstrumentFrame(each, each.key, "source", "#000000") for each in made]
    grid.resize(700, 1200)
    grid.show()
    for shown in (cards[:1], cards, cards[1:], cards):
        grid.show_cards(shown)
        QApplication.processEvents()
    for high in (HEIGHT + 90, HEIGHT + 10, HEIGHT + 200):
        for one in made:
            one.setFixedHeight(high)
        qtbot.waitUntil(lambda high=high: all(_scroll(card).height() == high for card in cards))  # type: ignore[misc]
        assert not any(_scroll(card).verticalScrollBar().maximum() for card in cards)


def _scroll(card: InstrumentFrame) -> SidewaysScroll:
    found = card.findChild(SidewaysScroll)
    assert isinstance(found, SidewaysScroll)
    return found


@pytest.mark.parametrize("width", [0, 240])
def test_every_card_fits_a_narrow_page(bench: Desk, preferences: Preferences, qtbot: QtBot, width: int) -> None:
    """What is wider scrolls inside its card: the button that puts it away is in sight, and nothing is out of reach."""
    preferences["instruments"] = ",".join(INSTRUMENTS)
    page = InstrumentPage(bench.services, preferences)
    qtbot.addWidget(page)
    page.resize(page.minimumSizeHint().width() + width, 700)
    page.show()
    drawn(page, qtbot)
    room = page.grid.viewport().width()
    for card in page.cards.values():
        button = card.close_button
        assert button.mapTo(page.grid.viewport(), button.rect().topRight()).x() < room
        scroll = _scroll(card)
        qtbot.waitUntil(lambda scroll=scroll: scroll.verticalScrollBar().maximum() == 0)  # type: ignore[misc]
        missing = card.instrument.minimumSizeHint().width() - scroll.viewport().width()
        assert scroll.horizontalScrollBar().maximum() == max(0, missing)
    assert raw_tags(page) == []
    page.close_page()


@pytest.mark.parametrize("key", INSTRUMENTS)
def test_every_instrument_can_be_left_and_found_in_a_state_of_its_own(key: str, bench: Desk) -> None:
    shown = at(reverse_run(), 60.0)
    first, other = (bench.show(INSTRUMENTS[key].make, key, 640) for _ in range(2))
    for made in (first, other):
        made.draw(shown)
    for part in first.parts().values():
        poke(part)
    look = json.loads(encode(first.look()))
    other.take_look(dict.fromkeys(look, HOSTILE))
    other.take_look(look)
    other.draw(shown)
    assert json.loads(encode(other.look())) == look
    for made in (first, other):
        made.close_instrument()


HOSTILE = {"chosen": ["a"], "value": 1e30, "panels": [{"off": "all"}], "on": "yes", "gaussians": [1, 2], "parts": 7}


def poke(part: object) -> None:
    """Let it be otherwise than at first."""
    if isinstance(part, Segments):
        part.button(part.keys()[-1]).click()
    elif isinstance(part, SliderRow):
        part.slider.setValue(part.value + 1)
    elif isinstance(part, Combo):
        part.setCurrentIndex(part.count() - 1)
    elif isinstance(part, KlPanel):
        part.set_gaussian(1, 0.5, 2.0)
        poke(part.which)
        poke(part.chart)
    elif isinstance(part, SwitchLook):
        part.button.setChecked(True)
    elif isinstance(part, PlotStack) and part.panels[0].lines:
        names = switched(part.panels[0])
        part.panels[0].off = {line.key for line in names[1:]}
        left, right = part.panels[0].box.whole[0]
        part.panels[0].box.look(x=(left, (left + right) / 2))


def test_the_page_keeps_the_state_of_instruments_that_nobody_has_looked_at(
    bench: Desk, preferences: Preferences, qtbot: QtBot
) -> None:
    preferences["instruments"] = "kl,scaling"
    page = InstrumentPage(bench.services, preferences)
    qtbot.addWidget(page)
    look = {"chosen": ["kl", "scaling"], "states": {"scaling": {"switch": {"chosen": "unscaled"}}, "nobody's": {}}}
    page.take_look(look)
    assert page.shown_keys() == ["kl", "scaling"]
    assert page.look()["states"] == {"scaling": {"switch": {"chosen": "unscaled"}}}
    page.show()
    made = page.instrument("scaling")
    assert isinstance(made, ScalingInstrument)
    assert made.switch.current() == "unscaled"
    page.close_page()
