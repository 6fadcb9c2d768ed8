"""What the window's title says of the run on the screen."""

from __future__ import annotations

from collections.abc import Mapping

from diffviz.domain.cards import Card
from diffviz.session.run import Run
from diffviz.ui.forms.naming import name_of
from diffviz.ui.forms.share import percent_text


def title(run: Run | None, cards: Mapping[str, Card]) -> str:
    """What is on the screen, and how far it is, as the list of runs says it."""
    if run is None:
        return "diffviz"
    said = (percent_text(run), name_of(run, cards))
    return f"{' · '.join(text for text in said if text)} – diffviz"


def title_key(run: Run | None) -> object:
    """Equal for two looks at a run between which nothing happened that the bar or the title would tell."""
    return (run.id, run.name, run.status.final, percent_text(run), len(run.store) > 0) if run else None
