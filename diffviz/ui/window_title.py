"""What the window's title says of the run on the screen."""

from __future__ import annotations

from collections.abc import Mapping

from diffviz.domain.cards import Card
from diffviz.session.run import Run
from diffviz.ui.forms.naming import describe


def title(run: Run | None, cards: Mapping[str, Card]) -> str:
    """What is on the screen, and how far it is."""
    if run is None:
        return "diffviz"
    done = "" if run.status.final else f"{10 * _tenths(run)}% · "
    return f"{done}{describe(run.request, cards)} – diffviz"


def title_key(run: Run | None) -> object:
    """Equal for two looks at a run between which nothing happened that the bar or the title would tell."""
    return (run.id, run.name, run.status.final, _tenths(run), len(run.store) > 0) if run else None


def _tenths(run: Run) -> int:
    """How far `run` is, in steps that are worth a new title."""
    return int(10 * run.progress)
