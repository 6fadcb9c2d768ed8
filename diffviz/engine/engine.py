"""The engine: turns requests into frames and queries into answers. The only owner of torch, networks and the device.

Importing this module does not import torch; the first model does.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from diffviz.domain.cards import Card, card_of
from diffviz.domain.errors import ImageWrongSize, ModelNotFound, NoSuchStep
from diffviz.domain.frames import Checkpoint, Frame
from diffviz.domain.gan import AskD, GanFrame, GanRequest, NearestReal, Neighbours
from diffviz.domain.ideal import is_ideal
from diffviz.domain.latent import FAMILIES, LatentQuery, PathRequest
from diffviz.domain.messages import Device, Materials
from diffviz.domain.nearest import AskIdeal, NearestImage
from diffviz.domain.objective import ObjectiveRequest, told
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.queries import Later, Query, Recognise, Recognised
from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest, Step, labels_of
from diffviz.domain.settings import check
from diffviz.domain.training import TrainRequest
from diffviz.engine.families import forward, neighbours
from diffviz.engine.memory import keep_freed
from diffviz.theory.gan import mixture_of
from diffviz.theory.plans import diffusion_model, plan_of, planar_data, planar_visited, schedule_of, visited

if TYPE_CHECKING:
    import torch
    from torch import nn

    from diffviz.engine.denoiser import Denoiser
    from diffviz.engine.families.autoencoder import Autoencoder
    from diffviz.engine.families.exact import Exact
    from diffviz.engine.families.gan import Gans
    from diffviz.engine.families.gan_look import Classify
    from diffviz.engine.families.real import RealImages
    from diffviz.engine.families.training_pictures import TrainingPictures


class LocalEngine:
    """Computes in this process, on `device` ("auto", "cuda", "mps" or "cpu"). Used from one thread only."""

    def __init__(self, cards: Mapping[str, Card], device: str = "auto") -> None:
        keep_freed()
        self._cards = cards
        self._kind = device
        self._nets: dict[str, nn.Module] = {}
        self._real: dict[str, RealImages | None] = {}
        self._training: dict[str, TrainingPictures] = {}
        self._exact: Exact | None = None
        self._gans: Gans | None = None
        self._cancelled: Callable[[], bool] = lambda: False

    def frames(self, request: Request, materials: Materials) -> Iterator[Frame | Checkpoint | Later]:
        """Compute `request`. Raises what is wrong with it, with its model, or with the device."""
        match request:
            case ForwardRequest():
                plan_of(request, self._cards)
                yield from self._forward(request, materials)
            case ReverseRequest():
                plan_of(request, self._cards)
                yield from self._reverse(request, materials)
            case PathRequest():
                plan_of(request, self._cards)
                yield from self._path(request, materials)
            case GanRequest():
                yield from self._gan(request, materials)
            case ObjectiveRequest():
                plan_of(request, self._cards)
                yield from self._objective(request, materials)
            case PlanarRequest():
                plan_of(request, self._cards)
                yield from self._planar(request, materials)
            case TrainRequest():
                yield from self._train(request)
            case _:
                raise TypeError(f"{type(request).__name__} is not computed here")

    def answer(self, query: Query) -> object:
        """Answer `query`. Raises `ModelNotFound` where no classifier knows the data set, or what else it lacks."""
        match query:
            case Recognise():
                return self._recognise(query)
            case LatentQuery():
                return self._latent(query)
            case AskD():
                return self._gans_there().answer(query)
            case NearestReal():
                return self._neighbours(query)
            case NearestImage():
                return neighbours.answer(query)
            case AskIdeal():
                return self._exact_there().answer(query)
            case _:
                raise TypeError(f"{type(query).__name__} is not answered here")

    def warm_up(self, model: str | None) -> Device:
        """Load torch and the weights of `model`, and evaluate once."""
        from diffviz.engine import devices

        device = self._device()
        if model is not None:
            self._evaluate_once(card_of(model, self._cards))
        return devices.describe(device)

    def use_device(self, kind: str) -> None:
        """Compute on `kind` from now on. Raises `DeviceUnavailable` and stays where it was."""
        from diffviz.engine import devices

        devices.choose(kind)
        self._kind = kind
        self._nets.clear()
        self._real.clear()
        self._training.clear()
        self._gans = None

    def interrupt_when(self, cancelled: Callable[[], bool]) -> None:
        """Ask `cancelled` between the blocks of a network and raise `Interrupted` where it holds."""
        self._cancelled = cancelled

    def net(self, card: Card) -> nn.Module:
        """The network of `card` on the device in force; loaded once."""
        from diffviz.engine.nets.layout import channels_last, direct
        from diffviz.engine.zoo import load_net

        if is_ideal(card):  # it is as its request asks for it, and made in no time from pictures that are kept
            return load_net(card)
        if card.id not in self._nets:
            net = direct(channels_last(load_net(card).to(self._device())))
            self._watch(net)
            self._nets[card.id] = net
        return self._nets[card.id]

    def _forward(self, request: ForwardRequest, materials: Materials) -> Iterator[Frame]:
        look = self._look(request, materials) if request.model is not None else None
        yield from forward.frames(request, materials, schedule_of(request, self._cards), look)

    def _look(self, request: ForwardRequest, materials: Materials) -> forward.Look:
        """What the request's model makes of x_t."""
        from diffviz.engine import devices
        from diffviz.engine.boundary import array, tensor
        from diffviz.engine.denoiser import visit

        card = diffusion_model(request, self._cards)
        x0 = _fitting(request, materials, card)
        denoise = self._denoiser(card, self._asked(card, request.label, len(x0)), 1.0, clip=False)
        schedule, device = schedule_of(request, self._cards), self._device()

        def look(x: forward.Floats, t: int) -> tuple[forward.Floats, forward.Floats]:
            import torch

            if t == 0:
                return x, np.zeros_like(x)
            with torch.inference_mode(), devices.explained(device, len(x)):
                x0, eps = denoise(tensor(x, device), visit(schedule, t))  # ε̂ as the loss takes it: unclipped
                return array(x0.clamp(-1, 1)), array(eps)

        return look

    def _reverse(self, request: ReverseRequest, materials: Materials) -> Iterator[Frame]:
        from diffviz.engine import devices
        from diffviz.engine.denoiser import visit
        from diffviz.engine.families import reverse

        card = diffusion_model(request, self._cards)
        schedule, device = schedule_of(request, self._cards), self._device()
        x = reverse.beginning(request, card.shape, self._origin(request, materials))
        if x.shape[1:] != card.shape:
            raise ImageWrongSize(x.shape[1:], card.shape)
        visits = [visit(schedule, t) for t in visited(request, self._cards)]
        with devices.explained(device, request.samples):
            asked = self._asked(card, request.label, request.samples)
            denoise = self._denoiser(card, asked, request.guidance, clip=request.clip)
            yield from reverse.frames(request, denoise, visits, x, device)

    def _objective(self, request: ObjectiveRequest, materials: Materials) -> Iterator[Frame]:
        from diffviz.engine import devices
        from diffviz.engine.families import objective

        card, device = diffusion_model(request, self._cards), self._device()
        x0 = _fitting(request, materials, card)
        asked = self._numbered(card, told(request, len(x0), len(card.classes)))

        def make(copies: int) -> Denoiser:
            return self._denoiser(card, copies * asked, 1.0, clip=request.clip)

        with devices.explained(device, len(x0)):
            yield from objective.frames(request, x0, make, schedule_of(request, self._cards), device)

    def _planar(self, request: PlanarRequest, materials: Materials) -> Iterator[Frame]:
        from diffviz.engine.denoiser import visit
        from diffviz.engine.families import planar

        schedule = schedule_of(request, self._cards)
        visits = [visit(schedule, t) for t in planar_visited(request, self._cards)]
        model = self._cards[request.model] if request.model else None
        learnt = self._denoiser(model, [], 1.0, clip=False) if model else None
        data, origin = mixture_of(planar_data(request, self._cards)), self._origin(request, materials)
        yield from planar.frames(request, data, visits, learnt, self._device(), origin)

    def _path(self, request: PathRequest, materials: Materials) -> Iterator[Frame | Later]:
        from diffviz.engine import devices
        from diffviz.engine.families import path

        with devices.explained(self._device(), path.BATCH):
            models = [self._autoencoder(name) for name in request.models]
            yield from path.frames(request, materials, models, self.real(models[0].card))

    def _latent(self, query: LatentQuery) -> object:
        from diffviz.engine.families import latent

        model = self._autoencoder(query.model)
        real = self.real(model.card) if latent.compares(query) else None
        later = next(real.seeing(), None) if real else None
        return later or latent.answer(query, model, real)

    def _autoencoder(self, name: str) -> Autoencoder:
        from diffviz.engine.families.autoencoder import Autoencoder

        card = card_of(name, self._cards)
        if card.family not in FAMILIES:
            raise ModelNotFound(name, tuple(c.id for c in self._cards.values() if c.family in FAMILIES))
        return Autoencoder.of(card, self.net(card), self._device())

    def real(self, card: Card) -> RealImages | None:
        """The real images that those of `card` are compared with, read once; None without them or a classifier."""
        from diffviz.engine.families.real import RealImages

        dataset = str(card.dataset.get("name"))
        key = f"{dataset} {card.shape}"
        if key not in self._real:
            try:
                classifier = self.classifier(dataset)
            except ModelNotFound:
                self._real[key] = None
            else:
                self._real[key] = RealImages.of(card, classifier, self.net(classifier), self._device())
        return self._real[key]

    def _gan(self, request: GanRequest, materials: Materials) -> Generator[GanFrame | Checkpoint, str | None, None]:
        from diffviz.engine import devices

        plan = plan_of(request, self._cards)
        with devices.explained(self._device(), request.batch):
            yield from self._gans_there().frames(request, plan.positions, materials.checkpoint)

    def _gans_there(self) -> Gans:
        from diffviz.engine.families.gan import Gans

        if self._gans is None:
            self._gans = Gans(self._device(), lambda: self._cancelled(), self._counting)
        return self._gans

    def _counting(self, dataset: str) -> Classify | None:
        """What counts images of `dataset` by class; None where no classifier knows it."""
        import torch

        from diffviz.engine.boundary import tensor

        try:
            card = self.classifier(dataset)
        except ModelNotFound:
            return None

        @torch.inference_mode()
        def count(images: forward.Floats) -> forward.Floats:
            seen = self.net(card)(tensor(images, self._device())).argmax(1)
            return torch.bincount(seen, minlength=len(card.classes)).float().cpu().numpy()

        return count

    def _neighbours(self, query: NearestReal) -> Neighbours | Later:
        from diffviz.engine.families.training_pictures import TrainingPictures

        card = self.classifier(query.dataset)
        if card.id not in self._training:
            self._training[card.id] = TrainingPictures(query.dataset, card, self.net(card), self._device())
            return Later()  # they have been read: enough for one answer
        return self._training[card.id].answer(query)

    def _exact_there(self) -> Exact:
        from diffviz.engine.families.exact import Exact

        if self._exact is None:
            self._exact = Exact()
        return self._exact

    def _train(self, request: TrainRequest) -> Iterator[Frame | Checkpoint]:
        from diffviz.engine import devices
        from diffviz.engine.training.loop import Training
        from diffviz.engine.training.tasks import task_for

        check(request)
        device = self._device()
        with devices.explained(device, request.batch):
            training = Training(task_for(request), device=device)
            self._watch(training.state.net)
            yield from training.frames()

    def _asked(self, card: Card, label: str | int, samples: int) -> list[int]:
        """What a conditional network is told of each sample; nothing for another one."""
        return self._numbered(card, labels_of(label, samples, len(card.classes)))

    def _numbered(self, card: Card, labels: Sequence[int | None]) -> list[int]:
        none = len(card.classes)
        return [none if y is None else y for y in labels] if card.conditional else []

    def _denoiser(self, card: Card, asked: list[int], guidance: float, *, clip: bool) -> Denoiser:
        import torch

        from diffviz.engine.denoiser import denoiser

        labels, none = torch.tensor(asked, device=self._device()) if asked else None, len(card.classes)
        return denoiser(self.net(card), card.prediction, labels, none, guidance, clip)

    def _origin(self, request: Request, materials: Materials) -> Frame | None:
        """The parent's frame that a continued run starts at: given, or computed again up to there."""
        start = request.start
        if not isinstance(start, Step) or materials.origin is not None:
            return materials.origin
        at = plan_of(start.of, self._cards).nearest(start.at)
        given = Materials(materials.images)
        for frame in self.frames(start.of, given):
            if isinstance(frame, Frame) and frame.position == at:
                return frame
        raise NoSuchStep(start.at)

    def _recognise(self, query: Recognise) -> Recognised:
        import torch

        from diffviz.engine.boundary import array, tensor

        card = self.classifier(query.dataset)
        with torch.inference_mode():
            logits = self.net(card)(tensor(query.images, self._device()))
            return Recognised(array(logits.softmax(1)), card.classes, query.key)

    def classifier(self, dataset: str) -> Card:
        """Card of the classifier of `dataset`. Raises `ModelNotFound`."""
        wanted = dataset.casefold()
        for card in self._cards.values():
            if card.family == "classifier" and str(card.dataset.get("name")).casefold() == wanted:
                return card
        raise ModelNotFound(dataset)

    def _evaluate_once(self, card: Card) -> None:
        import torch

        if card.family == "diffusion":
            with torch.inference_mode():
                x = torch.zeros(1, *card.shape, device=self._device())
                self.net(card)(x, torch.ones(1, device=self._device()), None)
        elif card.family in FAMILIES:
            self._autoencoder(card.id)
            self.real(card)

    def _watch(self, net: nn.Module) -> None:
        """Let a cancel reach into a long evaluation."""
        from diffviz.engine.interrupts import Interruptible

        Interruptible(net, lambda: self._cancelled())

    def _device(self) -> torch.device:
        from diffviz.engine import devices

        return devices.choose(self._kind)


def _fitting(request: Request, materials: Materials, card: Card) -> forward.Floats:
    """The request's pictures in [-1, 1], (N, C, H, W). Raises `ImagesMissing`, and `ImageWrongSize` for `card`."""
    pixels = forward.pictures(request, materials)
    x0 = forward.unit(pixels)
    if x0.shape[1:] != card.shape:
        raise ImageWrongSize(pixels.shape[1:], card.pixels)
    return x0
