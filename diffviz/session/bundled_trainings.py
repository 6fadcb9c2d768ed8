"""Recorded trainings: models that carry the run that made them, to be seen as a whole at once and to be continued."""

from __future__ import annotations

from collections.abc import Mapping

from diffviz.domain.cards import TRACE, Card
from diffviz.domain.errors import DiffvizError, ModelDamaged
from diffviz.domain.export_settings import unwatched
from diffviz.domain.sentences import sentence
from diffviz.domain.text import mark as _
from diffviz.export import archive
from diffviz.session.run import Run
from diffviz.session.saving import load
from diffviz.session.session import Session


def recordings(cards: Mapping[str, Card]) -> tuple[Card, ...]:
    """The models that carry their training."""
    return tuple(card for card in cards.values() if card.family == "gan" and (card.folder / TRACE).is_file())


def open_recorded(card: Card, session: Session, slot: str) -> Run:
    """The training of `card` as a finished run of `session`. Raises `ModelDamaged` where it cannot be read."""
    path = card.folder / TRACE
    try:
        opened = load(archive.read(path), session, unwatched)
        saved = opened.saved.runs[0] if len(opened.saved.runs) == 1 else None
        if saved is None or opened.problems or not len(opened.stores[0]):
            raise ModelDamaged(path, opened.problems[0] if opened.problems else _("it does not hold one run"))
        run = session.adopt(saved.record.request, slot, opened.stores[0], None, saved.checkpoints)
        run.saved = run.mark
        return run
    except ModelDamaged:
        raise
    except DiffvizError as error:
        raise ModelDamaged(path, sentence(error)) from error
