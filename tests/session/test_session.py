"""The session: runs, what is shown, the cursor, and the player that moves it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.cards import Card
from diffviz.domain.messages import (
    AddCard,
    Answered,
    Ask,
    Cancel,
    Cancelled,
    Device,
    Failed,
    Finished,
    FramesReady,
    Paused,
    Queued,
    Ready,
    RemoveCard,
    Resumed,
    Start,
    Started,
    Unready,
)
from diffviz.domain.requests import Image, Plan, Request, ReverseRequest, Step
from diffviz.domain.store import Budget
from diffviz.families import FAMILIES, naming
from diffviz.families.family import NamePart
from diffviz.session.player import SPEEDS, Player
from diffviz.session.preferences import Preferences
from diffviz.session.run import Run, RuntimeEstimator, Status
from diffviz.session.session import Session
from tests.session.toys import COUNTING, Count, CountFrame, Echo, FakeLink, count_plan


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def session(qtbot: QtBot, link: FakeLink) -> Session:
    return Session(link, count_plan, {})


def frames(run: Run, *positions: float) -> FramesReady:
    return FramesReady(run.id, tuple(CountFrame(p, np.array([p], np.float32)) for p in positions))


def finished(session: Session, link: FakeLink, to: int = 5) -> Run:
    run = session.start(Count(to=to), "a")
    link.received.emit(Started(run.id))
    link.received.emit(frames(run, *range(to)))
    link.received.emit(Finished(run.id))
    return run


def test_a_run_from_start_to_finish(session: Session, link: FakeLink) -> None:
    run = session.start(Count(to=4), "a")
    assert isinstance(link.sent[0], Start)
    assert (run.status, run.progress, session.frame()) == (Status.SENT, 0, None)
    link.received.emit(Started(run.id))
    link.received.emit(frames(run, 0, 1))
    assert (run.status, run.progress, session.cursor) == (Status.RUNNING, 0.5, 1)
    link.received.emit(frames(run, 2, 3))
    link.received.emit(Finished(run.id))
    assert (run.status, run.progress, session.cursor) == (Status.FINISHED, 1, 3)


def test_the_plan_is_made_once_and_travels(link: FakeLink) -> None:
    made = []

    def planner(request: Request, cards: object) -> Plan:
        made.append(count_plan(request, {}))
        return made[-1]

    run = Session(link, planner, {}).start(Count(to=4), "a")
    [plan] = made
    assert run.plan is plan
    assert isinstance(link.sent[0], Start)
    assert link.sent[0].plan is plan


def test_nothing_comes_after_the_end(session: Session, link: FakeLink) -> None:
    run = session.start(Count(), "a")
    for event in (Started(run.id), frames(run, 0), Cancelled(run.id), frames(run, 1), Finished(run.id)):
        link.received.emit(event)
    assert run.status is Status.CANCELLED
    assert len(run.store) == 1


def test_frames_stay_after_a_failure(session: Session, link: FakeLink) -> None:
    run = session.start(Count(), "a")
    for event in (Queued(run.id), Started(run.id), frames(run, 0, 1), Failed(run.id, RuntimeError("x"), "trace")):
        link.received.emit(event)
    assert run.status is Status.FAILED
    assert (str(run.error), run.details, len(run.store)) == ("x", "trace", 2)


def test_a_run_without_room_for_its_frames_fails_and_keeps_those_it_has(qtbot: QtBot, link: FakeLink) -> None:
    file = Path(__file__)
    session = Session(link, count_plan, {}, Budget(0, file / "a folder inside a file"))
    run = session.start(Count(), "a")
    link.received.emit(Started(run.id))
    with qtbot.waitSignal(session.runs_changed):
        link.received.emit(frames(run, 0))
    assert run.status is Status.FAILED
    assert isinstance(run.error, OSError)
    assert "OSError" in run.details or "NotADirectoryError" in run.details
    assert isinstance(link.sent[-1], Cancel)
    link.received.emit(Cancelled(run.id))
    assert run.status is Status.FAILED


def test_events_of_a_forgotten_run_are_dropped(session: Session, link: FakeLink) -> None:
    run = finished(session, link)
    session.remove(run)
    link.received.emit(frames(run, 0))
    assert session.runs == []
    assert session.a is None
    assert session.budget.used == 0


def test_time_spent_paused_is_not_time_computed(
    session: Session, link: FakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([10.0, 12.0, 12.0, 112.0, 114.0])
    monkeypatch.setattr("diffviz.session.run.time.monotonic", lambda: next(now))
    run = session.start(Count(), "a")
    for event in (Started(run.id), frames(run, 0, 1), Paused(run.id), Resumed(run.id), frames(run, 2, 3)):
        link.received.emit(event)
    assert (run.seconds, run.rate) == (4.0, 1.0)


def test_cursor_stops_following_when_it_is_moved(session: Session, link: FakeLink) -> None:
    run = session.start(Count(to=6), "a")
    link.received.emit(Started(run.id))
    link.received.emit(frames(run, 0, 1, 2))
    session.seek(1)
    link.received.emit(frames(run, 3))
    assert session.cursor == 1
    session.follow()
    assert session.cursor == 3
    session.seek(99)
    assert session.cursor == 3, "the run has come no further: nothing stands where there is no frame"
    link.received.emit(frames(run, 4, 5))
    assert session.cursor == run.plan.high


def test_replaced_runs_leave_no_trace(session: Session, link: FakeLink) -> None:
    for seed in range(5):
        run = session.start(Count(seed=seed), "live", replace=True)
        link.received.emit(Started(run.id))
        link.received.emit(frames(run, 0, 1, 2))
        session.seek(1)
    assert len(session.runs) == 1
    assert session.cursor == 1
    assert sum(isinstance(c, Cancel) for c in link.sent) == 4


def test_branch_knows_its_parent_and_takes_its_frame_along(session: Session, link: FakeLink) -> None:
    parent = finished(session, link)
    child = session.start(Count(seed=1, start=Step(parent.request, 2.2)), "b")
    assert child.parent is parent
    start = link.sent[-1]
    assert isinstance(start, Start)
    assert start.materials.origin is not None
    assert start.materials.origin.position == 2


def test_pictures_travel_with_the_request(session: Session, link: FakeLink) -> None:
    pixels = np.zeros((4, 4), np.uint8)
    name = session.add_image(pixels)
    session.start(Count(start=Image((name,), (4, 4))), "a")
    start = link.sent[-1]
    assert isinstance(start, Start)
    assert start.materials.images[name] is pixels


def test_device_and_answers(qtbot: QtBot, session: Session, link: FakeLink) -> None:
    with qtbot.waitSignal(session.device_changed):
        link.received.emit(Ready(Device("cpu", "toy", 2)))
    assert session.device is not None
    with qtbot.waitSignal(session.device_changed):
        link.received.emit(Unready(RuntimeError("x"), ""))
    assert session.device_error is not None
    session.ask("hover", Echo("word"))
    assert isinstance(link.sent[-1], Ask)
    with qtbot.waitSignal(session.answered, check_params_cb=lambda view, answer: (view, answer) == ("hover", 1)):
        link.received.emit(Answered("hover", 1))


@pytest.fixture
def player(session: Session) -> Iterator[Player]:
    player = Player(session)
    yield player
    player.pause()


def test_player_plays_to_the_end_and_stops(qtbot: QtBot, session: Session, link: FakeLink, player: Player) -> None:
    finished(session, link)
    player.speed = SPEEDS[-1]
    player.play()
    assert player.playing
    assert session.cursor < 4
    qtbot.waitUntil(lambda: not player.playing)
    assert session.cursor == 4


def test_player_loops(qtbot: QtBot, session: Session, link: FakeLink, player: Player) -> None:
    finished(session, link)
    player.speed, player.loop = SPEEDS[-1], True
    seen: list[float] = []
    session.cursor_changed.connect(lambda: seen.append(session.cursor))
    player.play()
    qtbot.waitUntil(lambda: any(b < a for a, b in pairwise(seen)))
    assert player.playing


def test_player_steps_and_jumps(session: Session, link: FakeLink, player: Player) -> None:
    finished(session, link)
    player.jump(-1)
    assert session.cursor == 0
    player.step(2)
    player.step(-1)
    assert session.cursor == 1
    player.step(99)
    assert session.cursor == 4
    player.jump(1)
    assert session.cursor == 4


def test_player_speeds(player: Player) -> None:
    player.change_speed(1)
    assert player.speed == SPEEDS[SPEEDS.index(1.0) + 1]
    for _ in range(20):
        player.change_speed(-1)
    assert player.speed == SPEEDS[0]


def test_player_without_a_run_does_nothing(player: Player) -> None:
    player.play()
    player.step(1)
    player.jump(1)
    assert not player.playing


def test_preferences_persist_and_survive_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "settings" / "diffviz.ini"
    first = Preferences(path)
    first["budget_mb"] = 1024
    first["mirrored"] = True
    first["language"] = "ko"
    first.save()
    second = Preferences(path)
    assert (second["budget_mb"], second["mirrored"], second["language"]) == (1024, True, "ko")
    path.write_text("[General]\nbudget_mb=much\nmirrored=perhaps\nwhat=ever\n")
    third = Preferences(path)
    assert (third["budget_mb"], third["mirrored"], third["theme"]) == (512, False, "")


def test_costs_are_learnt_from_runs(session: Session, link: FakeLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, Count, COUNTING)
    costs = RuntimeEstimator()
    run = finished(session, link)
    run.seconds = 2.0
    costs.observe(run)
    assert costs.estimate(run.request, run.plan) is None


def test_a_run_is_pinned_beside_and_both_change_places(session: Session, link: FakeLink, qtbot: QtBot) -> None:
    first, second = finished(session, link), finished(session, link, to=9)
    with qtbot.waitSignal(session.pinned_changed):
        session.pin(first)
    assert (session.a, session.b) == (second, first)
    session.seek(3)
    session.swap()
    assert (session.a, session.b) == (first, second)
    assert session.cursor == 3


def test_a_run_that_is_not_shown_leaves_the_screen_alone(session: Session, link: FakeLink) -> None:
    shown = finished(session, link)
    session.seek(2)
    beside = session.start(Count(to=3), "beside", show=False)
    link.received.emit(Started(beside.id))
    link.received.emit(frames(beside, 0, 1, 2))
    assert session.a is shown
    assert session.cursor == 2
    assert len(beside.store) == 3


def test_frames_of_the_pinned_run_are_told_too(session: Session, link: FakeLink, qtbot: QtBot) -> None:
    finished(session, link)
    beside = session.start(Count(to=3), "beside", show=False)
    session.pin(beside)
    link.received.emit(Started(beside.id))
    with qtbot.waitSignal(session.frames_arrived):
        link.received.emit(frames(beside, 0))


def test_a_pinned_run_keeps_its_place_in_the_list(session: Session, link: FakeLink) -> None:
    """A live control replaces the run it started before, unless that is being compared."""
    kept = session.start(Count(to=3), "a")
    session.pin(kept)
    session.start(Count(to=4), "a", replace=True)
    assert kept in session.runs
    session.remove(kept)
    assert session.b is None


def test_renaming_is_a_change_of_the_list(session: Session, link: FakeLink, qtbot: QtBot) -> None:
    run = finished(session, link)
    with qtbot.waitSignal(session.runs_changed):
        session.rename(run, "Mine")
    with qtbot.assertNotEmitted(session.runs_changed):
        session.rename(run, "Mine")


def test_removed_runs_come_back_with_their_frames_as_long_as_there_is_room(session: Session, link: FakeLink) -> None:
    first, second = finished(session, link), finished(session, link)
    one = first.store.nbytes
    session.budget.limit = 6 * one  # a quarter of that is more than one of them, and less than two
    session.remove(first, second, keep=True)
    assert (session.runs, session.a) == ([], None)
    assert len(first.store) == 0, "the oldest loses its frames"
    frames_kept = len(second.store)
    session.put_back(second, 0)
    assert session.runs == [second]
    assert frames_kept == len(second.store) > 0
    session.remove(second)
    assert session.budget.used == 0


def test_one_of_the_same_list_is_shown_when_the_shown_run_goes(session: Session, link: FakeLink) -> None:
    session.start(Count(to=9), "elsewhere/b", show=False)
    one, two, three = (session.start(Count(to=n), "a/b") for n in (3, 4, 5))
    session.show(two)
    session.remove(two)
    assert session.a is three
    session.remove(three)
    assert session.a is one
    session.remove(one)
    assert session.a is None


def test_what_an_instrument_computes_never_takes_the_stage(session: Session, link: FakeLink) -> None:
    first = finished(session, link)
    session.start(Count(to=3), "instrument/plane", show=False)
    second = session.start(Count(to=4), "a")
    session.remove(second)
    assert session.a is first
    session.remove(first)
    assert session.a is None


def model(name: str, sha256: str = "1") -> Card:
    return Card(name, name, "diffusion", Path(name), (1, 4, 4), sha256=sha256)


def test_models_come_and_go_and_the_worker_is_told(link: FakeLink, session: Session, qtbot: QtBot) -> None:
    one, two = model("one"), model("two")
    with qtbot.waitSignal(session.cards_changed):
        session.take_cards({"one": one, "two": two})
    with qtbot.assertNotEmitted(session.cards_changed):
        session.take_cards({"one": one, "two": two})
    assert link.sent == [AddCard(one), AddCard(two)]
    link.sent.clear()
    session.take_cards({"two": model("two", "2")})
    assert link.sent == [RemoveCard("one"), AddCard(model("two", "2"))]
    assert dict(session.offered) == {"two": model("two", "2")}
    assert session.cards["one"] == one, "runs of it are still read"
    session.take_cards({"one": one})
    assert link.sent[2:] == [RemoveCard("two"), AddCard(one)], "it is there again"
    session.take_cards({"one": one}, (one,))
    assert link.sent[4:] == [AddCard(one)], "its files are others: they are read anew"


def test_a_run_keeps_the_checksums_it_was_begun_with(qtbot: QtBot) -> None:
    session = Session(FakeLink(), lambda _, cards: count_plan(Count(), cards), {"one": model("one")})
    run = session.start(ReverseRequest(model="one"), "a")
    session.take_cards({"one": model("one", "2")})
    later = session.start(ReverseRequest(model="one"), "b")
    assert (session.record(run).models, session.record(later).models) == ({"one": "1"}, {"one": "2"})


def test_what_a_run_is_said_to_be_is_put_together_once(
    session: Session, link: FakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, asked = session.start(Count(to=4), "a"), list[Request]()

    def parts_of(request: Request, _cards: object) -> naming.Parts:
        asked.append(request)
        return (NamePart("to", f"to {len(asked)}"),)

    monkeypatch.setattr(naming, "parts_of", parts_of)
    assert session.names.described(run) == "to 1"
    link.received.emit(Started(run.id))
    link.received.emit(frames(run, 0, 1))
    assert session.names.described(run) == "to 1"
    session.cards_changed.emit()
    assert session.names.described(run) == "to 2"
