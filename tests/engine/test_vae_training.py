"""Training of VAEs: the ELBO against what is known exactly, its gradients, its limit β → 0, and exact continuation."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from torch import Tensor

from diffviz.domain.likelihoods import LIKELIHOODS, Gaussian, OptimalGaussian, key_of
from diffviz.engine.likelihoods import likelihood
from diffviz.engine.nets.generators import Vae, VaeConfig
from diffviz.engine.training import TrainingLoop, model_of
from diffviz.engine.training_state import tensors
from diffviz.engine.training_tasks import VaeTask, kl, negative_elbo
from tests.engine.vaes import BATCH, blobs, normals, request


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_closed_form_kl_is_the_mean_of_the_log_ratio() -> None:
    """Monte Carlo, 200,000 draws: within four standard errors."""
    mu, log_var = torch.tensor([0.0, 1.3, -2.0]), torch.tensor([0.0, -1.5, 0.7])
    eps = normals(200_000, 3)
    z = mu + torch.exp(0.5 * log_var) * eps
    ratio = (-0.5 * eps**2 - 0.5 * log_var) - (-0.5 * z**2)  # log q(z) − log p(z); the constants cancel
    error = ratio.std(0) / math.sqrt(len(z))
    assert ((kl(mu, log_var) - ratio.mean(0)).abs() <= 4 * error + 1e-6).all()


def test_kl_of_the_prior_with_itself_is_zero() -> None:
    assert kl(torch.zeros(3), torch.zeros(3)).tolist() == [0.0, 0.0, 0.0]


def test_gradients_flow_through_mean_and_deviation() -> None:
    """E[z²] = μ² + σ²: its gradients are 2 μ by μ and σ² by log σ²."""
    mu, log_var = torch.tensor([0.7], requires_grad=True), torch.tensor([-0.4], requires_grad=True)
    z = mu + torch.exp(0.5 * log_var) * normals(400_000, 1)
    by_mu, by_log_var = torch.autograd.grad((z**2).mean(), (mu, log_var))
    assert float(by_mu) == pytest.approx(1.4, abs=0.02)
    assert float(by_log_var) == pytest.approx(math.exp(-0.4), abs=0.02)


class Linear(Vae):
    """A VAE whose encoder and decoder are linear maps of a flat picture: factor analysis with one σ, that is, PPCA."""

    def __init__(self, dims: int, latent: int) -> None:
        super().__init__(VaeConfig(height=1, width=dims, latent=latent))
        self.to_mu = torch.nn.Linear(dims, latent)
        self.log_var = torch.nn.Parameter(torch.zeros(latent))
        self.to_x = torch.nn.Linear(latent, dims)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu: Tensor = self.to_mu(x.flatten(1))
        return mu, self.log_var.expand(len(x), -1)

    def decode(self, z: Tensor) -> Tensor:
        out: Tensor = self.to_x(z)[:, None, None, None]
        return out


DIMS, LATENT, SIGMA = 5, 2, 0.3


def plane(count: int = 4000) -> Tensor:
    """Data in five dimensions that vary in two, and a little in all."""
    directions = torch.linalg.qr(normals(DIMS, DIMS, seed=1))[0][:, :LATENT] * torch.tensor([1.5, 0.8])
    x = normals(count, LATENT, seed=2) @ directions.T + SIGMA * normals(count, DIMS, seed=3)
    centred: Tensor = x - x.mean(0)
    return centred


@torch.no_grad()
def exact_log_likelihood(net: Linear, x: Tensor) -> float:
    """x ~ N(b, W Wᵀ + σ² I): what the ELBO of a linear-Gaussian VAE bounds."""
    w, b = net.to_x.weight.double(), net.to_x.bias.double()
    covariance = w @ w.T + SIGMA**2 * torch.eye(DIMS)
    return float(log_normal(x.double() - b, covariance).mean())


def log_normal(centred: Tensor, covariance: Tensor) -> Tensor:
    """log N(x; 0, C) of rows (N, D)."""
    distances = (centred @ torch.linalg.inv(covariance) * centred).sum(1)
    found: Tensor = -0.5 * (distances + torch.logdet(2 * math.pi * covariance))
    return found


@pytest.fixture(scope="module")
def trained() -> tuple[Linear, Tensor]:
    x = plane()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = Linear(DIMS, LATENT)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    p, images, rng = likelihood(Gaussian(SIGMA)), x[:, None, None], generator()
    for step in range(1500):
        for group in optimiser.param_groups:
            group["lr"] = 0.02 * (1 - step / 1500)
        at = torch.randint(len(x), (500,), generator=rng)
        eps = torch.randn((500, LATENT), generator=rng)
        optimiser.zero_grad()
        torch.autograd.backward(negative_elbo(net, p, images[at], eps, 1.0))
        optimiser.step()
    return net, x


@torch.no_grad()
def elbo(net: Linear, x: Tensor) -> float:
    draws = [
        negative_elbo(net, likelihood(Gaussian(SIGMA)), x[:, None, None], normals(len(x), LATENT, seed=100 + s), 1.0)
        for s in range(20)
    ]
    return -DIMS * float(torch.stack(draws).mean())


def test_elbo_of_a_linear_gaussian_vae_reaches_the_exact_log_likelihood(trained: tuple[Linear, Tensor]) -> None:
    """Its posterior has one diagonal covariance up to a rotation, so q can be exact and the bound tight."""
    net, x = trained
    exact, bound = exact_log_likelihood(net, x), elbo(net, x)
    assert bound <= exact + 0.005
    assert bound == pytest.approx(exact, abs=0.02)


def test_elbo_of_an_untrained_encoder_is_far_below(trained: tuple[Linear, Tensor]) -> None:
    net, x = trained
    worse = Linear(DIMS, LATENT)
    worse.to_x.load_state_dict(net.to_x.state_dict())
    assert elbo(worse, x) < exact_log_likelihood(net, x) - 1


def test_subspace_of_a_linear_gaussian_vae_is_that_of_pca(trained: tuple[Linear, Tensor]) -> None:
    """Tipping & Bishop 1999: the columns of W span the first principal directions."""
    net, x = trained
    principal = torch.linalg.svd(x, full_matrices=False).Vh[:LATENT].T
    learnt = torch.linalg.qr(net.to_x.weight.detach())[0]
    cosines = torch.linalg.svdvals(principal.T @ learnt)
    assert cosines.min() > 0.999


def test_beta_towards_zero_becomes_the_loss_of_an_ae() -> None:
    """At β = 0 and σ(z|x) → 0 the objective is the squared error, up to the likelihood's own scale and constant."""
    data, sigma = blobs(), 0.5
    task, ae = VaeTask(request(likelihood=Gaussian(sigma), beta=0.0), data), VaeTask(request(kind="ae"), data)
    net, other = task.net(), ae.net()
    weights = dict(net.state_dict())
    last = {name: weights[name].clone() for name in ("inwards.2.weight", "inwards.2.bias")}
    other.load_state_dict(weights | {name: value[:2] for name, value in last.items()})
    last["inwards.2.weight"][2:], last["inwards.2.bias"][2:] = 0.0, -1e9  # log σ² as low as it goes
    net.load_state_dict(weights | last)
    with torch.no_grad():
        squared_error = float(ae.loss(other, 0, generator()))
        objective = float(task.loss(net, 0, generator()))
    constant = 0.5 * math.log(2 * math.pi * sigma**2)
    assert objective == pytest.approx(squared_error / (2 * sigma**2) + constant, rel=1e-3)


def test_a_smaller_beta_reconstructs_better_and_pays_in_kl() -> None:
    results = {}
    for beta in (0.01, 4.0):
        training = TrainingLoop(VaeTask(request(250, likelihood=Gaussian(0.2), beta=beta), blobs()))
        for _ in range(250):
            training.step()
        net = training.state.net
        assert isinstance(net, Vae)
        x = torch.from_numpy(blobs(seed=0).images.astype(np.float32) / 127.5 - 1)
        with torch.no_grad():
            mu, log_var = net.encode(x)
            results[beta] = float(((net(x)[:, 0] - x) ** 2).mean()), float(kl(mu, log_var).sum(1).mean())
    assert results[0.01][0] < results[4.0][0]
    assert results[0.01][1] > results[4.0][1] + 1


@pytest.mark.parametrize("settings", [made() for made in LIKELIHOODS.values()], ids=key_of)
def test_every_likelihood_learns(settings: object) -> None:
    training = TrainingLoop(VaeTask(request(60, likelihood=settings), blobs()))  # type: ignore[arg-type]
    losses = [training.step() for _ in range(60)]
    assert np.isfinite(losses).all()
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.05


def test_an_autoencoder_learns() -> None:
    training = TrainingLoop(VaeTask(request(60, kind="ae"), blobs()))
    losses = [training.step() for _ in range(60)]
    assert np.mean(losses[-5:]) < 0.6 * losses[0]


@pytest.mark.parametrize("kind", ["vae", "ae"])
def test_resuming_continues_bit_for_bit(kind: str) -> None:
    data, asked = blobs(), request(6, likelihood=OptimalGaussian(), kind=kind)
    straight, first = TrainingLoop(VaeTask(asked, data)), TrainingLoop(VaeTask(asked, data))
    for _ in range(6):
        straight.step()
    for _ in range(3):
        first.step()
    resumed = TrainingLoop(VaeTask(asked, data), first.state.checkpoint().data)
    for _ in range(3):
        resumed.step()
    for a, b in zip(tensors(straight.state.net), tensors(resumed.state.net), strict=True):
        assert torch.equal(a, b)


def test_the_learnt_scale_finds_the_noise_of_the_data() -> None:
    """Pure noise of deviation 0.25 leaves nothing to encode: σ of p(x | z) is that of the data."""
    data = blobs(256)
    noise = np.random.default_rng(0).normal(0, 0.25, data.images.shape)
    noisy = (np.clip(noise, -1, 1) * 127.5 + 127.5).round().astype(np.uint8)
    training = TrainingLoop(VaeTask(request(300, likelihood=OptimalGaussian()), type(data)("n", noisy, data.labels)))
    for _ in range(300):
        training.step()
    net = training.state.net
    assert isinstance(net, Vae)
    assert net.log_scale is not None
    assert float(net.log_scale.detach().exp()) == pytest.approx(0.25, rel=0.15)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 13, 30), (1, 4, 5)])
@pytest.mark.parametrize("latent", [1, 3])
def test_shapes_of_all_sizes(shape: tuple[int, int, int], latent: int) -> None:
    channels, height, width = shape
    net = Vae(VaeConfig("vae", channels, height, width, latent, 8, 6))
    x = normals(2, *shape)
    mu, log_var = net.encode(x)
    assert mu.shape == log_var.shape == (2, latent)
    assert net.decode(mu).shape == (2, 6, *shape)


def test_a_card_names_the_likelihood() -> None:
    training = TrainingLoop(VaeTask(request(1), blobs()))
    training.step()
    card, weights = model_of(training, "Toy")
    assert json.loads(json.dumps(card))["likelihood"] == {"name": "gaussian_fixed", "sigma": 0.3}
    assert (card["family"], card["beta"], card["architecture"]["latent"]) == ("vae", 1.0, 2)
    assert card["parameters"] == sum(w.numel() for w in weights.values())
    assert card["training"]["images_seen"] == BATCH
