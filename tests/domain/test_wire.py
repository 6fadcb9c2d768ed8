"""Messages between processes: everything that crosses comes back as it was, and nothing else does."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import diffviz.domain
from diffviz.domain import errors, gan, messages, requests
from diffviz.domain.channel import SharedRing
from diffviz.domain.frames import Checkpoint, Frame, ReverseFrame
from diffviz.domain.ideal import known_cards
from diffviz.domain.requests import Plan
from diffviz.domain.sentences import sentence
from diffviz.domain.tagged import TAGS
from diffviz.domain.wire import TABLE, Codec, Setup
from diffviz.paths import models
from tests.session.toys import CountFrame

NAN = float("nan")


def back(value: Any, codec: Codec | None = None) -> Any:
    codec = codec or Codec()
    return codec.decode(codec.encode(value))


def frame(size: int = 4) -> ReverseFrame:
    x, x0, eps = (np.random.default_rng(i).normal(size=(2, 1, size, size)).astype(np.float32) for i in range(3))
    return ReverseFrame(10.0, 0.5, NAN, float("inf"), x, x0, eps)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same, arrays and what is not a number included."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if type(one) is not type(other):
        return False
    if dataclasses.is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))
    if isinstance(one, Exception):
        return same(one.args, other.args)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other or (one != one and other != other))


LINE = gan.GanRequest(start=requests.Step(gan.GanRequest(start=requests.Step(gan.GanRequest(seed=3), 4.5)), 20.0, 1))
PICTURES = {"a" * 64: np.zeros((28, 28), np.uint8)}
COMMANDS = (
    messages.Start(1, "gan", LINE, messages.RunInputs(PICTURES, frame(), Checkpoint(5.0, bytes(20_000))), held=True),
    messages.Start(2, "rückwärts", requests.ReverseRequest(model="digits-ddpm", start=requests.Noise())),
    messages.Cancel(3),
    messages.Pause(4),
    messages.Resume(5),
    messages.Advance(6, 2, "D"),
    messages.Ask("view", gan.AskD(LINE, 30.5, np.ones((5, 2), np.float32), Checkpoint(0.0, b"x"))),
    messages.UseDevice("cpu"),
    messages.WarmUp(None),
    messages.ShareThreads(2),
    messages.AddCard(next(iter(known_cards([models()])[0].values()))),
    messages.RemoveCard("digits-ddpm"),
)
EVENTS = (
    messages.Queued(1),
    messages.Started(1),
    messages.Loading(1, 3, 7),
    messages.FramesReady(1, (frame(), frame(64))),
    messages.CheckpointReady(1, Checkpoint(0.5, bytes(range(256)) * 100)),
    messages.Paused(1),
    messages.Resumed(1),
    messages.Finished(1),
    messages.Cancelled(1),
    messages.Failed(1, errors.OutOfMemory(3), "Traceback …\ud800"),
    messages.Answered("view", gan.Judged(np.array([0.5, NAN], np.float32))),
    messages.Answered("view", None),
    messages.Answered("view", gan.Replaying(3.0)),
    messages.Ready(messages.Device("cpu", "x86", 2)),
    messages.Unready(errors.DeviceUnavailable("cuda", ("cpu",)), ""),
)


@pytest.mark.parametrize("message", [*COMMANDS, *EVENTS], ids=lambda m: type(m).__name__)
def test_messages_come_back(message: Any) -> None:
    assert same(back(message), message)


@pytest.mark.parametrize("message", [*COMMANDS, *EVENTS], ids=lambda m: type(m).__name__)
def test_messages_come_back_by_shared_memory(message: Any) -> None:
    ring = SharedRing.made(1 << 16)
    codec = Codec(ring)
    for _ in range(9):
        ring.begin()
        assert same(back(message, codec), message)
        ring.take(ring.written)
    ring.close()


def test_requests_settings_and_plans_come_back() -> None:
    for cls in set(TAGS.values()) - {requests.Step, requests.Image}:
        value = cls()
        assert back(value) == value
    image = requests.ForwardRequest(start=requests.Image(("a" * 64,), (32, 32, 3)))
    assert back(image) == image
    plan = Plan(0.0, 1.0, tuple(i / 7 for i in range(1000)), 5, 6, between=True)
    assert back(plan) == plan
    long = requests.ReverseRequest()
    for n in range(requests.DEEPEST - 1):
        long = requests.ReverseRequest(start=requests.Step(long, float(n)))
    assert ats(back(long)) == ats(long)


def ats(request: requests.Request) -> list[float]:
    """Where `request` and those before it begin."""
    return [each.start.at for each in requests.ancestry(request) if isinstance(each.start, requests.Step)]


def test_cards_come_back() -> None:
    cards, _ = known_cards([models()])
    assert same(back(Setup(cards, "auto", 5)), Setup(cards, "auto", 5))


def test_every_message_has_a_place() -> None:
    """Every kind of request, frame, query and error of the program, and every command and event."""
    for each in pkgutil.iter_modules(diffviz.domain.__path__, "diffviz.domain."):
        importlib.import_module(each.name)
    bases = (requests.Request, Frame, messages.Query, errors.DiffvizError)
    kinds = {cls for base in bases for cls in descendants(base) if cls.__module__.startswith("diffviz.domain")}
    kinds |= {type(message) for message in (*COMMANDS, *EVENTS)}
    kinds |= set(messages.Command.__args__) | set(messages.Event.__args__)
    assert {cls.__name__ for cls in kinds} <= TABLE.keys()


def descendants(cls: type[Any]) -> set[type[Any]]:
    return {cls, *(each for child in cls.__subclasses__() for each in descendants(child))}


@pytest.mark.parametrize(
    "error",
    [
        errors.OutOfRange("Steps", 0, 1, 5, "so"),
        errors.ModelDamaged(Path("/a/b\udce9"), "torn"),
        errors.ModelNotFound("x", ("a", "b"), (Path("/a"),)),
        errors.Diverged(3.5),
        errors.ProcessLost(9, 0),
        errors.DiffvizError("as it is"),
        errors.Interrupted(),
        OSError(28, "No space left on device", "/tmp/x"),
        FileNotFoundError(2, "No such file", "/tmp/x"),
        OSError("odd"),
        MemoryError(),
        RuntimeError("two", "words"),
        KeyError("name"),
        ValueError("half \ud800 of a character"),
    ],
    ids=repr,
)
def test_errors_keep_their_sentence(error: Exception) -> None:
    assert sentence(back(error)) == sentence(error)
    assert isinstance(back(error), type(error))


def test_errors_of_libraries_are_said_in_words() -> None:
    class TornError(RuntimeError):
        pass

    found = back(TornError("in two"))
    assert type(found) is RuntimeError
    assert str(found) == "TornError: in two"


@pytest.mark.parametrize("value", [object(), CountFrame(0.0, np.zeros(1, np.float32)), np.array([object()]), {1, 2}])
def test_what_has_no_place_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        Codec().encode(messages.Answered("view", value))


@pytest.mark.parametrize(
    "tree",
    [
        {"of": ["Path", ["/"]]},
        {"of": ["Cancel", []]},
        {"of": ["Cancel", [1, 2]]},
        {"of": 3},
        {"raised": ["eval", ["1"]]},
        {"raised": ["SystemExit", ["1"]]},
        {"array": ["O", [1], b"12345678"]},
        {"array": ["<f4", [3], b"1234"]},
        {"array": ["<f4", [1], [10, 4]]},
        {"line": [1]},
        {"unknown": 1},
        {"of": ["Cancel", [1]], "list": []},
        {},
    ],
    ids=repr,
)
def test_nothing_else_comes_out(tree: Any) -> None:
    from diffviz.domain.serialization import pack

    with pytest.raises(ValueError, match=r".*"):
        Codec().decode(pack(tree))


def test_damage_is_noticed_or_harmless() -> None:
    data = Codec().encode(EVENTS[2])
    rng = np.random.default_rng(0)
    for _ in range(400):
        torn = bytearray(data)
        torn[rng.integers(min(200, len(torn)))] = rng.integers(256)
        with suppress(ValueError):
            Codec().decode(torn)
