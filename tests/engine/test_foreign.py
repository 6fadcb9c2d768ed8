"""Pipelines that diffusers wrote, opened here: each step as diffusers takes it, and the whole run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from diffviz.cli import evaluate
from diffviz.cli.main import main
from diffviz.cli.run import UsageError
from diffviz.domain import errors, sampling
from diffviz.domain.cards import Card, read_card
from diffviz.domain.frames import Frame
from diffviz.domain.messages import Later, RunInputs
from diffviz.domain.provenance import differences
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sentences import sentence
from diffviz.engine import zoo
from diffviz.engine.engine import LocalEngine
from diffviz.export.reading import read_record
from diffviz.theory.schedules import NoiseSchedule
from tests import pipelines

STEP, RUN = 1e-5, 1e-4
"""How near one step and a whole run are to those of diffusers, relative to the largest value."""
SCHEDULES: Mapping[str, Mapping[str, Any]] = {
    "linear": {},
    "scaled linear": {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    "cosine": {"beta_schedule": "squaredcos_cap_v2"},
    "sigmoid": {"beta_schedule": "sigmoid"},
    "trained": {"trained_betas": [0.001 * (n + 1) for n in range(50)]},
    "zero terminal": {"rescale_betas_zero_snr": True, "prediction_type": "v_prediction"},
    "zero terminal, trained": {
        "trained_betas": [0.001 * (n + 1) for n in range(50)],
        "rescale_betas_zero_snr": True,
        "prediction_type": "sample",
    },
    "few": {"num_train_timesteps": 100},
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pipelines.written(tmp_path_factory.mktemp("pipelines") / "tiny-ddpm")


def computed(card: Card, **settings: Any) -> list[Any]:
    engine = LocalEngine({card.id: card}, "cpu")
    request = ReverseRequest(**{"model": card.id, "samples": 2, "steps": 4, "clip": False, **settings})
    return [item for item in engine.frames(request, RunInputs()) if isinstance(item, Frame)]


def near(ours: Any, theirs: Any, tolerance: float) -> bool:
    found, wanted = np.asarray(ours), np.asarray(theirs)
    return bool(np.abs(found - wanted).max() <= tolerance * max(1.0, np.abs(wanted).max()))


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_process_that_a_scheduler_declares_is_that_of_diffusers(name: str, tmp_path: Path) -> None:
    theirs = pipelines.scheduler("DDPM", **SCHEDULES[name])
    declared = pipelines.declared_by(theirs, tmp_path)
    ours = NoiseSchedule.from_settings(declared.process)
    assert ours.timesteps == len(theirs.betas)
    np.testing.assert_allclose(ours.alpha_bar[1:], theirs.alphas_cumprod, rtol=2e-4, atol=1e-6)
    assert (ours.alpha_bar[-1] < 1e-15) == name.startswith("zero")


@pytest.mark.parametrize(("theirs", "ours"), [("epsilon", "eps"), ("v_prediction", "v"), ("sample", "x0")])
@pytest.mark.parametrize("clip", [False, True])
def test_single_steps_are_those_of_diffusers(theirs: str, ours: str, clip: bool, tmp_path: Path) -> None:
    scheduler = pipelines.scheduler(
        "DDIM", prediction_type=theirs, clip_sample=clip, timestep_spacing="leading", beta_schedule="squaredcos_cap_v2"
    )
    card = read_card(pipelines.written(tmp_path, scheduler))
    assert card.prediction == ours
    frames = computed(card, clip=clip, spacing="leading")
    scheduler.set_timesteps(len(frames) - 1)
    assert [frame.position - 1 for frame in frames[:-1]] == scheduler.timesteps.tolist()
    for frame, after, t in zip(frames, frames[1:-1], scheduler.timesteps, strict=False):
        x = torch.tensor(frame.x)
        with torch.inference_mode():
            said = scheduler.step(pipelines.unet()(x, t).sample, t, x, use_clipped_model_output=True)
        assert near(frame.x0, said.pred_original_sample, STEP)
        assert near(after.x, said.prev_sample, STEP)


def test_a_whole_run_of_ddim_is_that_of_the_pipeline(folder: Path) -> None:
    scheduler = pipelines.scheduler("DDIM", clip_sample=False, timestep_spacing="trailing")
    card = read_card(folder)
    frames = computed(card, steps=20)
    scheduler.set_timesteps(20)
    x = torch.tensor(frames[0].x)
    for t in scheduler.timesteps:
        with torch.inference_mode():
            x = scheduler.step(pipelines.unet()(x, t).sample, t, x).prev_sample
    assert near(frames[-1].x, x, RUN)


def test_a_class_conditional_network_is_told_the_classes(tmp_path: Path) -> None:
    card = read_card(pipelines.written(tmp_path, num_class_embeds=5))
    assert card.classes == ("0", "1", "2", "3", "4")
    assert card.always_told
    (frame, *_) = computed(card, label=3, steps=2)
    with torch.inference_mode():
        told = pipelines.unet(num_class_embeds=5)(torch.tensor(frame.x), 999, class_labels=torch.tensor([3, 3])).sample
    assert near(frame.eps, told, STEP)
    for wrong in ({"label": "none"}, {"label": 0, "guidance": 2.0}, {"label": 5}):
        with pytest.raises((errors.NotAChoice, errors.OutOfRange)):
            computed(card, **wrong)


def test_learnt_variances_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    scheduler = pipelines.scheduler("DDPM", variance_type="learned_range")
    card = read_card(pipelines.written(tmp_path, scheduler, out_channels=6))
    assert any("variance" in note for note in card.notes)
    (frame, *_) = computed(card, steps=2)
    with torch.inference_mode():
        said = pipelines.unet(out_channels=6)(torch.tensor(frame.x), 999).sample
    assert near(frame.eps, said[:, :3], STEP)


def test_it_loads_a_part_at_a_time(folder: Path) -> None:
    card = read_card(folder)
    engine = LocalEngine({card.id: card}, "cpu")
    items = list(engine.frames(ReverseRequest(model=card.id, samples=1, steps=2), RunInputs()))
    parts = [item for item in items if isinstance(item, Later)]
    assert parts[0].done == 0
    assert parts[-1].done == parts[-1].total == 4 * card.parameters
    assert all(one.done < other.done for one, other in pairwise(parts))


def old_names(tensors: dict[str, Any]) -> dict[str, Any]:
    words = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}

    def renamed(name: str) -> str:
        for new, old in words.items():
            name = name.replace(new, old)
        return name

    return {renamed(name): tensor for name, tensor in tensors.items()}


def flat(folder: Path) -> None:
    """The layout of old: all files beside `model_index.json`, layers by the names that they had."""
    for path in [*(folder / "unet").iterdir(), *(folder / "scheduler").iterdir()]:
        path.rename(folder / path.name)
    weights = folder / "diffusion_pytorch_model.safetensors"
    save_file(old_names(load_file(weights)), weights)


def in_parts(folder: Path) -> None:
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    weights.unlink()
    names = sorted(tensors)
    for n, half in enumerate((names[::2], names[1::2]), 1):
        part = folder / "unet" / f"diffusion_pytorch_model-0000{n}-of-00002.safetensors"
        save_file({name: tensors[name] for name in half}, part)


def half_precision(folder: Path) -> None:
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    halves = {name: tensor.half() for name, tensor in load_file(weights).items()}
    weights.unlink()
    save_file(halves, folder / "unet" / "diffusion_pytorch_model.fp16.safetensors")


def bare(folder: Path) -> None:
    for path in (folder / "unet").iterdir():
        path.rename(folder / path.name)
    (folder / "model_index.json").unlink()
    (folder / "scheduler" / "scheduler_config.json").unlink()


@pytest.mark.parametrize("change", [flat, in_parts, half_precision, bare])
def test_every_layout_opens(change: Callable[[Path], None], folder: Path, tmp_path: Path) -> None:
    moved = pipelines.written(tmp_path / "other")
    change(moved)
    (first, *_), (wanted, *_) = computed(read_card(moved), steps=2), computed(read_card(folder), steps=2)
    assert near(first.eps, wanted.eps, 2e-3 if change is half_precision else 0.0)
    assert bool(read_card(moved).notes) == (change is bare)
    assert read_card(moved).schedule == sampling.Linear()


class Reference:
    """A network of diffusers asked by its own pipeline: x̂0 in [−1, 1] of `x` at σ (of pictures in [−1, 1])."""

    def __init__(self, its: Any) -> None:
        self.settings = {"time_embedding_type": "fourier"} if "Ve" in type(its).__name__ else {}
        self.its, self.net = its, pipelines.unet(**self.settings)

    def score_sde(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """Tweedie's formula on the score, as pictures in [0, 1] have it (Song et al. 2021)."""
        of_them, less = (x + 1) / 2, torch.full((len(x),), sigma / 2)
        found: torch.Tensor = 2 * (of_them + (sigma / 2) ** 2 * self.net(of_them, less).sample) - 1
        return found

    def karras_ve(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        said = sigma / 2 * self.net((x + 1) / 2, torch.full((len(x),), sigma / 2)).sample
        found: torch.Tensor = self.its.step(said, torch.tensor(sigma), torch.tensor(sigma / 2), x).pred_original_sample
        return found

    def edm(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        at = torch.tensor(sigma)
        out = self.net(self.its.precondition_inputs(x, at), self.its.precondition_noise(at)).sample
        found: torch.Tensor = self.its.precondition_outputs(x, out, at)
        return found

    def consistency(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        skip, out = self.its.get_scalings_for_boundary_condition(torch.tensor(sigma))
        told = torch.tensor(float(self.its.sigma_to_t(sigma)))
        found: torch.Tensor = skip * x + out * self.net(x / (sigma**2 + 0.5**2) ** 0.5, told).sample
        return found


EXPLODING: Mapping[str, tuple[str, Mapping[str, Any], Callable[..., Any], float]] = {
    "score SDE": ("ScoreSdeVe", {}, Reference.score_sde, 2696.0),
    "Karras VE": ("KarrasVe", {}, Reference.karras_ve, 100.0),
    "EDM": ("EDMEuler", {}, Reference.edm, 80.0),
    "EDM, v": ("EDMDPMSolverMultistep", {"prediction_type": "v_prediction", "sigma_max": 50.0}, Reference.edm, 50.0),
    "consistency": ("CMStochasticIterative", {}, Reference.consistency, 80.0),
}


@pytest.mark.parametrize("name", EXPLODING)
@pytest.mark.filterwarnings("ignore:.*deprecated.*:FutureWarning")
def test_a_network_of_an_exploding_process_is_asked_as_its_pipeline_does(name: str, tmp_path: Path) -> None:
    kind, settings, theirs, largest = EXPLODING[name]
    reference = Reference(pipelines.scheduler(kind, **settings))
    card = read_card(pipelines.written(tmp_path, reference.its, **reference.settings))
    assert isinstance(card.schedule, sampling.VarianceExploding)
    assert card.schedule.sigma_max == largest
    for frame in computed(card, steps=3, spacing="karras", sampler=sampling.Euler())[:-1]:
        with torch.inference_mode():
            wanted = theirs(reference, torch.tensor(frame.x), frame.position)
        assert near(frame.x0, wanted, STEP)


def test_a_network_of_flow_says_the_velocity(tmp_path: Path) -> None:
    its = pipelines.scheduler("FlowMatchEulerDiscrete", shift=3.0)
    card = read_card(pipelines.written(tmp_path, its))
    assert card.schedule == sampling.Flow()
    assert any("shift" in note for note in card.notes)
    frames = computed(card, sampler=sampling.Euler())
    for frame, after in pairwise(frames[:-1]):
        x, t = torch.tensor(frame.x), frame.position
        with torch.inference_mode():
            u = pipelines.unet()(x, torch.tensor(1000 * t)).sample
        assert near(after.x, x + (after.position - t) * u, STEP)


def damaged(folder: Path, change: Callable[[dict[str, Any]], object]) -> Card:
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    change(tensors)
    save_file(tensors, weights)
    return read_card(folder)


DAMAGE: Mapping[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "missing": (lambda tensors: tensors.pop("conv_in.bias"), "it lacks conv_in.bias"),
    "extra": (lambda tensors: tensors.update(stranger=torch.zeros(1)), "stranger"),
    "misshapen": (lambda tensors: tensors.update({"conv_in.bias": torch.zeros(3)}), "shape: conv_in.bias"),
    "NaN": (lambda tensors: tensors["conv_in.bias"].fill_(float("nan")), "NaN or infinite) in conv_in.bias"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_weights_that_are_not_those_of_the_network_are_said_and_not_run(what: str, tmp_path: Path) -> None:
    change, words = DAMAGE[what]
    card = damaged(pipelines.written(tmp_path), change)
    [said] = zoo.faults(card)
    assert words in said
    with pytest.raises((errors.CardMismatch, errors.ModelDamaged)) as caught:
        computed(card)
    assert words in sentence(caught.value)


def spoiled(tensors: dict[str, Any]) -> None:
    tensors["conv_out.weight"].zero_()
    tensors["conv_in.bias"].fill_(np.inf)


def test_the_doctor_names_zeros_and_all_that_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    assert main(["inspect", str(folder)]) == 0
    assert "UNet2DModel" in capsys.readouterr().out
    card = damaged(pipelines.written(tmp_path), spoiled)
    assert main(["inspect", str(card.folder)]) == 1
    told = capsys.readouterr().out
    assert "conv_out.weight" in told
    assert "conv_in.bias" in told
    assert main(["inspect", str(card.folder), "--heads", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []


def test_a_run_is_exported_and_computed_again_from_its_file(folder: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "first.npz", tmp_path / "again.npz"
    settings = ("--steps", "3", "--samples", "2", "--quiet")
    assert main(["export", "reverse", str(first), "--model", str(folder), *settings]) == 0
    record = read_record(first)
    assert record.models == {"tiny-ddpm": read_card(folder).sha256}
    assert not differences(record, {"tiny-ddpm": read_card(folder)})
    assert main(["export", "again", str(first), str(again), "--model", str(folder), "--quiet"]) == 0
    with np.load(first) as one, np.load(again) as other:
        assert all(np.array_equal(one[name], other[name]) for name in ("x_t", "x0_hat", "eps_hat"))


def test_nothing_is_trained_on_it_nor_written_into_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("--data", str(tmp_path / "none"), "--out", str(tmp_path / "out"))
    assert main(["train", "diffusion", "--from", str(folder), *out]) > 0
    assert "another program's" in capsys.readouterr().err
    with pytest.raises(UsageError):
        evaluate._write(read_card(folder), {})
    assert not (folder / "card.json").exists()
