"""Latent spaces: paths, and answers about them held to what is known exactly."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from diffviz import paths
from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.errors import (
    CardMismatch,
    ImagesMissing,
    ImageWrongSize,
    ModelDamaged,
    ModelNotFound,
    NoPictures,
    OutOfRange,
)
from diffviz.domain.frames import PathFrame
from diffviz.domain.latent import (
    Anchor,
    Blur,
    Blurred,
    Decode,
    Decoded,
    DistanceShade,
    Encode,
    Encoded,
    Explain,
    Explained,
    FaultReport,
    Faults,
    LatentQuery,
    PathRequest,
    Posterior,
    PosteriorGrid,
    Shaded,
)
from diffviz.domain.messages import Later, RunInputs
from diffviz.domain.requests import Image, digest
from diffviz.domain.samples import load
from diffviz.domain.tagged import from_json, to_json
from diffviz.engine import features
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families.forward import unit
from diffviz.engine.families.latent import like_codes
from diffviz.engine.families.path import Autoencoder, autoencoder
from diffviz.engine.nets.generators import Vae
from diffviz.engine.nets.unet import Classifier
from diffviz.families import plan_of
from tests.engine.test_vae_training import log_normal
from tests.toys import save_classifier, save_diffusion, save_vae

REAL = "Fashion-MNIST"


@pytest.fixture
def cards(tmp_path: Path) -> dict[str, Card]:
    made = [
        save_vae(tmp_path),
        save_vae(tmp_path, "toy-ae", kind="ae"),
        save_vae(tmp_path, "deep", latent=5),
        save_vae(tmp_path, "colour", shape=(3, 9, 14)),
        save_vae(tmp_path, "real", shape=(1, 28, 28), dataset=REAL),
        save_vae(tmp_path, "real-ae", shape=(1, 28, 28), dataset=REAL, kind="ae"),
        save_classifier(tmp_path, dataset=REAL, side=28),
        save_diffusion(tmp_path),
    ]
    return {card.id: card for card in made}


@pytest.fixture
def engine(cards: dict[str, Card]) -> LocalEngine:
    return LocalEngine(cards, "cpu")


def answered(engine: LocalEngine, query: LatentQuery) -> object:
    """The answer to `query`, asked again as long as it is put off."""
    while isinstance(found := engine.answer(query), Later):
        pass
    return found


def picture(seed: int = 0, shape: tuple[int, ...] = (12, 12)) -> U8:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def between(*pictures: U8, **settings: object) -> tuple[PathRequest, RunInputs]:
    names = tuple(digest(p) for p in pictures)
    made = PathRequest(
        start=Image(names, pictures[0].shape), model="toy-vae", anchors=tuple(Anchor(n) for n in names), frames=5
    )
    return dataclasses.replace(made, **settings), RunInputs(dict(zip(names, pictures, strict=True)))  # type: ignore[arg-type]


def path_of(engine: LocalEngine, request: PathRequest, materials: RunInputs) -> list[PathFrame]:
    frames = [frame for frame in engine.frames(request, materials) if isinstance(frame, PathFrame)]
    assert [f.position for f in frames] == list(plan_of(request, engine._cards).positions)
    assert all(f.nbytes <= plan_of(request, engine._cards).frame_bytes for f in frames)
    return frames


def encoded(engine: LocalEngine, model: str, *pictures: U8) -> Encoded:
    found = engine.answer(Encode(model, images=np.stack(pictures)))
    assert isinstance(found, Encoded)
    return found


def test_a_path_begins_and_ends_at_the_codes_of_its_pictures(engine: LocalEngine) -> None:
    a, b = picture(0), picture(1)
    frames = path_of(engine, *between(a, b, beside="toy-ae"))
    for m, model in enumerate(("toy-vae", "toy-ae")):
        codes = encoded(engine, model, a, b).mu
        np.testing.assert_allclose(frames[0].z[m], codes[0], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(frames[-1].z[m], codes[1], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(frames[2].z[m], codes.mean(0), rtol=1e-4, atol=1e-5)


def test_frames_carry_what_is_decoded_and_measured(engine: LocalEngine) -> None:
    for frame in path_of(engine, *between(picture(0), picture(1), frames=20)):
        decoded = engine.answer(Decode("toy-vae", z=frame.z))
        assert isinstance(decoded, Decoded)
        np.testing.assert_allclose(frame.x, decoded.images, atol=1e-5)
        assert frame.norm[0] == pytest.approx(np.linalg.norm(frame.z[0]), rel=1e-5)
        assert frame.nearest is None
        assert not frame.x.flags.writeable


def test_free_points_need_no_picture(engine: LocalEngine) -> None:
    anchors = (Anchor(codes=((1.0, 0.0), (3.0, 3.0))), Anchor(codes=((0.0, 2.0), (0.0, 0.0))))
    request = PathRequest(model="toy-vae", beside="toy-ae", anchors=anchors, frames=3, curve="slerp")
    frames = path_of(engine, request, RunInputs())
    assert frames[1].norm[0] == pytest.approx(1.5, rel=1e-5)
    np.testing.assert_allclose(frames[1].z[1], [1.5, 1.5], rtol=1e-5)


def test_models_with_other_dimensions_are_padded(engine: LocalEngine) -> None:
    frames = path_of(engine, *between(picture(0), picture(1), beside="deep"))
    assert frames[0].z.shape == (2, 5)
    assert np.isnan(frames[0].z[0, 2:]).all()
    assert np.isfinite(frames[0].z[1]).all()


def test_distances_to_real_images_are_zero_for_a_real_image(engine: LocalEngine, cards: dict[str, Card]) -> None:
    real = engine.bench.references.real(cards["real"])
    assert real is not None
    np.testing.assert_allclose(real.distances(real.x[:3]), 0, atol=1e-4)
    assert (real.reference_distances(real.held_out[:20]) > 0).all()
    a, b = load(REAL).images[:2]
    request, materials = between(a, b, model="real", beside="real-ae")
    assert all(f.nearest is not None and (f.nearest > 0).all() for f in path_of(engine, request, materials))


def test_colour_pictures_of_any_size(engine: LocalEngine) -> None:
    request, materials = between(picture(0, (9, 14, 3)), picture(1, (9, 14, 3)), model="colour")
    assert path_of(engine, request, materials)[0].x.shape == (1, 3, 9, 14)


def test_the_same_request_computes_the_same_path(engine: LocalEngine, cards: dict[str, Card]) -> None:
    request, materials = between(picture(0), picture(1), beside="toy-ae")
    again = path_of(LocalEngine(cards, "cpu"), from_json(to_json(request)), materials)
    for a, b in zip(path_of(engine, request, materials), again, strict=True):
        for name, array in a.arrays().items():
            np.testing.assert_array_equal(array, b.arrays()[name])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"model": "nothing"}, ModelNotFound),
        ({"model": "toy"}, ModelNotFound),
        ({"beside": "colour"}, CardMismatch),
        ({"anchors": (Anchor("x"),)}, NoPictures),
        ({"anchors": (Anchor("x"),) * 5}, OutOfRange),
        ({"anchors": (Anchor(codes=((0.0,),)), Anchor("x"))}, CardMismatch),
        ({"anchors": (Anchor("x"), Anchor("y"))}, ImagesMissing),
        ({"frames": 1}, OutOfRange),
    ],
)
def test_what_is_wrong_with_a_request_is_said(
    engine: LocalEngine, changes: dict[str, object], error: type[Exception]
) -> None:
    request, materials = between(picture(0), picture(1), **changes)
    with pytest.raises(error):
        list(engine.frames(request, materials))


def test_a_picture_of_another_size_is_refused(engine: LocalEngine) -> None:
    with pytest.raises(ImageWrongSize):
        list(engine.frames(*between(picture(0, (10, 12)), picture(1, (10, 12)))))


def explained(engine: LocalEngine, model: str, seed: int = 0, at: int = 0) -> Explained:
    found = engine.answer(Explain(model, image=picture(at), seed=seed))
    assert isinstance(found, Explained)
    return found


def test_one_picture_through_the_machine(engine: LocalEngine) -> None:
    found = explained(engine, "toy-vae")
    np.testing.assert_allclose(found.z, found.mu + found.sigma * found.eps, rtol=1e-6)
    expected = 0.5 * (found.mu**2 + found.sigma**2 - 1 - 2 * np.log(found.sigma))
    np.testing.assert_allclose(found.kl, expected, rtol=1e-4, atol=1e-6)
    assert found.elbo is not None
    assert found.log_p is not None
    assert found.masses
    assert found.elbo == pytest.approx(found.log_p - float(found.kl.sum()), abs=0.2 * abs(found.log_p))


def test_resampling_moves_z_and_keeps_q(engine: LocalEngine) -> None:
    one, other, again = (explained(engine, "toy-vae", seed) for seed in (1, 2, 1))
    np.testing.assert_array_equal(one.mu, other.mu)
    assert not np.array_equal(one.z, other.z)
    np.testing.assert_array_equal(one.z, again.z)
    np.testing.assert_array_equal(one.sample, again.sample)


def test_an_autoencoder_has_a_code_and_no_bound(engine: LocalEngine) -> None:
    found = explained(engine, "toy-ae")
    np.testing.assert_array_equal(found.z, found.mu)
    assert (found.sigma == 0).all()
    assert found.elbo is None
    assert found.log_p is None


def linear(engine: LocalEngine, cards: dict[str, Card]) -> Autoencoder:
    """The toy VAE with a linear decoder, whose p(x) and posterior are Gaussian."""
    model = autoencoder("toy-vae", engine.models)
    net = model.net
    weight = torch.randn((144, 2), generator=torch.Generator().manual_seed(0)) / 12
    torch.nn.init.constant_(net.log_scale, math.log(0.8))  # type: ignore[arg-type]
    net.decode = lambda z: (z @ weight.T).reshape(len(z), 1, 1, 12, 12)  # type: ignore[method-assign]
    covariance = torch.linalg.inv(torch.eye(2) + weight.T @ weight / 0.8**2)

    def encode(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean = x.flatten(1) @ weight @ covariance.T / 0.8**2
        return mean, torch.log(covariance.diagonal()).expand(len(x), 2)

    net.encode = encode  # type: ignore[method-assign]
    return dataclasses.replace(model, p=dataclasses.replace(model.p, log_mass=None))


def test_posterior_of_a_linear_decoder_is_the_exact_one(engine: LocalEngine, cards: dict[str, Card]) -> None:
    """log p(x) is that of N(0, W Wᵀ + σ² I); q is the exact posterior up to its correlation, so the gap is known."""
    from diffviz.engine.families.latent import grid

    model = linear(engine, cards)
    weight = model.net.decode(torch.eye(2)).reshape(2, 144).T.double()
    x = torch.from_numpy(model.unit(picture(0)[None])).flatten().double()
    marginal = log_normal(x[None], weight @ weight.T + 0.64 * torch.eye(144, dtype=torch.float64))
    found = grid(Posterior("toy-vae", image=picture(0)), model)
    precision = torch.eye(2, dtype=torch.float64) + weight.T @ weight / 0.64
    covariance = torch.linalg.inv(precision)
    q = torch.diag(covariance.diagonal())
    gap = 0.5 * (torch.trace(precision @ q) - 2 + torch.logdet(covariance) - torch.logdet(q))
    assert found.log_p == pytest.approx(float(marginal), abs=0.01)
    assert found.log_p - found.elbo == pytest.approx(float(gap), abs=0.01)
    left, right, bottom, top = found.bounds
    area = (right - left) * (top - bottom) / found.density.size
    assert found.density.sum() * area == pytest.approx(1, abs=0.01)


def test_the_gap_between_log_likelihood_and_bound_is_not_negative(engine: LocalEngine) -> None:
    found = engine.answer(Posterior("toy-vae", image=picture(3)))
    assert isinstance(found, PosteriorGrid)
    assert found.log_p - found.elbo > -1e-3


def test_draws_like_codes_have_their_mean_and_covariance() -> None:
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((3000, 3)) @ np.array([[2.0, 0, 0], [1, 0.5, 0], [0, 0, 0.1]]) + [5, -1, 0]
    drawn = like_codes(codes.astype(np.float32), rng.standard_normal((60_000, 3)).astype(np.float32))
    np.testing.assert_allclose(drawn.mean(0), codes.mean(0), atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(codes.T), atol=0.15)


@pytest.mark.parametrize("model", ["real", "real-ae"])
def test_faults_are_measured_against_held_out_images(engine: LocalEngine, model: str) -> None:
    found = answered(engine, Faults(model, count=40))
    assert isinstance(found, FaultReport)
    for group in found.groups.values():
        assert group.median.low <= group.median.value <= group.median.high <= group.distances[-1]
        assert (np.diff(group.distances) >= 0).all()
        assert group.median.count == 40
    assert found.real.median.value < found.prior.median.value


def test_faults_let_others_have_their_turn(engine: LocalEngine) -> None:
    """The same query goes on where it was; what is asked in between is answered; another query begins anew."""
    query, other = Faults("real", count=40), Faults("real", count=40, seed=1)
    alone = answered(engine, Faults("real", count=40))
    for _ in range(3):
        assert isinstance(engine.answer(query), Later)
        assert isinstance(engine.answer(Decode("real", z=np.zeros((1, 2), np.float32))), Decoded)
    found = answered(engine, query)
    assert isinstance(found, FaultReport)
    assert isinstance(alone, FaultReport)
    assert found.prior.median == alone.prior.median
    assert isinstance(engine.answer(query), Later), "it begins anew once it was answered"
    changed = answered(engine, other)
    assert isinstance(changed, FaultReport)
    assert changed.prior.median != found.prior.median


def test_a_plane_is_shaded_by_distance(engine: LocalEngine, cards: dict[str, Card]) -> None:
    z = np.random.default_rng(0).standard_normal((3, 4, 2)).astype(np.float32)
    found, real = answered(engine, DistanceShade("real", z=z)), engine.bench.references.real(cards["real"])
    assert isinstance(found, Shaded)
    assert real is not None
    decoded = engine.answer(Decode("real", z=z[1, 2:3]))
    assert isinstance(decoded, Decoded)
    assert found.distances[1, 2] == pytest.approx(float(real.distances(decoded.images)[0]), rel=1e-3)


@pytest.fixture
def glances(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there was time to see twenty pictures at once."""
    monkeypatch.setattr(features, "SECONDS", 0.0)


def test_real_images_are_seen_bit_by_bit_before_they_are_compared_with(engine: LocalEngine, glances: None) -> None:
    query = DistanceShade("real", z=np.zeros((1, 1, 2), np.float32))
    found = [engine.answer(query) for _ in range(len(load(REAL).images) // features.AT_ONCE)]
    assert {type(item) for item in found[:-1]} == {Later}
    assert isinstance(found[-1], Shaded), "the last part is seen and the answer given"
    decoded = engine.answer(Decode("real", z=np.zeros((1, 2), np.float32)))
    assert isinstance(decoded, Decoded)
    classifier = engine.models.net(engine.models.classifier(REAL))
    assert isinstance(classifier, Classifier)
    with torch.inference_mode():
        mine, all_ = (classifier.features(torch.tensor(x)).numpy() for x in (decoded.images, unit(load(REAL).images)))
    assert float(found[-1].distances[0, 0]) == pytest.approx(np.linalg.norm(all_ - mine, axis=1).min(), rel=1e-3)


def test_a_path_that_needs_real_images_lets_others_have_their_turn_first(
    engine: LocalEngine, cards: dict[str, Card], glances: None
) -> None:
    a, b = load(REAL).images[:2]
    items = list(engine.frames(*between(a, b, model="real", beside="real-ae")))
    waits = len(load(REAL).images) // features.AT_ONCE - 1
    assert [type(item) for item in items] == [Later] * waits + [PathFrame] * 5
    [file] = (paths.cache_home() / "features").iterdir()
    assert file.suffix == ".npy"
    again = LocalEngine(cards, "cpu")
    kept = list(again.frames(*between(a, b, model="real", beside="real-ae")))
    assert [type(item) for item in kept] == [PathFrame] * 5, "what was seen once is kept for the next time"
    for one, other in zip(items[waits:], kept, strict=True):
        assert isinstance(one, PathFrame)
        assert isinstance(other, PathFrame)
        np.testing.assert_array_equal(one.nearest, other.nearest)


def test_a_warm_up_sees_none_of_them(engine: LocalEngine, glances: None) -> None:
    engine.warm_up("real")
    assert isinstance(engine.answer(Faults("real", count=40)), Later)
    assert not (paths.cache_home() / "features").exists()


def test_what_needs_real_images_says_so(engine: LocalEngine) -> None:
    from diffviz.domain.errors import DataUnsuitable

    with pytest.raises(DataUnsuitable):
        engine.answer(Faults("toy-vae"))


def test_mean_and_sample_apart(engine: LocalEngine) -> None:
    found = engine.answer(Blur("toy-vae", image=picture(0), count=2))
    assert isinstance(found, Blurred)
    assert found.prior_means.shape == found.prior_samples.shape == (2, 1, 12, 12)
    assert found.sharpness_sample > found.sharpness_mean
    plain = engine.answer(Blur("toy-ae", image=picture(0), count=2))
    assert isinstance(plain, Blurred)
    assert len(plain.prior_means) == 0
    np.testing.assert_array_equal(plain.mean, plain.sample)


def test_a_warm_up_loads_the_model(engine: LocalEngine) -> None:
    assert engine.warm_up("real").kind == "cpu"


@pytest.mark.parametrize("change", [{"family": "ae"}, {"shape": [1, 12, 13]}, {"likelihood": {"name": "logistic"}}])
def test_a_card_that_does_not_fit_its_weights_is_refused(
    engine: LocalEngine, cards: dict[str, Card], change: dict[str, object]
) -> None:
    import json

    from diffviz.domain.cards import read_card

    folder = cards["toy-vae"].folder
    raw = json.loads((folder / "card.json").read_text()) | change
    (folder / "card.json").write_text(json.dumps(raw))
    with pytest.raises(CardMismatch):
        LocalEngine({"toy-vae": read_card(folder)}, "cpu").models.net(read_card(folder))


def test_an_unknown_likelihood_is_a_damaged_card(cards: dict[str, Card]) -> None:
    import json

    from diffviz.domain.cards import read_card

    folder = cards["toy-vae"].folder
    raw = json.loads((folder / "card.json").read_text()) | {"likelihood": {"name": "cauchy"}}
    (folder / "card.json").write_text(json.dumps(raw))
    with pytest.raises(ModelDamaged):
        read_card(folder)


def test_weights_cut_short_are_said_to_be_damaged(cards: dict[str, Card]) -> None:
    path = cards["toy-vae"].folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelDamaged):
        LocalEngine(cards, "cpu").answer(Decode("toy-vae", z=np.zeros((1, 2), np.float32)))


def test_the_network_is_a_vae(engine: LocalEngine, cards: dict[str, Card]) -> None:
    assert isinstance(engine.models.net(cards["deep"]), Vae)
