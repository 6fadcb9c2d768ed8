"""The engine as a whole, on toy models: determinism, shapes, continuation, queries, and what goes wrong."""

from __future__ import annotations

import dataclasses
import itertools
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diffviz.domain.cards import Card, read_card
from diffviz.domain.errors import (
    CardMismatch,
    ImagesMissing,
    ImageWrongSize,
    Interrupted,
    ModelDamaged,
    ModelNotFound,
    OutOfRange,
)
from diffviz.domain.frames import Checkpoint, ForwardFrame, Frame, ReverseFrame, TrainingFrame
from diffviz.domain.messages import Recognise, Recognised, RunInputs
from diffviz.domain.requests import ForwardRequest, Image, Request, ReverseRequest, Step, digest
from diffviz.domain.sampling import Ddim, Ddpm, Linear
from diffviz.domain.training import TrainDiffusion
from diffviz.engine import zoo
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families.forward import KEPT_BYTES, chain
from diffviz.families import plan_of
from diffviz.theory import posterior
from diffviz.theory.processes import process_of
from diffviz.theory.schedules import pair_of
from tests.toys import DATASET, save_classifier, save_diffusion

SHAPES = [((1, 12, 12), 3), ((3, 32, 32), 0), ((3, 32, 32), 100), ((3, 48, 64), 0), ((3, 48, 64), 100)]
PICTURE = np.random.default_rng(0).integers(0, 256, (12, 12), dtype=np.uint8)
NAME = digest(PICTURE)
MATERIALS = RunInputs({NAME: PICTURE})


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return save_diffusion(tmp_path)


@pytest.fixture
def engine(card: Card) -> LocalEngine:
    return LocalEngine({card.id: card}, "cpu")


def frames(engine: LocalEngine, request: Request, materials: RunInputs = MATERIALS) -> list[Frame]:
    return [frame for frame in engine.frames(request, materials) if isinstance(frame, Frame)]


def reverse(engine: LocalEngine, **settings: Any) -> list[ReverseFrame]:
    found = frames(engine, ReverseRequest(model="toy", **{"steps": 6, "samples": 2, **settings}))
    return [frame for frame in found if isinstance(frame, ReverseFrame)]


@pytest.mark.parametrize(("shape", "classes"), SHAPES)
def test_whole_path_for_every_shape(tmp_path: Path, shape: tuple[int, int, int], classes: int) -> None:
    card = save_diffusion(tmp_path, shape=shape, classes=classes)
    engine = LocalEngine({card.id: card}, "cpu")
    request = ReverseRequest(model="toy", steps=4, samples=3, label="each" if classes else "none", guidance=1.5)
    plan = plan_of(request, {card.id: card})
    run = frames(engine, request)
    assert [frame.position for frame in run] == list(plan.positions)
    assert all(frame.nbytes == plan.frame_bytes for frame in run)
    assert all(frame.arrays()["x"].shape == (3, *shape) and np.isfinite(frame.arrays()["x"]).all() for frame in run)
    assert plan.evaluations == 4 * (2 if classes else 1)


@pytest.mark.parametrize("sampler", [Ddim(0.0), Ddim(0.5), Ddpm("posterior"), Ddpm("beta")])
@pytest.mark.parametrize(("shape", "classes"), SHAPES[1:])
def test_a_picture_goes_forward_and_back_for_every_shape(
    tmp_path: Path, shape: tuple[int, int, int], classes: int, sampler: Ddim | Ddpm
) -> None:
    card = save_diffusion(tmp_path, shape=shape, classes=classes)
    engine, label = LocalEngine({card.id: card}, "cpu"), classes - 1 if classes else "none"
    picture = np.random.default_rng(0).integers(0, 256, (*shape[1:], 3), dtype=np.uint8)
    materials = RunInputs({digest(picture): picture})
    forth = ForwardRequest(start=Image((digest(picture),), picture.shape), model="toy", steps=5, label=label)
    there = frames(engine, forth, materials)
    assert all(frame.nbytes - 4 == plan_of(forth, {"toy": card}).frame_bytes for frame in there)  # 4: the loss
    middle = there[3]
    back = ReverseRequest(
        model="toy", start=Step(forth, middle.position, 0), samples=2, steps=10, label=label, sampler=sampler
    )
    run = frames(engine, back, materials)
    assert [frame.position for frame in run] == list(plan_of(back, {"toy": card}).positions)
    assert np.array_equal(run[0].arrays()["x"][1], middle.arrays()["x"][0])
    assert all(np.isfinite(frame.arrays()["x"]).all() for frame in run)


@pytest.mark.parametrize("sampler", [Ddim(0.0), Ddim(0.7), Ddpm("posterior"), Ddpm("beta")])
def test_same_request_same_bytes(engine: LocalEngine, card: Card, sampler: Ddim | Ddpm) -> None:
    once, again = reverse(engine, sampler=sampler), reverse(LocalEngine({card.id: card}, "cpu"), sampler=sampler)
    assert all(a.x.tobytes() == b.x.tobytes() for a, b in zip(once, again, strict=True))
    other = reverse(engine, sampler=sampler, seed=7)
    assert once[-1].x.tobytes() != other[-1].x.tobytes()


def test_sample_seven_is_the_same_in_a_batch_of_8_and_of_16(engine: LocalEngine) -> None:
    eight, sixteen = (reverse(engine, samples=n, sampler=Ddpm(), label=1) for n in (8, 16))
    for a, b in zip(eight, sixteen, strict=True):
        np.testing.assert_allclose(a.x[7], b.x[7], atol=2e-4)
    assert eight[0].x[7].tobytes() == sixteen[0].x[7].tobytes()


def test_frames_are_read_only_and_do_not_change_later(engine: LocalEngine) -> None:
    kept = []
    for frame in engine.frames(ReverseRequest(model="toy", steps=5, samples=1), RunInputs()):
        assert isinstance(frame, ReverseFrame)
        assert not frame.x.flags.writeable
        kept.append((frame, frame.x.copy()))
    assert all(np.array_equal(frame.x, copy) for frame, copy in kept)


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("prediction", ["eps", "v", "x0"])
def test_signal_and_noise_add_up_for_every_prediction(tmp_path: Path, prediction: str, clip: bool) -> None:
    card = save_diffusion(tmp_path, prediction=prediction)
    engine = LocalEngine({card.id: card}, "cpu")
    for frame in reverse(engine, clip=clip)[1:-1]:
        np.testing.assert_allclose(frame.alpha * frame.x0 + frame.sigma * frame.eps, frame.x, atol=1e-3)


def test_clipping_keeps_the_estimate_in_range(engine: LocalEngine) -> None:
    assert all(np.abs(frame.x0).max() <= 1 for frame in reverse(engine, clip=True)[:-1])
    assert any(np.abs(frame.x0).max() > 1 for frame in reverse(engine, clip=False)[:-1])


def test_guidance_interpolates_between_with_and_without_class(engine: LocalEngine) -> None:
    with_class, without = reverse(engine, label=1)[0], reverse(engine, label="none")[0]
    doubled = reverse(engine, label=1, guidance=2.0, clip=False)[0]
    expected = without.eps + 2 * (with_class.eps - without.eps)
    np.testing.assert_allclose(doubled.eps, expected, atol=1e-4)
    assert np.abs(with_class.eps - without.eps).max() > 1e-4


def test_continuing_with_the_same_settings_is_never_having_stopped(engine: LocalEngine) -> None:
    request = ReverseRequest(model="toy", steps=8, samples=2, sampler=Ddpm())
    whole = frames(engine, request)
    middle = whole[4]
    rest = frames(engine, dataclasses.replace(request, start=Step(request, middle.position)))
    assert [f.position for f in rest] == [f.position for f in whole[4:]]
    for a, b in zip(rest, whole[4:], strict=True):
        assert a.arrays()["x"].tobytes() == b.arrays()["x"].tobytes()


def test_every_nth_frame_is_kept_and_the_last(engine: LocalEngine) -> None:
    whole, thin = reverse(engine, steps=10), reverse(engine, steps=10, every=4)
    assert [f.position for f in thin] == [whole[i].position for i in (0, 4, 8, 10)]
    assert all(a.x.tobytes() == whole[i].x.tobytes() for a, i in zip(thin, (0, 4, 8, 10), strict=True))


def test_given_origin_equals_replay(engine: LocalEngine) -> None:
    parent = ForwardRequest(start=Image((NAME,), (12, 12)), model="toy", steps=10)
    at = plan_of(parent, {"toy": read_card(_folder(engine))}).positions[5]
    origin = next(f for f in frames(engine, parent) if f.position == at)
    child = ReverseRequest(model="toy", steps=10, samples=3, start=Step(parent, at, 0), sampler=Ddpm())
    replayed = frames(engine, child)
    given = frames(engine, child, RunInputs({NAME: PICTURE}, origin))
    assert replayed[0].position == at
    assert all(a.arrays()["x"].tobytes() == b.arrays()["x"].tobytes() for a, b in zip(given, replayed, strict=True))
    first, last = replayed[0].arrays()["x"], replayed[-1].arrays()["x"]
    assert np.array_equal(first[0], first[2])
    assert not np.array_equal(last[0], last[2])


def test_a_restoration_is_not_given_the_noise_that_it_has_to_remove(engine: LocalEngine) -> None:
    """Same seed, same sample, same t: with ε_t of the chain the reverse step would know what was added."""
    parent = ForwardRequest(start=Image((NAME,), (12, 12)), model="toy", steps=100)
    chain = {f.position: f.step_noise for f in frames(engine, parent) if isinstance(f, ForwardFrame)}
    child = ReverseRequest(model="toy", steps=100, samples=1, start=Step(parent, 100.0), sampler=Ddpm(), clip=False)
    run = [f for f in frames(engine, child) if isinstance(f, ReverseFrame)]
    for here, after in itertools.pairwise(run[1:30]):
        added, restored = chain[here.position], after.x - _ddpm_mean(here, after)
        assert added is not None
        assert abs(np.corrcoef(added.ravel(), restored.ravel())[0, 1]) < 0.4  # 144 pixels: 0.08 expected, 1 if equal


def _ddpm_mean(here: ReverseFrame, after: ReverseFrame) -> np.ndarray[Any, np.dtype[np.float32]]:
    of_x0, of_xt = posterior.mean_weights(pair_of(here.alpha**2, after.alpha**2))
    return np.float32(of_x0) * here.x0 + np.float32(of_xt) * here.x


def test_noise_of_a_large_picture_is_not_kept() -> None:
    """A thousand steps of noise for one picture of 512 × 512 in colour would take three gigabytes."""
    process = process_of(Linear())
    x0 = np.zeros((1, 3, 96, 96))
    assert process.T * x0.size * 4 > KEPT_BYTES
    tracemalloc.start()
    try:
        large = [x.std() for x, _, _ in chain(x0, process, process.chain(()), 1)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < KEPT_BYTES / 4
    assert large[-1] == pytest.approx(1, abs=0.02)


def test_noise_is_the_same_kept_or_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    process, x0 = process_of(Linear(timesteps=20)), np.zeros((2, 1, 4, 4))
    kept = [x for x, _, _ in chain(x0, process, process.chain(()), 1)]
    monkeypatch.setattr("diffviz.engine.families.forward.KEPT_BYTES", 0)
    anew = [x for x, _, _ in chain(x0, process, process.chain(()), 1)]
    assert all(np.array_equal(a, b) for a, b in zip(kept, anew, strict=True))


def _folder(engine: LocalEngine) -> Path:
    return engine._cards["toy"].folder


@pytest.mark.parametrize("path", ["chain", "fixed"])
def test_forward_run_agrees_with_the_closed_form(engine: LocalEngine, path: str) -> None:
    request = ForwardRequest(start=Image((NAME, NAME), (12, 12)), path=path, schedule=Linear(), steps=50)
    run = frames(engine, request)
    x0 = run[0].arrays()["x"]
    np.testing.assert_allclose(x0[0, 0], PICTURE / 127.5 - 1, atol=1e-6)
    for frame in run:
        assert isinstance(frame, ForwardFrame)
        np.testing.assert_allclose(frame.alpha * x0 + frame.sigma * frame.noise, frame.x, atol=1e-5)
        assert (frame.step_noise is None) == (path == "fixed")
    assert run[-1].arrays()["noise"].std() == pytest.approx(1, abs=0.15)


def test_forward_run_does_not_load_torch() -> None:
    code = (
        "import sys, numpy as np\n"
        "from diffviz.engine.engine import LocalEngine\n"
        "from diffviz.domain.messages import RunInputs\n"
        "from diffviz.domain.requests import ForwardRequest, Image, digest\n"
        "x = np.zeros((4, 4), np.uint8); name = digest(x)\n"
        "request = ForwardRequest(start=Image((name,), (4, 4)), steps=3)\n"
        "assert len(list(LocalEngine({}).frames(request, RunInputs({name: x})))) == 4\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_forward_run_with_a_model_carries_its_estimates_and_loss(engine: LocalEngine) -> None:
    run = frames(engine, ForwardRequest(start=Image((NAME,), (12, 12)), model="toy", steps=5, label=1))
    for frame in run[1:]:
        assert isinstance(frame, ForwardFrame)
        assert frame.eps_hat is not None
        assert frame.loss is not None
        assert frame.loss[0] == pytest.approx(np.mean((frame.eps_hat - frame.noise) ** 2), rel=1e-4)
    first = run[0]
    assert isinstance(first, ForwardFrame)
    assert first.loss is not None
    assert np.isnan(first.loss).all()


def test_recognise(tmp_path: Path) -> None:
    classifier = save_classifier(tmp_path)
    engine = LocalEngine({classifier.id: classifier}, "cpu")
    answer = engine.answer(Recognise(DATASET, np.zeros((4, 1, 12, 12), np.float32), ("key",)))
    assert isinstance(answer, Recognised)
    assert answer.probabilities.shape == (4, 3)
    np.testing.assert_allclose(answer.probabilities.sum(1), 1, atol=1e-5)
    assert answer.key == ("key",)
    with pytest.raises(ModelNotFound):
        engine.answer(Recognise("unknown", np.zeros((1, 1, 12, 12), np.float32)))


def test_cancel_reaches_into_a_long_evaluation(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoo, "SHORT_FLOPS", 0)
    calls = iter([False] * 3)
    engine.interrupt_when(lambda: not next(calls, False) and next(calls, True))
    with pytest.raises(Interrupted):
        reverse(engine)


def flat_images(folder: Path) -> Path:
    images = np.zeros((40, 12, 12), np.uint8)
    np.savez(folder / "flat.npz", images=images, labels=np.zeros(40, np.int64))
    return folder / "flat.npz"


def test_a_training_is_a_run_of_frames(tmp_path: Path) -> None:
    request = TrainDiffusion(data=str(flat_images(tmp_path)), images=64, batch=16, width=8, depth=1)
    run = list(LocalEngine({}, "cpu").frames(request, RunInputs()))
    frame, checkpoint = run[-2:]
    assert isinstance(frame, TrainingFrame)
    assert isinstance(checkpoint, Checkpoint)
    assert frame.position == checkpoint.position == 64
    with pytest.raises(OutOfRange):
        list(LocalEngine({}, "cpu").frames(dataclasses.replace(request, batch=0), RunInputs()))


def test_cancel_reaches_into_a_training(tmp_path: Path) -> None:
    engine = LocalEngine({}, "cpu")
    engine.interrupt_when(lambda: True)
    request = TrainDiffusion(data=str(flat_images(tmp_path)), images=10**9, batch=16, width=8, depth=1)
    with pytest.raises(Interrupted):
        list(engine.frames(request, RunInputs()))


def test_missing_model_and_too_many_steps(engine: LocalEngine) -> None:
    with pytest.raises(ModelNotFound):
        frames(engine, ReverseRequest(model="nowhere"))
    with pytest.raises(OutOfRange):
        frames(engine, ReverseRequest(model="toy", steps=101))
    with pytest.raises(OutOfRange):
        frames(engine, ReverseRequest(model="toy", samples=65))


def test_a_model_of_another_family_does_not_denoise(tmp_path: Path) -> None:
    card = save_classifier(tmp_path)
    with pytest.raises(ModelNotFound):
        frames(LocalEngine({card.id: card}, "cpu"), ReverseRequest(model=card.id))


def test_missing_and_wrong_sized_images(engine: LocalEngine) -> None:
    with pytest.raises(ImagesMissing):
        frames(engine, ForwardRequest(start=Image(("0" * 64,), (12, 12))), RunInputs())
    big = np.zeros((14, 12), np.uint8)
    request = ForwardRequest(start=Image((digest(big),), (14, 12)), model="toy")
    with pytest.raises(ImageWrongSize):
        frames(engine, request, RunInputs({digest(big): big}))


def test_damaged_weights(engine: LocalEngine, card: Card) -> None:
    weights = card.folder / card.weights
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(ModelDamaged):
        reverse(engine)
    weights.unlink()
    with pytest.raises(ModelDamaged):
        reverse(engine)


def test_weights_that_are_not_safetensors(card: Card) -> None:
    (card.folder / card.weights).write_bytes(b"\x80\x04not safetensors")
    with pytest.raises(ModelDamaged):
        reverse(LocalEngine({card.id: dataclasses.replace(card, sha256="")}, "cpu"))


def test_card_that_does_not_match_its_weights(card: Card) -> None:
    raw = json.loads((card.folder / "card.json").read_text())
    raw["architecture"]["widths"] = [16, 16]
    (card.folder / "card.json").write_text(json.dumps(raw))
    with pytest.raises(CardMismatch):
        reverse(LocalEngine({card.id: read_card(card.folder)}, "cpu"))
    raw["architecture"]["net"] = "transformer"
    (card.folder / "card.json").write_text(json.dumps(raw))
    with pytest.raises(CardMismatch):
        reverse(LocalEngine({card.id: read_card(card.folder)}, "cpu"))


def test_models_come_change_and_go(tmp_path: Path, card: Card, engine: LocalEngine) -> None:
    before = reverse(engine)[-1].x
    other = save_diffusion(tmp_path, "other", prediction="eps")
    going_on = engine.frames(ReverseRequest(model="toy", steps=6, samples=2), MATERIALS)
    next(going_on)
    with pytest.raises(ModelNotFound):
        frames(engine, ReverseRequest(model="other", steps=2))
    engine.add_card(other)
    assert frames(engine, ReverseRequest(model="other", steps=2))
    changed = dataclasses.replace(other, id="toy")
    engine.add_card(changed)
    assert not np.array_equal(reverse(engine)[-1].x, before)
    engine.remove_card("toy")
    with pytest.raises(ModelNotFound):
        reverse(engine)
    last = [frame for frame in going_on if isinstance(frame, ReverseFrame)][-1]
    assert np.array_equal(last.x, before), "what was being computed goes on with what it had loaded"


def test_a_classifier_that_comes_later_is_asked(tmp_path: Path, engine: LocalEngine) -> None:
    query = Recognise(DATASET, np.zeros((2, 1, 12, 12), np.float32))
    with pytest.raises(ModelNotFound):
        engine.answer(query)
    engine.add_card(save_classifier(tmp_path))
    assert isinstance(engine.answer(query), Recognised)
