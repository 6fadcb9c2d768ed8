"""What folders of diffusers say, whoever wrote them: words, never a program of theirs, never another place's files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diffviz.domain import cards, errors, foreign, sampling
from diffviz.domain.declared import read_scheduler
from diffviz.domain.sentences import sentence
from tests.foreign_folders import CONFIG, NETWORK, PIPELINE, SCHEDULER, TENSOR, WEIGHTS, pipeline, stored, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return pipeline(tmp_path / "models--someone--tiny" / "snapshots" / "0a1b")


def test_a_card_is_found_out_from_what_the_folder_says(folder: Path) -> None:
    card = cards.read_card(folder)
    assert (card.id, card.name, card.shape, card.parameters) == ("tiny", "tiny", (3, 8, 8), 2)
    assert (card.schedule, card.prediction, card.licence) == (sampling.Sigmoid(), "eps", "apache-2.0")
    assert card.foreign
    assert not card.notes


def test_its_folder_is_found_by_any_of_its_files(folder: Path) -> None:
    write(folder.parent.parent, "refs/main", b"0a1b\n")
    places = (folder, folder / "model_index.json", folder / "unet", folder / WEIGHTS, folder.parent.parent)
    assert {cards.model_folder(place) for place in places} == {folder.resolve()}
    assert cards.model_folder(folder / "scheduler") is None


def test_files_of_the_cache_are_links_within_it(folder: Path) -> None:
    blob = folder.parent.parent / "blobs" / "77"
    blob.parent.mkdir()
    (folder / WEIGHTS).rename(blob)
    (folder / WEIGHTS).symlink_to(os.path.relpath(blob, (folder / WEIGHTS).parent))
    assert cards.read_card(folder).parameters == 2


def changed(name: str, value: Any) -> Callable[[Path], None]:
    return lambda folder: write(folder, name, value)


def of_network(**settings: Any) -> Callable[[Path], None]:
    return changed(NETWORK, {**CONFIG, **settings})


def of_pipeline(**parts: Any) -> Callable[[Path], None]:
    return changed("model_index.json", {**PIPELINE, **parts})


def of_process(**settings: Any) -> Callable[[Path], None]:
    return changed(SCHEDULER, {"_class_name": "DDPMScheduler", **settings})


def pickled(folder: Path) -> None:
    (folder / WEIGHTS).rename((folder / WEIGHTS).with_suffix(".bin"))


def linked_out(folder: Path) -> None:
    secret = folder.parents[3] / "secret.safetensors"
    (folder / WEIGHTS).rename(secret)
    (folder / WEIGHTS).symlink_to(secret)


def half(folder: Path) -> None:
    (folder / WEIGHTS).rename((folder / WEIGHTS).with_name("diffusion_pytorch_model-00001-of-00003.safetensors"))


DEEP = b"[" * 100_000
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n"
WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "a pickle": (pickled, "safe_serialization"),
    "a link out of the folder": (linked_out, "leads out of its folder"),
    "a program that comes with it": (of_pipeline(unet=["pipeline_evil", "Net"]), "pipeline_evil.Net"),
    "a part that is not text": (of_pipeline(unet=[["x"], {"y": 1}]), "damaged"),
    "a pipeline with text": (of_pipeline(text_encoder=["transformers", "CLIPTextModel"]), "CLIPTextModel"),
    "a pipeline without a denoiser": (changed("model_index.json", {"_class_name": "X"}), "no unet"),
    "another network": (of_network(_class_name="UNet3000"), "UNet3000"),
    "no class": (changed(NETWORK, {}), "None"),
    "no size": (of_network(sample_size=None), "sample_size"),
    "a size of three sides": (of_network(sample_size=[8, 8, 8]), "sample_size"),
    "an endless size": (of_network(sample_size=60_000), "sample_size"),
    "a size that cannot be halved": (of_network(sample_size=9), "halved"),
    "a size below zero": (of_network(sample_size=-8), "sample_size"),
    "latents": (of_network(in_channels=4, out_channels=4), "latents"),
    "other channels out": (of_network(out_channels=5), "5"),
    "blocks of another kind": (of_network(down_block_types=["DownBlock2D", "CrossAttnDownBlock2D"]), "CrossAttn"),
    "endless layers": (of_network(layers_per_block=60_000), "go together"),
    "no channels": (of_network(block_out_channels=[]), "go together"),
    "channels of nothing": (of_network(block_out_channels=[0, 8]), "go together"),
    "groups of nothing": (of_network(norm_num_groups=0), "go together"),
    "classes by another way": (of_network(class_embed_type="timestep"), "timestep"),
    "endless classes": (of_network(num_class_embeds=60_000), "60000"),
    "words for numbers": (of_network(block_out_channels="many"), "block_out_channels"),
    "a list for a network": (changed(NETWORK, [1]), "no configuration"),
    "no JSON": (changed(NETWORK, b"{"), "JSON"),
    "an abyss": (changed(NETWORK, DEEP), "deeply"),
    "an abyss of a pipeline": (changed("model_index.json", DEEP), "deeply"),
    "another scheduler": (of_process(_class_name="EvilScheduler"), "EvilScheduler"),
    "another β": (of_process(beta_schedule="laplace"), "laplace"),
    "β above one": (of_process(beta_end=2.0), "β"),
    "β that is none": (changed(SCHEDULER, b'{"_class_name":"DDPMScheduler","beta_end":NaN}'), "beta_end"),
    "β one by one above one": (of_process(trained_betas=[0.1, 1.5]), "trained_betas"),
    "one β": (of_process(trained_betas=[0.1]), "trained_betas"),
    "endless timesteps": (of_process(num_train_timesteps=60_000), "60000"),
    "another prediction": (of_process(prediction_type="flow_prediction"), "flow_prediction"),
    "another spacing": (of_process(timestep_spacing="random"), "random"),
    "ε of nothing": (of_process(rescale_betas_zero_snr=True), "rescale_betas_zero_snr"),
    "flow": (of_process(_class_name="UniPCMultistepScheduler", use_flow_sigmas=True), "flow"),
    "times of a table": (of_network(time_embedding_type="learned"), "learned"),
    "times of nobody": (of_network(time_embedding_type="bad"), "bad"),
    "a border of endless pixels": (of_network(downsample_padding=60_000), "downsample_padding"),
    "β that nothing holds": (of_process(beta_start=1e-300, beta_end=1e-300), "β"),
    "β one by one that nothing holds": (of_process(trained_betas=[5e-324] * 10), "trained_betas"),
    "no weights": (lambda folder: (folder / WEIGHTS).unlink(), "not there"),
    "parts that are missing": (half, "2 of its 3 parts"),
    "a pointer to weights": (changed(WEIGHTS, POINTER), "git lfs pull"),
    "weights cut short": (changed(WEIGHTS, stored({"conv_in.bias": TENSOR}, bytes(4))), "4 of 8 bytes"),
    "a header cut short": (changed(WEIGHTS, (1000).to_bytes(8, "little") + b"{"), "of 1,008 bytes"),
    "an endless header": (changed(WEIGHTS, (1 << 60).to_bytes(8, "little") + b"{"), "safetensors"),
    "an empty file": (changed(WEIGHTS, b""), "safetensors"),
    "a page of the web": (changed(WEIGHTS, b"<!DOCTYPE html><html>"), "safetensors"),
    "a list for a header": (changed(WEIGHTS, stored([])), "safetensors"),
    "numbers of another kind": (changed(WEIGHTS, stored({"a": {**TENSOR, "dtype": "F8"}})), "F8"),
    "other numbers than it says": (changed(WEIGHTS, stored({"a": {**TENSOR, "shape": [3]}})), "numbers"),
    "endless numbers": (changed(WEIGHTS, stored({"a": {**TENSOR, "shape": [1 << 40, 1 << 40]}})), "numbers"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(what: str, folder: Path) -> None:
    change, words = WRONG[what]
    change(folder)
    with pytest.raises(cards.UNUSABLE) as caught:
        cards.read_card(folder)
    text = sentence(caught.value)
    assert words in text
    assert "Traceback" not in text
    found, damaged = cards.find_cards([folder.parent])
    assert not found
    assert len(damaged) == 1


@pytest.mark.parametrize("name", ["ideal-x", "two\nlines"])
def test_a_folder_whose_name_is_none_leaves_the_others_alone(name: str, tmp_path: Path) -> None:
    pipeline(tmp_path / "models" / name)
    pipeline(tmp_path / "models" / "good")
    found, damaged = cards.find_cards([tmp_path / "models"])
    assert (set(found), set(damaged)) == ({"good"}, {name})
    assert "name" in sentence(damaged[name])


def test_a_part_that_may_not_be_read_leaves_the_others_alone(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline(tmp_path / "models" / "locked")
    pipeline(tmp_path / "models" / "good")
    there = Path.is_file

    def locked(path: Path) -> bool:
        if path.parent == tmp_path / "models" / "locked" / "unet":
            raise PermissionError(13, "Permission denied", str(path))
        return there(path)

    monkeypatch.setattr(Path, "is_file", locked)
    found, damaged = cards.find_cards([tmp_path / "models"])
    assert (set(found), set(damaged)) == ({"good"}, {"locked"})


def test_whole_weights_beside_their_parts_are_taken(folder: Path) -> None:
    for part in ("00001", "00002"):
        whole = folder / WEIGHTS
        whole.with_name(f"diffusion_pytorch_model-{part}-of-00002.safetensors").write_bytes(whole.read_bytes())
    assert cards.read_card(folder).architecture["files"] == ["unet/diffusion_pytorch_model.safetensors"]


def test_a_card_of_ours_names_no_network_of_another_program(tmp_path: Path) -> None:
    for architecture in ({"net": "diffusers", "files": "/"}, {"net": "unet", "files": [1]}):
        (tmp_path / "mine").mkdir(exist_ok=True)
        said = {"version": 1, "name": "Mine", "family": "diffusion", "shape": [1, 8, 8], "prediction": "eps"}
        write(tmp_path / "mine", "card.json", {**said, "schedule": {"name": "cosine"}, "architecture": architecture})
        with pytest.raises(cards.UNUSABLE):
            cards.read_card(tmp_path / "mine")


@pytest.mark.parametrize("kind", ["fifo", "loop", "folder"])
def test_weights_that_are_no_file_are_refused_at_once(kind: str, folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    if kind == "fifo":
        os.mkfifo(folder / WEIGHTS)
    elif kind == "loop":
        (folder / WEIGHTS).symlink_to((folder / WEIGHTS).name)
    else:
        (folder / WEIGHTS).mkdir()
    with pytest.raises(cards.UNUSABLE):
        cards.read_card(folder)


def test_what_is_ignored_is_named(folder: Path) -> None:
    of_network(auto_map={"AutoModel": "evil.Net"}, brand_new=3)(folder)
    of_process(steps_offset=1, thresholding=True, set_alpha_to_one=False, newest=1)(folder)
    of_pipeline(safety_checker=["stable_diffusion", "Checker"])(folder)
    said = " ".join(cards.read_card(folder).notes)
    for word in ("auto_map", "brand_new", "steps_offset", "thresholding", "t = 0", "newest", "safety_checker"):
        assert word in said, word


def test_without_a_scheduler_the_process_is_a_guess(folder: Path) -> None:
    (folder / SCHEDULER).unlink()
    card = cards.read_card(folder)
    assert card.schedule == sampling.Linear()
    assert any("guess" in note for note in card.notes)


def test_defaults_are_those_of_the_class_of_the_scheduler(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"_class_name": "LCMScheduler"})
    write(tmp_path, "b.json", {"_class_name": "HeunDiscreteScheduler", "use_karras_sigmas": True})
    one, other = read_scheduler(tmp_path / "a.json"), read_scheduler(tmp_path / "b.json")
    assert (one.process, one.spacing) == (sampling.ScaledLinear(1000, 0.00085, 0.012), "leading")
    assert (other.process, other.spacing) == (sampling.Linear(1000, 0.00085, 0.012), "karras")


def test_without_the_library_it_is_said_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "find_spec", lambda _name: None)
    with pytest.raises(errors.PackageMissing) as caught:
        cards.read_card(folder)
    assert "diffviz[models]" in sentence(caught.value)
    monkeypatch.setattr("sys.frozen", True, raising=False)
    assert "pip" not in sentence(caught.value)


def test_what_makes_it_another_model_is_watched(folder: Path) -> None:
    names = {str(path.relative_to(folder)) for path in foreign.stamped(folder)}
    assert {"model_index.json", NETWORK, WEIGHTS, SCHEDULER} <= names
