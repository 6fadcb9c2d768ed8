"""Are samples memorised? The training pictures nearest in features, though the classifier sees them bit by bit."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from diffviz import paths
from diffviz.domain import samples
from diffviz.domain.errors import ModelNotFound
from diffviz.domain.gan import NearestReal, Neighbours
from diffviz.domain.ideal import known_cards
from diffviz.domain.messages import Later
from diffviz.domain.requests import TRAIN
from diffviz.engine import features
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families.forward import unit
from diffviz.engine.nets.unet import Classifier

NAME = "Fashion-MNIST"
FEW = 70


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> samples.Dataset:
    """As if there were only some training pictures, and time for one glance an answer."""
    data = samples.load(NAME, TRAIN)
    less = samples.Dataset(data.name, data.classes, data.images[:FEW], data.labels[:FEW])
    monkeypatch.setattr(samples, "load", lambda _name, _part: less)
    monkeypatch.setattr(features, "SECONDS", 0.0)
    return less


def engine() -> LocalEngine:
    return LocalEngine(known_cards([paths.models()])[0], "cpu")


def asked(engine: LocalEngine, images: Any) -> Neighbours:
    query = NearestReal(NAME, images, ("k",))
    found = engine.answer(query)
    if isinstance(found, Later):  # the first time, they were read
        found = engine.answer(query)
    assert isinstance(found, Neighbours)
    return found


def test_every_answer_is_of_some_more_of_them(few: samples.Dataset) -> None:
    made, x = engine(), unit(few.images[:4])
    seen = [asked(made, x) for _ in range(5)]
    assert [found.seen for found in seen] == [20, 40, 60, 70, 70]
    assert {found.count for found in seen} == {FEW}
    assert all(np.all(b.distance <= a.distance) for a, b in pairwise(seen))
    np.testing.assert_array_equal(seen[-1].images, x)  # each has found itself
    assert seen[-1].distance.max() < 1e-3
    assert seen[-1].key == ("k",)


def test_the_neighbours_are_those_that_all_features_written_out_have(few: samples.Dataset) -> None:
    made = engine()
    x = np.ascontiguousarray(unit(few.images[:6])[:, :, ::-1])  # upside down: no picture of the set
    while (found := asked(made, x)).seen < FEW:
        pass
    net = made.models.net(made.models.classifier(NAME))
    assert isinstance(net, Classifier)
    with torch.inference_mode():
        mine, all_ = (net.features(torch.from_numpy(p)).numpy() for p in (x, unit(few.images)))
    every = np.linalg.norm(mine[:, None] - all_[None], axis=2)
    np.testing.assert_allclose(found.distance, every.min(1), rtol=1e-4)
    np.testing.assert_array_equal(found.images, unit(few.images[every.argmin(1)]))


def test_what_was_seen_once_is_kept_for_the_next_time(few: samples.Dataset, home: Path) -> None:
    made, x = engine(), unit(few.images[:2])
    while asked(made, x).seen < FEW:
        pass
    [file] = (paths.cache_home() / "features").iterdir()
    assert file.is_relative_to(home)
    again = asked(engine(), x)
    assert again.seen == FEW
    file.write_bytes(b"no features at all")
    assert asked(engine(), x).seen == 20, "what cannot be read is computed again"


def test_the_first_answer_comes_at_once() -> None:
    """All of them take the classifier many seconds; an answer takes a small part of one, processor time."""
    made, x = engine(), unit(samples.load(NAME).images[:6])
    made.models.net(made.models.classifier(NAME))
    samples.load(NAME, TRAIN)
    took = []
    for _ in range(4):
        began = time.process_time()
        found = asked(made, x)
        took.append(time.process_time() - began)
    assert found.count == 10_000
    assert found.seen < found.count
    assert min(took) < 0.15


def test_without_a_classifier_it_says_so() -> None:
    with pytest.raises(ModelNotFound):
        engine().answer(NearestReal("no such set", np.zeros((1, 1, 28, 28), np.float32)))
