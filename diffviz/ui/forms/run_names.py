"""Names of runs, made from their requests or given by a person, and of where they start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from diffviz.domain.cards import Card
from diffviz.domain.requests import Image, Noise, Request, Start, Step
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.session.run import Run


def name_of(run: Run, cards: Mapping[str, Card]) -> str:
    """What `run` is called: its name, or what sets its request apart."""
    return run.name or describe(run.request, cards)


def describe(request: Request, cards: Mapping[str, Card]) -> str:
    """What sets `request` apart, in a few words."""
    return family_of(request).describe(request, cards)


def describe_start(start: Start) -> str:
    """Where a run starts, in a few words."""
    match start:
        case Noise():
            return tr("pure noise")
        case Image():
            return tr("{n} pictures").format(n=len(start.sha256))
        case Step():
            return family_of(start.of).moment(start.at)
        case _:
            assert_never(start)
