"""The device context: where networks run, and what is kept there for all families.

Answers that take long, given a part at a time, so that what else is asked has its turn in between.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING

import torch

from diffviz.domain import latent, store
from diffviz.domain.cards import Card
from diffviz.domain.errors import DeviceLost, DeviceUnavailable, OutOfMemory
from diffviz.domain.messages import Device, Later, Query
from diffviz.engine.zoo import Models

if TYPE_CHECKING:
    from diffviz.engine.families.gan import Gans
    from diffviz.engine.features import Exact, References


MOST = 16


class IncrementalAnswer:
    """Goes on with a query each time it is asked again.

    Of queries that are never asked again, because newer ones took their place, the oldest are forgotten: more than
    `MOST` are not begun at a time.
    """

    def __init__(self) -> None:
        self._begun: dict[int, tuple[Query, Iterator[object]]] = {}

    def answer(self, query: Query, begin: Callable[[], Iterator[object]]) -> object:
        """The next of the parts that `begin` makes of `query`: a `Later` for each but the last, which is the answer."""
        _, parts = self._begun.pop(id(query), (query, None))
        parts = begin() if parts is None else parts
        part = next(parts)
        if isinstance(part, Later):
            while len(self._begun) >= MOST:
                self._begun.pop(next(iter(self._begun)))
            self._begun[id(query)] = query, parts  # kept with the query, whose id is its own as long as it lives
        return part


OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")
LOST = ("cuda error", "cublas_status", "cudnn_status", "device-side assert", "mps backend")


@cache
def all_threads() -> int:
    """How many threads torch chose to compute on."""
    return torch.get_num_threads()


def available() -> tuple[str, ...]:
    """Kinds of device there are, the preferred one first."""
    kinds = [("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()), ("cpu", True)]
    return tuple(kind for kind, there in kinds if there)


def exact() -> None:
    """Keep float32 products in float32: TF32 would change a CUDA device's answers by 1e-3."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def choose(kind: str) -> torch.device:
    """The device of `kind`, or the preferred one for "auto". Raises `DeviceUnavailable`."""
    kinds = available()
    exact()
    if kind == "auto":
        return torch.device(kinds[0])
    if kind not in kinds:
        raise DeviceUnavailable(kind, kinds)
    return torch.device(kind)


def describe(device: torch.device) -> Device:
    """What to tell a person about `device`."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return Device(device.type, name, torch.get_num_threads())


@contextmanager
def explained(device: torch.device, samples: int) -> Iterator[None]:
    """Turn torch's errors about memory and a lost device into `OutOfMemory` and `DeviceLost`; others pass."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise OutOfMemory(samples) from error
    except RuntimeError as error:
        raise explain(error, device, samples) from error


def explain(error: RuntimeError, device: torch.device, samples: int) -> Exception:
    """What `error`, raised while computing `samples` on `device`, means; itself where it means nothing known."""
    text = str(error).lower()
    if any(sign in text for sign in OUT_OF_MEMORY):
        return OutOfMemory(samples)
    if device.type != "cpu" and any(sign in text for sign in LOST):
        return DeviceLost(device.type, str(error).splitlines()[0])
    return error


class DeviceContext:
    """All that belongs to the device of `kind`; each part is made when it is first needed.

    What is kept of past steps counts against `budget`. Raises `DeviceUnavailable`. A run goes on with the bench that
    it began with.
    """

    def __init__(
        self, cards: Mapping[str, Card], kind: str, cancelled: Callable[[], bool], budget: store.Budget
    ) -> None:
        self.models = Models(cards, choose(kind), cancelled)
        self.parts = IncrementalAnswer()
        self._budget = budget

    @cached_property
    def references(self) -> References:
        """Pictures to compare with."""
        from diffviz.engine.features import References

        return References(self.models)

    @cached_property
    def gans(self) -> Gans:
        """The GANs trained lately."""
        from diffviz.engine.families.gan import Gans
        from diffviz.engine.features import counting

        models = self.models
        return Gans(models.device, models.cancelled, lambda dataset: counting(dataset, models), self._budget)

    @cached_property
    def exact(self) -> Exact:
        """The ideal denoiser's answers."""
        from diffviz.engine.features import Exact

        return Exact()

    def share_threads(self, among: int) -> None:
        """Compute on one part in `among` of the threads there are, at least on one."""
        torch.set_num_threads(max(1, all_threads() // among))

    def forget(self, card: Card) -> None:
        """Keep nothing of the model of `card`, which is new, another one now, or gone."""
        self.models.forget(card.id)
        if card.family == "classifier" and "references" in self.__dict__:
            self.references.forget()

    def close(self) -> None:
        """Give back the memory that counts against the budget: another bench takes its place."""
        if "gans" in self.__dict__:
            self.gans.close()

    def evaluate_once(self, card: Card) -> None:
        """Load what a view of the model of `card` needs first, and let its network compute once."""
        if card.family == "diffusion":
            with torch.inference_mode():
                x = torch.zeros(1, *card.shape, device=self.models.device)
                self.models.net(card)(x, torch.ones(1, device=self.models.device), None)
        elif card.family in latent.FAMILIES:
            from diffviz.engine.families.path import autoencoder

            autoencoder(card.id, self.models)
            self.references.real(card)
