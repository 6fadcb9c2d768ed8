"""Makes records: of a request, the pictures it starts from, the models it uses, and the versions that compute it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import lru_cache
from importlib import metadata

from diffviz import __version__
from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.record import Record, images_of
from diffviz.domain.requests import Request
from diffviz.domain.restoring import models_of

LIBRARIES = ("numpy", "torch", "Pillow")


def record_of(request: Request, images: Mapping[str, U8], cards: Mapping[str, Card], device: str = "") -> Record:
    """The record of the run of `request`, with those of `images` that it starts from."""
    models = {model: cards[model].sha256 for model in models_of(request) if model in cards}
    wanted = {name: images[name] for name in images_of(request) if name in images}
    return Record(request, wanted, models, device if models else "", versions())


@lru_cache(maxsize=1)
def versions() -> Mapping[str, str]:
    """Versions of the program, of Python and of the libraries that compute; without importing any."""
    found = {"diffviz": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name.lower()] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
