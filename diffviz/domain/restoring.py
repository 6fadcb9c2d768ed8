"""What a record from a file lacks on this machine: said before its run is computed again."""

from __future__ import annotations

from collections.abc import Mapping

from diffviz.domain.cards import Card
from diffviz.domain.record import Record, images_of
from diffviz.domain.requests import Request, ancestry
from diffviz.domain.text import tr, trn


def missing(record: Record, cards: Mapping[str, Card]) -> tuple[str, ...]:
    """Sentences on what the run of `record` cannot be computed without; none where nothing is missing."""
    models = [
        tr("The run needs the model “{model}”, which is not installed here.").format(model=model)
        for model in models_of(record.request)
        if model not in cards
    ]
    absent = sum(name not in record.images for name in images_of(record.request))
    text = trn("{n} picture that it starts from is missing.", "{n} pictures that it starts from are missing.", absent)
    return (*models, *((text.format(n=absent),) if absent else ()))


def differences(record: Record, cards: Mapping[str, Card]) -> tuple[str, ...]:
    """Sentences on what is not as it was: the run can be computed, but its pictures may differ."""
    return tuple(
        tr("The model “{model}” has other weights than when the file was written: the pictures may differ.").format(
            model=model
        )
        for model in models_of(record.request)
        if model in cards and record.models.get(model) and cards[model].sha256 != record.models[model]
    )


def models_of(request: Request) -> tuple[str, ...]:
    """Ids of the models that `request` and the runs it continues use."""
    names = (getattr(r, "model", None) for r in ancestry(request))
    return tuple(dict.fromkeys(name for name in names if name))
