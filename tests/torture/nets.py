"""Good weights and checkpoints of toy networks, and their damage: what needs torch to be made."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from diffviz.domain.cards import Card
from diffviz.domain.training import TrainPlanar
from diffviz.engine.training import TrainingLoop
from diffviz.engine.training_tasks import task_for
from tests.torture.damage import arrays, documents
from tests.torture.samples import Files, Sample
from tests.toys import save_classifier, save_diffusion, save_vae

WEIGHTS, CARD = "weights.safetensors", "card.json"


def _models() -> Iterable[Files]:
    """The files of toy models. Their cards name no checksum: damage is to get past it."""
    makers: tuple[Callable[[Path], Card], ...] = (save_diffusion, save_vae, save_classifier)
    for make in makers:
        with tempfile.TemporaryDirectory() as root:
            folder = make(Path(root)).folder
            card = json.loads((folder / CARD).read_text(encoding="utf-8"))
            card["weights"]["sha256"] = ""
            yield {CARD: json.dumps(card).encode(), WEIGHTS: (folder / WEIGHTS).read_bytes()}


def weights() -> Iterable[Sample]:
    """Models with damaged weights."""
    for files in _models():
        yield Sample(files, WEIGHTS, arrays.tensors(files[WEIGHTS]))


def architectures() -> Iterable[Sample]:
    """Models with good weights and a damaged card."""
    for files in _models():
        yield Sample(files, CARD, documents.damaged(files[CARD]))


def checkpoints() -> Iterable[Sample]:
    """The checkpoint of a training after two steps."""
    training = TrainingLoop(task_for(TrainPlanar(images=1 << 20, batch=64)))
    for _ in range(2):
        training.step()
    data = training.state.checkpoint().data
    yield Sample({"checkpoint.safetensors": data}, "checkpoint.safetensors", arrays.tensors(data))
