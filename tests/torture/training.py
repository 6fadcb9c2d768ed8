"""A training's checkpoint and model, as the command line keeps them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch

from diffviz.domain.atomic import write_whole
from diffviz.domain.cards import read_card
from diffviz.domain.training import TrainPlanar
from diffviz.engine.training import TrainingLoop, model_of
from diffviz.engine.training_state import read_metadata
from diffviz.engine.training_tasks import task_for
from diffviz.engine.zoo import load_net, save_model

CHECKPOINT = "checkpoint.safetensors"


@lru_cache(maxsize=1)
def _training() -> TrainingLoop:
    torch.set_num_threads(1)  # children are forked: there may be no other thread
    training = TrainingLoop(task_for(TrainPlanar(images=1 << 20, batch=64)))
    training.step()
    return training


def kept(folder: Path, version: int) -> None:
    """Keep a training that has seen `version` images."""
    training = _training()
    training.state.seen = version
    for parameter in training.state.ema.parameters():
        parameter.data.fill_(float(version))
    card, weights = model_of(training, "toy")
    save_model(folder, card, weights)
    write_whole(folder / CHECKPOINT, training.state.checkpoint().data)


def version_of(folder: Path) -> int:
    """Images that the training in `folder` has seen: those of its checkpoint, or of its model where that is all."""
    _training()  # made once, for all children
    path = folder / CHECKPOINT
    card = folder / "card.json"
    if card.exists():
        load_net(read_card(folder))
    return read_metadata(path.read_bytes()).counters.seen if path.exists() else 0
