"""Weights that other programs saved: their names are understood, and what does not fit is said in one short line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from diffviz.domain.atomic import write_whole
from diffviz.domain.cards import Card, read_card
from diffviz.domain.errors import CardMismatch
from diffviz.engine import zoo
from diffviz.engine.zoo import load_net, save_card, save_model
from tests.toys import save_diffusion

Weights = Mapping[str, Tensor]


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return save_diffusion(tmp_path)


def rewritten(card: Card, change: Callable[[Weights], Weights]) -> Card:
    path = card.folder / card.weights
    save_file(dict(change(load_file(path))), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    save_card(card.folder, {**card.raw, "weights": {"file": card.weights, "sha256": digest}})
    return read_card(card.folder)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "_orig_mod.module."])
def test_a_wrappers_prefix_is_understood(card: Card, prefix: str) -> None:
    before = load_net(card).state_dict()
    after = load_net(rewritten(card, lambda w: {prefix + name: t for name, t in w.items()})).state_dict()
    assert list(before) == list(after)
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: dict(list(w.items())[:2]), "it lacks"),
        (lambda w: {**w, **{f"more.{i}": torch.zeros(1) for i in range(9)}}, "no more.0, more.1, more.2 and 6 more"),
        (lambda w: {name: t[..., None].contiguous() for name, t in w.items()}, "another shape"),
        (lambda w: {name: t.to(torch.int8) for name, t in w.items()}, "whole numbers"),
    ],
)
def test_weights_that_do_not_fit_are_three_names_and_a_count(
    card: Card, change: Callable[[Weights], Weights], said: str
) -> None:
    with pytest.raises(CardMismatch) as caught:
        load_net(rewritten(card, change))
    assert said in caught.value.reason
    assert caught.value.reason.endswith(" more")
    assert caught.value.reason.count(",") == 2


def test_half_precision_is_read(card: Card) -> None:
    net = load_net(rewritten(card, lambda w: {name: t.half() for name, t in w.items()}))
    assert next(net.parameters()).dtype == torch.float32


@pytest.mark.parametrize("writings", [1, 2, 3])
def test_a_model_whose_saving_is_cut_off_opens(card: Card, monkeypatch: pytest.MonkeyPatch, writings: int) -> None:
    done: list[Path] = []

    def write(path: Path, data: bytes) -> None:
        if len(done) == writings:
            raise InterruptedError
        done.append(path)
        write_whole(path, data)

    monkeypatch.setattr(zoo, "write_whole", write)
    other = {name: tensor + 1 for name, tensor in load_net(card).state_dict().items()}
    with suppress(InterruptedError):
        save_model(card.folder, card.raw, other)
    load_net(read_card(card.folder))
    assert len(done) == writings
