"""Codes of pictures under the models of the VAE lab: which are asked for, and those that came."""

from __future__ import annotations

from collections.abc import Sequence

from diffviz.domain.arrays import F32, F64
from diffviz.domain.cards import Card
from diffviz.domain.latent import Encoded
from diffviz.domain.requests import digest
from diffviz.domain.samples import Dataset
from diffviz.theory import statistics


class LatentCodes:
    """Means and deviations of q(z | x) of the sample pictures and of a person's own, by model."""

    def __init__(self) -> None:
        self.data: Dataset | None = None
        self._numbers: dict[str, int] = {}
        self._samples: dict[str, Encoded] = {}
        self._own: dict[tuple[str, str], tuple[F32, F32]] = {}

    def forget(self, cards: Sequence[Card]) -> None:
        """Know no codes under the models of `cards`, which have other weights now."""
        names = {card.id for card in cards}
        self._samples = {name: found for name, found in self._samples.items() if name not in names}
        self._own = {key: found for key, found in self._own.items() if key[0] not in names}

    def set_data(self, data: Dataset | None) -> None:
        """The sample pictures are those of `data`; codes of others are forgotten."""
        if data is not self.data:
            self.data = data
            self._numbers = {digest(pixels): n for n, pixels in enumerate(data.images)} if data else {}
            self._samples.clear()

    def put_samples(self, model: str, codes: Encoded) -> None:
        """Keep the codes of all sample pictures under `model`."""
        self._samples[model] = codes

    def put_own(self, model: str, name: str, codes: Encoded) -> None:
        """Keep the code of the picture `name` under `model`."""
        self._own[model, name] = codes.mu[0], codes.sigma[0]

    def samples(self, model: str) -> Encoded | None:
        """Codes of all sample pictures under `model`, where they have come."""
        return self._samples.get(model)

    def number(self, name: str) -> int | None:
        """Number of the sample picture `name`, None for another picture."""
        return self._numbers.get(name)

    def of(self, model: str, name: str) -> tuple[F32, F32] | None:
        """μ and σ of the picture `name` under `model`, where they have come."""
        number, codes = self.number(name), self.samples(model)
        if number is not None and codes is not None:
            return codes.mu[number], codes.sigma[number]
        return self._own.get((model, name))

    def nearest(self, model: str, z: F64) -> int | None:
        """Number of the sample picture whose code under `model` is nearest to `z` (D,)."""
        codes = self.samples(model)
        return None if codes is None else int(statistics.nearest_rows(z[None], codes.mu)[0])
