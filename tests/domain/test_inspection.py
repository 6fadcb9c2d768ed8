"""What is said of a model before it is run, whoever wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diffviz.domain import errors, inspection
from diffviz.paths import models
from tests.foreign_folders import PIPELINE, TENSOR, WEIGHTS, pipeline, stored, write

NAMES = ("down.0.weight", "down.0.bias", "down.1.weight", "head")


def test_a_model_of_another_program_is_told(tmp_path: Path) -> None:
    found = inspection.inspect(pipeline(tmp_path / "tiny") / WEIGHTS)
    facts = dict(found.facts)
    assert facts["network"] == "UNet2DModel"
    assert (facts["shape"], facts["parameters"], facts["numbers"]) == ([3, 8, 8], 2, "F32")
    assert (facts["scheduler"], facts["spacing"], facts["licence"]) == ("DDPMScheduler", "leading", "apache-2.0")
    assert len(facts["sha256"]) == 64
    assert not found.problems
    assert json.loads(json.dumps(inspection.as_json(found)))["facts"]["process"]["kind"] == "Sigmoid"


def test_a_model_of_this_program_is_told_alike() -> None:
    found = inspection.inspect(models() / "digits-ddpm")
    assert found.card is not None
    assert found.facts["sha256"] == found.card.sha256
    assert sum(block.parameters for block in found.blocks) == found.facts["parameters"] == found.card.parameters
    assert dict(inspection.words(found.facts, "cosine"))["Parameters"] == f"{found.card.parameters:,}"


def test_the_tree_follows_the_dots_and_ends_somewhere(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    names = (*NAMES, "." * 5000)
    path.write_bytes(stored(dict.fromkeys(names, TENSOR)))
    found = inspection.inspect(path)
    down, head, _ = found.blocks
    assert (down.name, down.parameters, [block.parameters for block in down.blocks]) == ("down", 6, [4, 2])
    assert (head.shape, head.blocks) == ((2,), ())
    assert len(found.problems) == 1, "weights alone do not say what they are of"
    json.dumps(inspection.as_json(found))


def test_what_is_refused_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "tiny")
    write(folder, "model_index.json", {**PIPELINE, "text_encoder": ["transformers", "CLIPTextModel"]})
    found = inspection.inspect(folder)
    assert "text_encoder (CLIPTextModel)" in found.facts["network"]
    assert len(found.problems) == 1
    pickle = tmp_path / "net.ckpt"
    pickle.touch()
    assert "pickle" in inspection.inspect(pickle).problems[0]
    with pytest.raises(errors.ModelNotFound):
        inspection.inspect(tmp_path / "absent")
