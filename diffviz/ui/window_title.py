"""What the window's title says of the run on the screen."""

from __future__ import annotations

from collections.abc import Mapping

from diffviz.domain.cards import Card
from diffviz.session.run import Run, Status
from diffviz.ui.forms.naming import name_of
from diffviz.ui.forms.share import percent_text

STEP = 10


def title(run: Run | None, cards: Mapping[str, Card]) -> str:
    """What is on the screen, and how far it is, as the list of runs says it; in tens of a percent while it goes on."""
    if run is None:
        return "diffviz"
    said = (_how_far(run), name_of(run, cards))
    return f"{' · '.join(text for text in said if text)} – diffviz"


def title_key(run: Run | None) -> object:
    """Equal for two looks at a run between which nothing happened that the bar or the title would tell."""
    return (run.id, run.name, run.status.final, _how_far(run), len(run.store) > 0) if run else None


def _how_far(run: Run) -> str:
    """A desktop takes long to show another title: one for every percent would slow a quick run down."""
    return percent_text(run, STEP if run.status is Status.RUNNING else 1)
