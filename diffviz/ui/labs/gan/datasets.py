"""What the GAN lab can be about: data sets to train on, and trainings that were recorded."""

from __future__ import annotations

from collections.abc import Sequence

from diffviz.domain import samples
from diffviz.domain.gan import DATA, DATA_LABELS, GanRequest, Pictures
from diffviz.domain.settings import variant_key
from diffviz.domain.text import tr
from diffviz.session.bundled_trainings import open_recorded, recordings
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.labs.lab import Choice

PICTURES, RECORDED = "pictures/", "recorded/"
SLOT = "gan/recorded/"


class GanDatasets:
    """Keys of what can be chosen: a key of `DATA`, "pictures/NAME" or "recorded/MODEL"."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> tuple[Choice, ...]:
        """All there is to choose from."""
        plane = (Choice(key, tr("{name} · 2-D").format(name=tr(DATA_LABELS[key]))) for key in DATA if key != "pictures")
        pictures = (
            Choice(PICTURES + name.casefold(), tr("{name} · images").format(name=name)) for name in samples.datasets()
        )
        return (*plane, *pictures, *self._recordings())

    def first(self) -> str:
        """What is shown at first: a recorded training, or nothing."""
        return next((choice.key for choice in self._recordings()), "")

    def of(self, request: GanRequest, shown: Run | None) -> str:
        """The key of what `request` and the shown run are about."""
        if shown is not None and shown.slot.startswith(SLOT):
            return RECORDED + shown.slot.removeprefix(SLOT)
        if isinstance(request.data, Pictures):
            return PICTURES + request.data.dataset.casefold()
        return variant_key(DATA, request.data)

    def request(self, key: str) -> GanRequest | None:
        """The settings to begin with for data of `key`."""
        if key.startswith(PICTURES):
            return GanRequest(data=Pictures(key.removeprefix(PICTURES)))
        return GanRequest(data=DATA[key]()) if key in DATA else None

    def recorded(self, key: str) -> Run | None:
        """The recorded training of `key`, read when it is first wanted. Raises `ModelDamaged`."""
        card = self._session.cards.get(key.removeprefix(RECORDED)) if key.startswith(RECORDED) else None
        if card is None:
            return None
        slot = SLOT + card.id
        opened = next((run for run in self._session.runs if run.slot == slot), None)
        return opened or open_recorded(card, self._session, slot)

    def _recordings(self) -> Sequence[Choice]:
        cards = recordings(self._session.offered)
        text, tip = tr("{name} · recorded"), tr("A training that came with the program: to look at, and to continue")
        return [Choice(RECORDED + card.id, text.format(name=card.name), tip) for card in cards]
