"""What images that were made are compared with: pictures of the data sets that models learnt, read once."""

from __future__ import annotations

from diffviz.domain.cards import Card
from diffviz.domain.errors import ModelNotFound
from diffviz.domain.gan import NearestReal, Neighbours
from diffviz.domain.queries import Later
from diffviz.engine.families.real import RealImages
from diffviz.engine.families.training_pictures import TrainingPictures
from diffviz.engine.models import Models


class References:
    """Real images and training pictures, seen through the classifiers among `models`."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._real: dict[tuple[str, tuple[int, ...]], RealImages | None] = {}
        self._training: dict[str, TrainingPictures] = {}

    def real(self, card: Card) -> RealImages | None:
        """The real images that those of `card` are compared with; None without them or a classifier."""
        dataset = str(card.dataset.get("name"))
        key = dataset, card.shape
        if key not in self._real:
            self._real[key] = self._read(dataset, card)
        return self._real[key]

    def nearest(self, query: NearestReal) -> Neighbours | Later:
        """The answer to `query`. Raises `ModelNotFound` without a classifier, `DataUnsuitable` without the pictures."""
        card = self._models.classifier(query.dataset)
        if card.id not in self._training:
            net, device = self._models.net(card), self._models.device
            self._training[card.id] = TrainingPictures(query.dataset, card, net, device)
            return Later()  # they have been read: enough for one answer
        return self._training[card.id].answer(query)

    def _read(self, dataset: str, card: Card) -> RealImages | None:
        try:
            classifier = self._models.classifier(dataset)
        except ModelNotFound:
            return None
        return RealImages.of(card, classifier, self._models.net(classifier), self._models.device)
